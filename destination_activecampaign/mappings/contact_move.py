"""A contact gets another email: the one change that is made by the contact's id, and before anything else of its row."""

from __future__ import annotations

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.errors import NotFound, RequestRefused
from destination_activecampaign.mappings.lookups import Contact, NotOne, has_user
from destination_activecampaign.mappings.outcome import Rejected
from destination_activecampaign.mappings.whose import CHANGED_MEANWHILE, EMAIL_TAKEN


class EmailChange:
    """Changes emails. The contact is looked for once more by its user id: it is the only one that may be touched."""

    def __init__(self, contacts: Contacts, external_id_field: int | None) -> None:
        self._contacts = contacts
        self._external_id_field = external_id_field

    def apply(self, user_id: str, email: str, *, may_change: bool) -> Contact | Rejected:
        """Give the contact of *user_id* this email and return it; else return why it could not be.

        `may_change`: False where the contact must have the email already.
        MISSING and TAKEN: no contact has the user id; TAKEN: *email* belongs to another user, too.
        """
        if self._external_id_field is None:
            return NotOne.MISSING
        found = self._contacts.find_by_field(self._external_id_field, user_id)
        if len(found) > 1:
            return NotOne.AMBIGUOUS
        try:
            if found:
                return self._changed(found[0], email, may_change=may_change)
        except NotFound:
            pass  # deleted between two requests
        return NotOne.TAKEN if has_user(self._contacts, email, self._external_id_field) else NotOne.MISSING

    def _changed(self, contact: int, email: str, *, may_change: bool) -> str | Rejected:
        if self._contacts.get(contact).email == email:
            return email
        if not may_change:
            return CHANGED_MEANWHILE
        try:
            self._contacts.update(contact, {"contact": {"email": email}})
        except NotFound:
            raise
        except RequestRefused as error:
            # Documented: an email that another contact has is answered with 422 and this code.
            return EMAIL_TAKEN if "duplicate" in error.codes else Rejected("row_refused", "email", error.message)
        return email
