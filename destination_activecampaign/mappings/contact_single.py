"""Single requests for one contact: what must be taken away or forced, after its import is confirmed.

By difference: the contact is read once, every collection to its last page, and only what differs is changed.
"""

from __future__ import annotations

from collections.abc import Callable

from destination_activecampaign.api.contacts import ContactRecord, Contacts
from destination_activecampaign.api.once import Once
from destination_activecampaign.errors import RequestRefused
from destination_activecampaign.mappings.contact import CLEAR, ContactChange, Membership
from destination_activecampaign.mappings.contact_import import subscriptions
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Written

NOT_RESUBSCRIBED = (
    "The contact has left this list or bounced, and is not subscribed again. Add the list to `resubscribe` to force it."
)


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
        return change.tags.takes_away or change.cleared or bool(self._forced(change))

    def apply(self, change: ContactChange, *, subscribed: bool = True) -> Outcome:
        """Take away and force what *change* asks for.

        `subscribed`: False where the import went without its subscriptions, which are then made one by one, to the
        lists that the contact has no membership of at all.
        """
        record = self._contacts.find(change.email)
        if record is None:
            return Rejected(
                "contact_missing",
                "email",
                "The import was confirmed, but no contact has this email: it may have been deleted meanwhile. Sync it again.",
            )
        return Written(tuple(self.finish(record, change, subscribed=subscribed)))

    def finish(self, record: ContactRecord, change: ContactChange, *, subscribed: bool) -> list[PartRefused]:
        """Do what `apply` does for a contact that was just read; returns the parts that were refused."""
        refused: list[PartRefused] = []
        steps: dict[str, Callable[[ContactRecord, ContactChange], None]] = {
            "null values": self._clear_values,
            "lists": self._force_lists,
            "tags": self._remove_tags,
        }
        for part, step in steps.items():
            try:
                step(record, change)
            except RequestRefused as error:
                refused.append(PartRefused("request_refused", part, error.message))
        if not subscribed and subscriptions(change, self._resubscribe):
            refused += self._subscribe_new(record, change)
        return refused

    def _forced(self, change: ContactChange) -> list[int]:
        return [
            id_ for id_, asked in change.lists.items() if asked is Membership.SUBSCRIBE and id_ in self._resubscribe
        ]

    def _clear_values(self, record: ContactRecord, change: ContactChange) -> None:
        fields = {id_ for id_, value in change.fields.items() if value is CLEAR}
        if fields:
            for value in self._contacts.field_values(record.id):
                if value.field_id in fields and value.value:
                    self._contacts.delete_field_value(value.id)
        basics = {key: "" for key, value in change.basics.items() if value is CLEAR}
        if basics:
            # That an empty text empties a basic field is assumed; nothing documented does it.
            self._contacts.update(record.id, {"contact": basics})

    def _force_lists(self, record: ContactRecord, change: ContactChange) -> None:
        forced = self._forced(change)
        if not forced:
            return
        statuses = {membership.list_id: membership.status for membership in self._contacts.memberships(record.id)}
        for list_id in forced:
            if statuses.get(list_id) != Membership.SUBSCRIBE.value:
                self._contacts.set_membership(record.id, list_id, Membership.SUBSCRIBE.value)

    def _remove_tags(self, record: ContactRecord, change: ContactChange) -> None:
        if not change.tags.takes_away:
            return
        for link in self._contacts.contact_tags(record.id):
            name = self._tag_name(link.tag_id)
            if name and (name not in change.tags.added if change.tags.reset else name in change.tags.removed):
                self._contacts.remove_tag(link.id)

    def _tag_name(self, tag_id: int) -> str:
        """Return the lower-case name of a tag; one request for each that the directory did not hold at the start."""

        def ask() -> str:
            return (self._contacts.tag_name(tag_id) or "").lower()

        return self._tag_names.get(tag_id, ask)

    def _subscribe_new(self, record: ContactRecord, change: ContactChange) -> list[PartRefused]:
        wanted = subscriptions(change, self._resubscribe)
        members = {membership.list_id for membership in self._contacts.memberships(record.id)}
        refused = [
            PartRefused("not_resubscribed", f"list {list_id}", NOT_RESUBSCRIBED)
            for list_id in wanted
            if list_id in members
        ]
        for list_id in wanted:
            if list_id in members:
                continue
            if self._run_automations:
                self._contacts.set_membership(record.id, list_id, Membership.SUBSCRIBE.value)
            else:
                refused.append(
                    PartRefused(
                        "would_run_automations",
                        f"list {list_id}",
                        "Subscribing this contact takes a single request, which runs automations; `run_automations` is off.",
                    )
                )
        return refused
