"""Questions that a row can ask of the account: is there a contact with this email, and whose user id is this.

Every answer that names a contact has been compared with what was asked: ActiveCampaign ignores filters that it does not
know and would answer with somebody else (observed).
"""

from __future__ import annotations

import hashlib
from enum import Enum
from functools import partial
from typing import TypeAlias

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.errors import NotFound
from destination_activecampaign.mappings.account_index import AccountIndex

PAGE = 100
"""Contacts, or field values, in one answer (documented maximum)."""


class NotOne(Enum):
    """Why a user id names no contact.

    `TAKEN`: none has it, and the email that it is to get is somebody else's. `GONE`: this sync deleted its contact.
    """

    MISSING = "missing"
    GONE = "gone"
    AMBIGUOUS = "ambiguous"
    TAKEN = "taken"


Contact: TypeAlias = str | NotOne
"""The email that a user id stands for, or why there is none."""


def digest(text: str) -> int:
    """Return 8 bytes of *text*'s hash as a signed integer, which SQLite holds in the least room."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def has_user(contacts: Contacts, email: str, external_id_field: int | None) -> bool:
    """Ask whether there is a contact with this email that has a user id."""
    found = contacts.find(email)
    return found is not None and _has_user(contacts, found.id, external_id_field)


def _has_user(contacts: Contacts, contact: int, external_id_field: int | None) -> bool:
    try:
        values = contacts.field_values(contact)
    except NotFound:
        return False  # deleted between two requests
    return any(value.field_id == external_id_field and value.value for value in values)


class LookUps:
    """Asks the account, one question a call, until an index of all answers is loaded.

    `external_id_field`: id of the custom field that holds user ids; None where the account has none, so that no user id
    is known. `index`: where all answers go. Called from several threads.
    """

    def __init__(self, contacts: Contacts, external_id_field: int | None, index: AccountIndex | None = None) -> None:
        self._contacts = contacts
        self._external_id_field = external_id_field
        self._index = AccountIndex() if index is None else index

    # contacts by email

    def exists(self, email: str) -> bool:
        """Whether a contact has this email (lower case)."""
        return self._contact_with(email) is not None

    def emails_cost(self) -> int:
        """Return how many requests `load_emails` would take."""
        return 0 if self._index.has_emails else -(-self._contacts.count() // PAGE)

    def load_emails(self) -> None:
        """Read the emails of all contacts once."""
        if not self._index.has_emails:
            self._index.load_emails(self._contacts.list_emails)

    # contacts by user id

    def contact_of(self, user_id: str) -> Contact:
        """Return the email of the one contact that has this user id."""
        if self._external_id_field is None:
            return NotOne.MISSING
        if self._index.has_users:
            found = self._index.contacts_of(user_id)
        else:
            found = self._contacts.find_by_field(self._external_id_field, user_id)
        if len(found) != 1:
            return NotOne.AMBIGUOUS if found else NotOne.MISSING
        return self._email_of(found[0])

    def user_ids_cost(self) -> int:
        """Return how many requests `load_user_ids` would take."""
        if self._external_id_field is None or self._index.has_users:
            return 0
        return -(-self._contacts.count_of_field(self._external_id_field) // PAGE)

    def load_user_ids(self) -> None:
        """Read all values of the external id field once."""
        if self._external_id_field is not None:
            self._index.load_users(partial(self._contacts.values_of_field, self._external_id_field))

    # contacts by user id that may be new

    def contact_for(self, user_id: str, email: str) -> Contact:
        """Return what `contact_of` does; TAKEN where none has *user_id* and *email* belongs to another user.

        `email`: what the contact's is to be, empty where no contact is to be created.
        """
        found = self.contact_of(user_id)
        return NotOne.TAKEN if found is NotOne.MISSING and email and self.has_user(email) else found

    def has_user(self, email: str) -> bool:
        """Whether there is a contact with this email that has a user id."""
        contact = self._contact_with(email)
        if contact is None:
            return False
        if self._index.has_users:
            return self._index.has_user(contact)
        return _has_user(self._contacts, contact, self._external_id_field)

    def contacts_cost(self) -> int:
        """Return how many requests `load_contacts` would take."""
        return self.emails_cost() + self.user_ids_cost()

    def load_contacts(self) -> None:
        """Make `contact_for` answer without requests."""
        self.load_user_ids()
        self.load_emails()

    def _contact_with(self, email: str) -> int | None:
        if self._index.has_emails:
            return self._index.contact_with(email)
        found = self._contacts.find(email)
        return None if found is None else found.id

    def _email_of(self, contact: int) -> Contact:
        known = self._index.email_of(contact) if self._index.has_emails else None
        if known is not None:
            return known or NotOne.MISSING
        try:
            return self._contacts.get(contact).email or NotOne.MISSING
        except NotFound:
            return NotOne.MISSING
