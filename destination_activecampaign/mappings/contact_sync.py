"""The single route: one contact a request, for accounts whose imports cannot be used.

Order: fields, then lists, then tags, so that an automation that starts with a tag sees the rest.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.api.once import Once
from destination_activecampaign.errors import RequestRefused
from destination_activecampaign.mappings.contact import ContactChange, Membership
from destination_activecampaign.mappings.contact_single import SingleRequests
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Written


class SyncRoute:
    """Writes whole changes by `contact/sync` and what follows it. Called from several threads.

    `tag_ids`: lower-case name → id, extended as tags are created.
    """

    def __init__(self, contacts: Contacts, singles: SingleRequests, tag_ids: Once[str, int]) -> None:
        self._contacts = contacts
        self._singles = singles
        self._tag_ids = tag_ids

    def write(self, change: ContactChange) -> Outcome:
        """Apply *change*. Raises TransientError and what `Contacts` raises of answers that must not be."""
        try:
            record = self._contacts.sync({"contact": self._body(change)})
        except RequestRefused as error:
            return Rejected("row_refused", "", error.message)
        refused: list[PartRefused] = []
        phone = change.basics.get("phone")
        if isinstance(phone, str) and phone != record.phone:
            # Not in the upsert: that may match another contact by its phone (uncertain).
            try:
                self._contacts.update(record.id, {"contact": {"phone": phone}})
            except RequestRefused as error:
                refused.append(PartRefused("request_refused", "phone", error.message))
        for list_id, asked in change.lists.items():
            if asked is Membership.UNSUBSCRIBE:
                self._contacts.set_membership(record.id, list_id, asked.value)
        taken = self._singles.finish(record, change, subscribed=False)
        for key, name in change.tags.added.items():
            try:
                self._contacts.add_tag(record.id, self._tag_ids.get(key, partial(self._contacts.create_tag, name)))
            except RequestRefused as error:
                refused.append(PartRefused("request_refused", "tags", error.message))
        return Written((*refused, *taken))

    @staticmethod
    def _body(change: ContactChange) -> dict[str, Any]:
        body: dict[str, Any] = {"email": change.email}
        body |= {key: value for key, value in change.basics.items() if isinstance(value, str) and key != "phone"}
        values = [{"field": str(id_), "value": value} for id_, value in change.fields.items() if isinstance(value, str)]
        if values:
            body["fieldValues"] = values
        return body
