"""What must be known before a row can be sent: whose user id it has, and whether its contact exists.

Answered by what this sync knows, then by the account.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeAlias

from destination_activecampaign.mappings.base import MappedContact, MappedEvent, MappedVisit
from destination_activecampaign.mappings.lookups import Contact, NotOne
from destination_activecampaign.mappings.whose import AMBIGUOUS, CONTACT_MISSING
from destination_activecampaign.sync.by_user_id import ByUserId, QueueContact, asked
from destination_activecampaign.sync.entries import ContactEntry, EventEntry, Row
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.lanes import Lanes
from destination_activecampaign.sync.questions import Questions
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People

QueueEvent: TypeAlias = Callable[[Row, str, MappedEvent | MappedVisit], None]


class Answers(Protocol):
    """Where answers come from, see `LookUps`."""

    def exists(self, email: str) -> bool:
        """Whether a contact has this email."""

    def emails_cost(self) -> int:
        """Return how many requests `load_emails` takes."""

    def load_emails(self) -> None:
        """Make `exists` answer without requests."""

    def contact_of(self, user_id: str) -> Contact:
        """Return whom a user id stands for."""

    def user_ids_cost(self) -> int:
        """Return how many requests `load_user_ids` takes."""

    def load_user_ids(self) -> None:
        """Make `contact_of` answer with fewer requests."""

    def contact_for(self, user_id: str, email: str) -> Contact:
        """Return whom a user id stands for; whether *email* is free for it where it is new."""

    def contacts_cost(self) -> int:
        """Return how many requests `load_contacts` takes."""

    def load_contacts(self) -> None:
        """Make `contact_for` answer without requests."""


class Resolver:
    """Finds contacts, each once. `existing_only`: whether events of contacts that do not exist are rejected."""

    def __init__(
        self,
        known: Known,
        people: People,
        lookups: Answers,
        lanes: Lanes,
        settlement: Settlement,
        *,
        existing_only: bool = False,
        run_automations: bool = True,
    ) -> None:
        self._known = known
        self._settlement = settlement
        self._existing_only = existing_only
        self._emails: Questions[bool] = Questions(lanes, lookups.exists, lookups.emails_cost, lookups.load_emails)
        self._users: Questions[Contact] = Questions(
            lanes, lookups.contact_of, lookups.user_ids_cost, lookups.load_user_ids
        )
        self._keys: Questions[Contact] = Questions(
            lanes, lambda key: lookups.contact_for(*asked(key)), lookups.contacts_cost, lookups.load_contacts
        )
        self._by_user_id = ByUserId(known, people, self._keys, settlement, run_automations=run_automations)

    @property
    def waiting(self) -> int:
        """Questions without an answer yet. Rows that wait for a contact's email to change wait for an entry, not for these."""
        return len(self._emails) + len(self._users) + len(self._keys)

    def work(self) -> None:
        """Ask what threads allow."""
        self._emails.work()
        self._users.work()
        self._keys.work()

    def contact_read(self, row: Row, mapped: MappedContact, queue: QueueContact) -> None:
        """Take a contact row: *queue* gets it, at once where it has its key's email, else when that is known."""
        if mapped.by_user_id:
            self._by_user_id.place(row, mapped, queue)
            return
        if mapped.user_id is not None:
            self._known.pair(mapped.user_id, mapped.change.email)
        queue(row, mapped)

    def find_contact(self, row: Row, event: MappedEvent | MappedVisit, queue: QueueEvent) -> None:
        """Find the email of an event that has only a user id; *queue* takes it then, or its row is settled."""
        user_id = event.user_id or ""
        self._by_user_id.in_turn(user_id, partial(self._find_contact, user_id, row, event, queue))

    def _find_contact(self, user_id: str, row: Row, event: MappedEvent | MappedVisit, queue: QueueEvent) -> None:
        contact = self._known.contact_of(user_id)
        if contact is not None:
            self._take_contact(row, event, queue, contact)
            return

        def answered(contact: Contact) -> None:
            self._known.pair_in_account(user_id, contact)
            if isinstance(contact, str):
                self._known.add(contact)
            # A contact row that came meanwhile knows better than the account did; where it changes the email, after that.
            self._by_user_id.in_turn(
                user_id,
                lambda: self._take_contact(row, event, queue, self._known.contact_of(user_id) or contact),
            )

        self._users.put(user_id, answered)

    def _take_contact(self, row: Row, event: MappedEvent | MappedVisit, queue: QueueEvent, contact: Contact) -> None:
        if isinstance(contact, str):
            queue(row, contact, event)
        else:
            self._settlement.row(row, AMBIGUOUS if contact is NotOne.AMBIGUOUS else CONTACT_MISSING)

    def when_contact_may_go(self, entry: ContactEntry, go: Callable[[ContactEntry], None]) -> None:
        """Let a contact entry go, at once or when it is known to exist; else settle it."""
        exists = entry.moves or not entry.must_exist or self._known.exists(entry.email)
        if exists is not None:
            self._go_or_settle(entry, go, exists=exists)
            return

        def answered(exists: bool) -> None:  # noqa: FBT001 - the answer to a yes-or-no question
            if exists:
                self._known.add(entry.email)
            self._go_or_settle(entry, go, exists=exists)

        self._emails.put(entry.email, answered)

    def _go_or_settle(self, entry: ContactEntry, go: Callable[[ContactEntry], None], *, exists: bool) -> None:
        if exists:
            go(entry)
        else:
            self._settlement.missing(entry)

    def when_event_may_go(self, entry: EventEntry, go: Callable[[EventEntry], None]) -> None:
        """Let an event go; where unknown contacts are rejected, when its contact is known to exist."""
        exists = self._known.exists(entry.email)
        entry.contact_known = exists is True
        if entry.contact_known or not self._existing_only:
            go(entry)
            return
        if exists is False:
            self._settlement.event(entry, CONTACT_MISSING)
            return

        def answered(exists: bool) -> None:  # noqa: FBT001 - the answer to a yes-or-no question
            if exists:
                self._known.add(entry.email)
                entry.contact_known = True
                go(entry)
            else:
                self._settlement.event(entry, CONTACT_MISSING)

        self._emails.put(entry.email, answered)
