"""The import route: up to 250 contacts in one request, for all that is set or added.

What an import cannot do (take away, force) is `contact_single`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from destination_activecampaign.api.imports import ImportInfo, ImportRefused, Imports
from destination_activecampaign.mappings.contact import ContactChange, Membership

ImportStatus: TypeAlias = ImportInfo

# Snake case here, camel case everywhere else of the API; a wrongly spelled key is dropped silently (observed).
BASICS = {"firstName": "first_name", "lastName": "last_name", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The import is queued; nothing is written yet. `queued`: contacts that ActiveCampaign says it took."""

    batch_id: str
    queued: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The whole import was refused. `rows`: 0-based index → ActiveCampaign's words; empty where it names no row."""

    rows: Mapping[int, str]


def import_body(change: ContactChange, resubscribe: frozenset[int], *, subscribes: bool = True) -> dict[str, Any]:
    """Return the contact as an import takes it (documented).

    A list in *resubscribe* is left out: an import never resubscribes, so it takes a single request anyway.
    """
    body: dict[str, Any] = {"email": change.email}
    for key, value in change.basics.items():
        if isinstance(value, str):
            body[BASICS[key]] = value
    if change.tags.added:
        body["tags"] = list(change.tags.added.values())
    fields = [{"id": id_, "value": value} for id_, value in change.fields.items() if isinstance(value, str)]
    if fields:
        body["fields"] = fields
    subscribe = [{"listid": id_} for id_ in subscriptions(change, resubscribe)] if subscribes else []
    unsubscribe = [{"listid": id_} for id_, asked in change.lists.items() if asked is Membership.UNSUBSCRIBE]
    if subscribe:
        body["subscribe"] = subscribe
    if unsubscribe:
        body["unsubscribe"] = unsubscribe
    return body


def subscriptions(change: ContactChange, resubscribe: frozenset[int]) -> list[int]:
    """Return the lists that an import is asked to subscribe the contact to."""
    return [id_ for id_, asked in change.lists.items() if asked is Membership.SUBSCRIBE and id_ not in resubscribe]


class ImportRoute:
    """Sends imports and asks how they ended. `run_automations`: whether the account's automations see them."""

    def __init__(self, imports: Imports, resubscribe: frozenset[int], *, run_automations: bool) -> None:
        self._imports = imports
        self._resubscribe = resubscribe
        self._run_automations = run_automations

    def measure(self, change: ContactChange) -> int:
        """Return the bytes that *change* takes in an import's body, its comma included."""
        return len(orjson.dumps(self._contact(change, subscribes=True))) + 1

    def subscriptions(self, change: ContactChange) -> list[int]:
        """Return the lists that the import of *change* subscribes to."""
        return subscriptions(change, self._resubscribe)

    def submit(self, contacts: Sequence[tuple[ContactChange, bool]], seconds: float) -> Accepted | Refused:
        """Queue an import of (change, whether it may subscribe) pairs, no email twice, trying for *seconds*.

        Raises TransientError where no answer tells whether it was taken, RequestRefused for other 4xx answers.
        """
        body: dict[str, Any] = {"contacts": [self._contact(change, subscribes=flag) for change, flag in contacts]}
        if not self._run_automations:
            body["exclude_automations"] = True
        try:
            submitted = self._imports.submit(orjson.dumps(body), len(contacts), seconds)
        except ImportRefused as refused:
            return Refused({row - 1: reason for row, reason in refused.rows.items()})
        return Accepted(submitted.batch_id, submitted.queued)

    def poll(self, batch_id: str) -> ImportStatus:
        """Ask how an import stands."""
        return self._imports.info(batch_id)

    def outstanding(self) -> int:
        """Return how many contacts of earlier imports are still to be worked off."""
        return self._imports.outstanding()

    def _contact(self, change: ContactChange, *, subscribes: bool) -> dict[str, Any]:
        body = import_body(change, self._resubscribe, subscribes=subscribes)
        if not self._run_automations:
            # The vendor's example shows it in each contact, three others at the top level: both are sent.
            body["exclude_automations"] = True
        return body
