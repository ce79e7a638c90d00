"""Single requests for one contact: what must be taken away or forced, after its import is confirmed.

By difference: the contact is read once, with what hangs on it or every collection to its last page, and only what differs
is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from destination_activecampaign.api.contacts import ContactRecord, Contacts, ContactTag
from destination_activecampaign.api.once import Once
from destination_activecampaign.api.sideloads import LISTS, TAGS, VALUES
from destination_activecampaign.errors import NotFound, RequestRefused
from destination_activecampaign.mappings.contact import CLEAR, ContactChange, Membership, Removal
from destination_activecampaign.mappings.contact_ids import ContactIds
from destination_activecampaign.mappings.contact_import import subscriptions
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Written
from destination_activecampaign.mappings.whose import NOTHING_TO_REMOVE

FoundContact: TypeAlias = ContactRecord
"""A contact as it was read; `sync` knows it by this name, as it may not reach into `api`."""

NOT_RESUBSCRIBED = (
    "The contact has left this list or bounced, and is not subscribed again. Add the list to `resubscribe` to force it."
)

WOULD_RUN_AUTOMATIONS = (
    "Subscribing this contact takes a single request, which runs automations; `run_automations` is off."
)


def not_resubscribed(list_id: int) -> PartRefused:
    """Return what is told of a subscription that was left out."""
    return PartRefused("not_resubscribed", f"list {list_id}", NOT_RESUBSCRIBED, list_id)


@dataclass(frozen=True, slots=True)
class _Step:
    """A request that changes one thing. `part`: what of the row it is about."""

    part: str
    send: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one contact would take. `requests`: beside the one that reads it; `exists`: whether it does by now."""

    requests: int
    exists: bool


class SingleRequests:
    """Applies the part of a change that no import can do.

    `tag_names`: tag id → lower-case name, asked for where a tag was created meanwhile.
    """

    def __init__(
        self, contacts: Contacts, tag_names: Once[int, str], resubscribe: frozenset[int], *, run_automations: bool
    ) -> None:
        self._contacts = contacts
        self._tag_names = tag_names
        self._resubscribe = resubscribe
        self._run_automations = run_automations

    def needed(self, change: ContactChange) -> bool:
        """Whether *change* asks for anything that an import cannot do."""
        takes_away = change.tags.takes_away or change.cleared or change.removal is not None
        return takes_away or bool(self._forced(change))

    def read_together(self, changes: Sequence[tuple[ContactChange, bool]], ids: ContactIds) -> dict[str, ContactRecord]:
        """Return the contacts of at most PAGE (change, subscribed) pairs by email, as far as one request brings them.

        What is missing, `apply` looks for: a contact that is too new for the index, or has another email now.
        """
        found = {change.email: ids.find(change.email) for change, _ in changes}
        if sum(contact_id is None for contact_id in found.values()) > 1:
            ids.load()
            found = {email: ids.find(email) for email in found}
        known = [contact_id for contact_id in found.values() if contact_id is not None]
        if not known:
            return {}
        hanging = {key for change, subscribed in changes for key in self._hanging(change, subscribed=subscribed)}
        try:
            records = self._contacts.read_many(known, sorted(hanging))
        except RequestRefused:
            return {}
        return {record.email: record for record in records if record.email in found}

    def apply(self, change: ContactChange, *, subscribed: bool = True, record: ContactRecord | None = None) -> Outcome:
        """Take away and force what *change* asks for. `record`: the contact, where it was just read.

        `subscribed`: False where the import went without its subscriptions, which are then made one by one, to the
        lists that the contact has no membership of at all.
        """
        if record is None:
            record = self._contacts.find(change.email, self._hanging(change, subscribed=subscribed))
        if change.removal is not None:
            return NOTHING_TO_REMOVE if record is None else self._remove(record, change)
        if record is None:
            return Rejected(
                "contact_missing",
                "email",
                "The import was confirmed, but no contact has this email: it may have been deleted meanwhile. Sync it again.",
            )
        return Written(tuple(self.finish(record, change, subscribed=subscribed)))

    def _remove(self, record: ContactRecord, change: ContactChange) -> Outcome:
        """Do what a soft delete asks for: all of it, or the row is rejected."""
        try:
            for step in self._steps(record, change, subscribed=True):
                if isinstance(step, _Step):
                    step.send()
        except NotFound:
            return NOTHING_TO_REMOVE  # somebody deletes it just now
        except RequestRefused as error:
            return Rejected("row_refused", "", error.message)
        return Written()

    def finish(self, record: ContactRecord, change: ContactChange, *, subscribed: bool) -> list[PartRefused]:
        """Do what `apply` does for a contact that was just read; returns the parts that were refused."""
        refused: list[PartRefused] = []
        try:
            for step in self._steps(record, change, subscribed=subscribed):
                if isinstance(step, PartRefused):
                    refused.append(step)
                    continue
                try:
                    step.send()
                except RequestRefused as error:
                    refused.append(PartRefused("request_refused", step.part, error.message))
        except RequestRefused as error:
            # The contact could not be read any further, say because somebody deletes it just now.
            refused.append(PartRefused("request_refused", "", error.message))
        return refused

    def forecast(self, change: ContactChange, *, adds_tags: bool = False) -> Forecast:
        """Return what `apply` would take; reads the contact as `apply` does, changes nothing.

        `adds_tags`: whether the tags that are missing are added one by one, too.
        """
        hanging = self._hanging(change, subscribed=True)
        record = self._contacts.find(change.email, hanging)
        if record is None:
            return Forecast(len(change.tags.added) if adds_tags else 0, exists=False)
        came = {TAGS: record.tags, VALUES: record.values, LISTS: record.memberships}
        reads = sum(came[key] is None for key in hanging)
        record = self.with_tags(record, change)
        steps = sum(isinstance(step, _Step) for step in self._steps(record, change, subscribed=True))
        return Forecast(reads + steps + (len(self.missing_tags(record, change)) if adds_tags else 0), exists=True)

    def with_tags(self, record: ContactRecord, change: ContactChange) -> ContactRecord:
        """Return *record* with its tags where *change* asks what they are. Raises RequestRefused."""
        if record.tags is not None or not change.tags.takes_away:
            return record
        return replace(record, tags=tuple(self._contacts.contact_tags(record.id)))

    def missing_tags(self, record: ContactRecord, change: ContactChange) -> dict[str, str]:
        """Return the tags that are to be added; those that the contact has and keeps are left out where they were read."""
        kept = {name for name in map(self._tag_name_of, record.tags or ()) if not _goes(name, change)}
        return {name: spelled for name, spelled in change.tags.added.items() if name not in kept}

    def _hanging(self, change: ContactChange, *, subscribed: bool) -> list[str]:
        """Return what must be known of the contact, and is asked for with it: each may spare a request."""
        lists = change.removal is Removal.UNSUBSCRIBE_ALL or bool(self._forced(change)) or not subscribed
        asked = (TAGS, change.tags.takes_away), (VALUES, CLEAR in change.fields.values()), (LISTS, lists)
        return [key for key, needed in asked if needed]

    def _steps(
        self, record: ContactRecord, change: ContactChange, *, subscribed: bool
    ) -> Iterator[_Step | PartRefused]:
        """Yield what differs, as requests to send: values, then lists, then tags; or a removal."""
        yield from self._removal(record, change.removal)
        yield from self._cleared_values(record, change)
        yield from self._forced_lists(record, change)
        if not subscribed and subscriptions(change, self._resubscribe):
            yield from self._new_lists(record, change)
        yield from self._removed_tags(record, change)

    def _removal(self, record: ContactRecord, removal: Removal | None) -> Iterator[_Step]:
        if removal is Removal.DELETE:
            yield _Step("", partial(self._contacts.delete, record.id))
        elif removal is Removal.UNSUBSCRIBE_ALL:
            status = Membership.UNSUBSCRIBE.value
            for list_id, now in self._statuses(record).items():
                if now != status:
                    yield _Step("lists", partial(self._contacts.set_membership, record.id, list_id, status))

    def _forced(self, change: ContactChange) -> list[int]:
        return [
            id_ for id_, asked in change.lists.items() if asked is Membership.SUBSCRIBE and id_ in self._resubscribe
        ]

    def _cleared_values(self, record: ContactRecord, change: ContactChange) -> Iterator[_Step]:
        fields = {id_ for id_, value in change.fields.items() if value is CLEAR}
        if fields:
            for value in self._contacts.field_values(record.id) if record.values is None else record.values:
                if value.field_id in fields and value.value:
                    yield _Step("null values", partial(self._contacts.delete_field_value, value.id))
        now = {"firstName": record.first_name, "lastName": record.last_name, "phone": record.phone}
        basics = {key: "" for key, value in change.basics.items() if value is CLEAR and now[key]}
        if basics:
            yield _Step("null values", partial(self._empty, record.id, basics))

    def _empty(self, contact_id: int, basics: dict[str, str]) -> None:
        # That an empty text empties a basic field is assumed; nothing documented does it.
        now = self._contacts.update(contact_id, {"contact": basics})
        left = {"firstName": now.first_name, "lastName": now.last_name, "phone": now.phone}
        if any(left[key] for key in basics):
            raise RequestRefused("ActiveCampaign kept a name or phone that was to be emptied. Empty it there.", 200)

    def _forced_lists(self, record: ContactRecord, change: ContactChange) -> Iterator[_Step]:
        forced = self._forced(change)
        if forced:
            statuses = self._statuses(record)
            for list_id in forced:
                if statuses.get(list_id) != Membership.SUBSCRIBE.value:
                    yield self._subscription(record, list_id)

    def _new_lists(self, record: ContactRecord, change: ContactChange) -> Iterator[_Step | PartRefused]:
        statuses = self._statuses(record)
        for list_id in subscriptions(change, self._resubscribe):
            if statuses.get(list_id) == Membership.SUBSCRIBE.value:
                continue
            if list_id in statuses:
                yield not_resubscribed(list_id)
            elif self._run_automations:
                yield self._subscription(record, list_id)
            else:
                yield PartRefused("would_run_automations", f"list {list_id}", WOULD_RUN_AUTOMATIONS, list_id)

    def _statuses(self, record: ContactRecord) -> dict[int, int]:
        memberships = self._contacts.memberships(record.id) if record.memberships is None else record.memberships
        return {membership.list_id: membership.status for membership in memberships}

    def _removed_tags(self, record: ContactRecord, change: ContactChange) -> Iterator[_Step]:
        if change.tags.takes_away:
            for link in self.with_tags(record, change).tags or ():
                if _goes(self._tag_name_of(link), change):
                    yield _Step("tags", partial(self._contacts.remove_tag, link.id))

    def _subscription(self, record: ContactRecord, list_id: int) -> _Step:
        status = Membership.SUBSCRIBE.value
        return _Step("lists", partial(self._contacts.set_membership, record.id, list_id, status))

    def _tag_name_of(self, link: ContactTag) -> str:
        """Return the lower-case name of a tag; one request for each that the directory did not hold at the start."""

        def ask() -> str:
            return (self._contacts.tag_name(link.tag_id) or "").lower()

        return self._tag_names.get(link.tag_id, ask)


def _goes(name: str, change: ContactChange) -> bool:
    """Whether a tag that a contact has is taken off."""
    return bool(name) and (name not in change.tags.added if change.tags.reset else name in change.tags.removed)
