"""The single route: one contact a request, for accounts whose imports cannot be used.

Order: fields, then lists, then tags, so that an automation that starts with a tag sees the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from destination_activecampaign.api.contacts import ContactRecord, Contacts
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
        steps: list[tuple[str, Callable[[], object]]] = []
        phone = change.basics.get("phone")
        if isinstance(phone, str) and phone != record.phone:
            # Not in the upsert: that may match another contact by its phone (uncertain).
            steps.append(("phone", partial(self._contacts.update, record.id, {"contact": {"phone": phone}})))
        for list_id, asked in change.lists.items():
            if asked is Membership.UNSUBSCRIBE:
                steps.append(("lists", partial(self._contacts.set_membership, record.id, list_id, asked.value)))
        refused = _sent(steps)
        record = self._with_tags(record, change)
        refused += self._singles.finish(record, change, subscribed=False)
        tags = self._missing_tags(record, change)
        return Written((*refused, *_sent([("tags", partial(self._tag, record.id, *tag)) for tag in tags.items()])))

    def _with_tags(self, record: ContactRecord, change: ContactChange) -> ContactRecord:
        try:
            return self._singles.with_tags(record, change)
        except RequestRefused:
            return record  # told when what goes cannot be taken off

    def _missing_tags(self, record: ContactRecord, change: ContactChange) -> dict[str, str]:
        try:
            return self._singles.missing_tags(record, change)
        except RequestRefused:
            return change.tags.added  # which the contact has cannot be told: adding one again changes nothing

    def _tag(self, contact_id: int, key: str, name: str) -> None:
        self._contacts.add_tag(contact_id, self._tag_ids.get(key, partial(self._contacts.create_tag, name)))

    @staticmethod
    def _body(change: ContactChange) -> dict[str, Any]:
        body: dict[str, Any] = {"email": change.email}
        body |= {key: value for key, value in change.basics.items() if isinstance(value, str) and key != "phone"}
        values = [{"field": str(id_), "value": value} for id_, value in change.fields.items() if isinstance(value, str)]
        if values:
            body["fieldValues"] = values
        return body


def _sent(steps: Iterable[tuple[str, Callable[[], object]]]) -> list[PartRefused]:
    """Send requests, each about a part of the row; returns the parts that were refused."""
    refused = []
    for part, send in steps:
        try:
            send()
        except RequestRefused as error:
            refused.append(PartRefused("request_refused", part, error.message))
    return refused
