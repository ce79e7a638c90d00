"""What must be known before a row can be sent: whose user id it has, and whether its contact exists.

Answered by what this sync knows, then by the account.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from destination_activecampaign.mappings.base import MappedContact, MappedEvent, MappedVisit
from destination_activecampaign.mappings.lookups import Contact, NotOne
from destination_activecampaign.mappings.outcome import Rejected
from destination_activecampaign.sync.entries import ContactEntry, EventEntry, Row
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.lanes import Lanes
from destination_activecampaign.sync.questions import Questions
from destination_activecampaign.sync.settlement import Settlement

QueueEvent: TypeAlias = Callable[[Row, str, MappedEvent | MappedVisit], None]

NAME_REQUIRED = Rejected(
    "name_required",
    "firstName",
    "No contact has this email, and creating one takes a first or last name. Map a name, or set `create_without_name`.",
)
CONTACT_MISSING = Rejected(
    "contact_missing",
    "email",
    "No contact of the account belongs to this row. Sync its contact first; if a contact row of it was rejected in this "
    "sync, correct that one.",
)
AMBIGUOUS = Rejected(
    "ambiguous_user_id",
    "userId",
    "More than one contact has this user id, so none was touched. Make it unique, or map an email column.",
)


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


class Resolver:
    """Finds contacts, each once. `existing_only`: whether events of contacts that do not exist are rejected."""

    def __init__(
        self, known: Known, lookups: Answers, lanes: Lanes, settlement: Settlement, *, existing_only: bool = False
    ) -> None:
        self._known = known
        self._settlement = settlement
        self._existing_only = existing_only
        self._emails: Questions[bool] = Questions(lanes, lookups.exists, lookups.emails_cost, lookups.load_emails)
        self._users: Questions[Contact] = Questions(
            lanes, lookups.contact_of, lookups.user_ids_cost, lookups.load_user_ids
        )

    @property
    def waiting(self) -> int:
        """Questions without an answer yet."""
        return len(self._emails) + len(self._users)

    def work(self) -> None:
        """Ask what threads allow."""
        self._emails.work()
        self._users.work()

    def contact_read(self, mapped: MappedContact) -> None:
        """Note the user id that a contact row of this sync brings."""
        if mapped.user_id is not None:
            self._known.pair(mapped.user_id, mapped.change.email)

    def find_contact(self, row: Row, event: MappedEvent | MappedVisit, queue: QueueEvent) -> None:
        """Find the email of an event that has only a user id; *queue* takes it then, or its row is settled."""
        user_id = event.user_id or ""
        contact = self._known.contact_of(user_id)
        if contact is not None:
            self._take_contact(row, event, queue, contact)
            return

        def answered(contact: Contact) -> None:
            self._known.pair_in_account(user_id, contact)
            if isinstance(contact, str):
                self._known.add(contact)
            # A contact row that came meanwhile knows better than the account did.
            self._take_contact(row, event, queue, self._known.contact_of(user_id) or contact)

        self._users.put(user_id, answered)

    def _take_contact(self, row: Row, event: MappedEvent | MappedVisit, queue: QueueEvent, contact: Contact) -> None:
        if isinstance(contact, str):
            queue(row, contact, event)
        else:
            self._settlement.row(row, AMBIGUOUS if contact is NotOne.AMBIGUOUS else CONTACT_MISSING)

    def when_contact_may_go(self, entry: ContactEntry, go: Callable[[ContactEntry], None]) -> None:
        """Let a contact entry go, at once or when it is known to exist; else settle it."""
        if not entry.must_exist or self._known.exists(entry.email):
            go(entry)
            return

        def answered(exists: bool) -> None:  # noqa: FBT001 - the answer to a yes-or-no question
            if exists:
                self._known.add(entry.email)
                go(entry)
            else:
                self._settlement.contact(entry, NAME_REQUIRED)

        self._emails.put(entry.email, answered)

    def when_event_may_go(self, entry: EventEntry, go: Callable[[EventEntry], None]) -> None:
        """Let an event go; where unknown contacts are rejected, when its contact is known to exist."""
        entry.contact_known = self._known.exists(entry.email)
        if entry.contact_known or not self._existing_only:
            go(entry)
            return

        def answered(exists: bool) -> None:  # noqa: FBT001 - the answer to a yes-or-no question
            if exists:
                self._known.add(entry.email)
                entry.contact_known = True
                go(entry)
            else:
                self._settlement.event(entry, CONTACT_MISSING)

        self._emails.put(entry.email, answered)
