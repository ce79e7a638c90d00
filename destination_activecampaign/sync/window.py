"""The rows that are read and not settled: how much of them may be held, and one short queue per email.

Of a queue only the head is sent. Contact rows of one email fold while they wait; an event waits for the contact rows
that came before it, contact rows never wait for events. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from destination_activecampaign.mappings.base import MappedContact, MappedEvent, MappedVisit
from destination_activecampaign.mappings.contact import ContactChange
from destination_activecampaign.mappings.outcome import Outcome
from destination_activecampaign.sync.entries import ContactEntry, Entry, EventEntry, Move, Part, Row

MAX_STATES = 20_000
"""STATEs that may wait for the rows before them: some sources send one for each row."""

FOLD_ROWS = 1_000
FOLD_BYTES = 300_000


@dataclass(slots=True)
class Window:
    """How many rows, and bytes of them, are unsettled, and how many STATEs wait for them. When it is full, reading stops."""

    max_rows: int
    max_bytes: int
    rows: int = 0
    bytes: int = 0
    states: int = 0

    @property
    def full(self) -> bool:
        """Whether no more may be read. One row larger than the window still passes, alone."""
        return self.rows >= self.max_rows or self.bytes >= self.max_bytes or self.states >= MAX_STATES

    def enter(self, row: Row) -> None:
        """Count a row in."""
        self.rows += 1
        self.bytes += row.size

    def leave(self, row: Row) -> None:
        """Count a settled row out."""
        self.rows -= 1
        self.bytes -= row.size


@dataclass(slots=True)
class _Person:
    """What waits for one email. Lists, because an empty deque takes ten times their room and there is one for each row."""

    contacts: list[ContactEntry] = field(default_factory=list)
    events: list[EventEntry] = field(default_factory=list)


class People:
    """The queues of all emails that have something waiting.

    `measure`: bytes of a change in an import's body. `resubscribe`: lists where a subscribe undoes an unsubscribe.
    """

    def __init__(
        self, measure: Callable[[ContactChange], int], resubscribe: frozenset[int] = frozenset(), *, fold: bool = True
    ) -> None:
        self._measure = measure
        self._resubscribe = resubscribe
        self._fold = fold
        self._people: dict[str, _Person] = {}
        self._places = 0
        self.contacts_behind = 0

    def __len__(self) -> int:
        """Emails with something waiting or under way."""
        return len(self._people)

    def add_contact(self, row: Row, mapped: MappedContact) -> tuple[ContactEntry, int]:
        """Queue a contact row. Returns its entry, and by how many bytes an entry that waited already has grown."""
        person = self._people.setdefault(mapped.change.email, _Person())
        part = Part(row, mapped.change, mapped.if_missing, mapped.refused)
        tail = person.contacts[-1] if person.contacts else None
        if tail is not None and self._may_join(tail, mapped):
            folded = tail.change.then(mapped.change, self._resubscribe)
            size = self._measure(folded)
            if size <= FOLD_BYTES:
                tail.parts.append(part)
                grown, tail.change, tail.size = size - tail.size, folded, size
                return tail, grown
        return self._queued(part), 0

    def add_move(self, row: Row, mapped: MappedContact, move: Move) -> ContactEntry:
        """Queue a row that first changes its contact's email, behind all that both emails have waiting."""
        return self._queued(Part(row, mapped.change, mapped.if_missing, mapped.refused), move)

    def _queued(self, part: Part, move: Move | None = None) -> ContactEntry:
        self._places += 1
        change = part.change
        entry = ContactEntry(change.email, [part], change, self._measure(change), self._places, move)
        for email in entry.emails:
            person = self._people.setdefault(email, _Person())
            if person.contacts:
                self.contacts_behind += 1
            person.contacts.append(entry)
        return entry

    def _may_join(self, entry: ContactEntry, mapped: MappedContact) -> bool:
        """Whether a row may fold into the last entry of its email."""
        if entry.sent or entry.alone or mapped.change.removal is not None:
            return False
        if not self._fold or len(entry.parts) >= FOLD_ROWS:
            return False
        # Alone, the earlier row could not have created the contact; folded, it would.
        return not (entry.must_exist and not mapped.must_exist)

    def add_event(self, row: Row, email: str, event: MappedEvent | MappedVisit) -> EventEntry:
        """Queue an event behind the contact rows that its email has waiting."""
        person = self._people.setdefault(email, _Person())
        after = person.contacts[-1].place if person.contacts else 0
        entry = EventEntry(email, row, event, after)
        person.events.append(entry)
        return entry

    def waits(self, email: str) -> bool:
        """Whether anything of this email is queued or under way."""
        return email in self._people

    def awaits(self, email: str, ended: Callable[[Outcome], None]) -> bool:
        """Whether an entry of this email will call *ended*."""
        return self.waits(email) and any(entry.ended is ended for entry in self._people[email].contacts)

    def is_head(self, entry: Entry) -> bool:
        """Whether nothing of its email stands before *entry*."""
        if isinstance(entry, ContactEntry):
            return all(self._is_first(entry, email) for email in entry.emails)
        person = self._people[entry.email]
        return person.events[0] is entry and not (person.contacts and person.contacts[0].place <= entry.after)

    def _is_first(self, entry: ContactEntry, email: str) -> bool:
        person = self._people[email]
        return person.contacts[0] is entry and not (person.events and self._holds_up(person.events[0], entry, email))

    @staticmethod
    def _holds_up(event: EventEntry, entry: ContactEntry, email: str) -> bool:
        """Whether an event must be gone before *entry*: contact rows wait for none but where the email loses its contact."""
        return entry.takes_from(email) and event.after < entry.place

    def split(self, entry: ContactEntry) -> ContactEntry:
        """Halve a fold: *entry* keeps the first rows, the others follow it in the queue as the entry returned."""
        contacts = self._people[entry.email].contacts
        middle = len(entry.parts) // 2
        rest = ContactEntry(
            entry.email,
            entry.parts[middle:],
            entry.change,
            0,
            entry.place,
            sent=True,
            subscribes=entry.subscribes,
            ended=entry.ended,
        )
        entry.parts = entry.parts[:middle]
        for half in (entry, rest):
            half.change = half.parts[0].change
            for part in half.parts[1:]:
                half.change = half.change.then(part.change, self._resubscribe)
            half.size = self._measure(half.change)
        contacts.insert(contacts.index(entry) + 1, rest)
        self.contacts_behind += 1
        return rest

    def remove(self, entry: Entry) -> list[Entry]:
        """Take a settled entry out; returns what may be sent now that it is gone."""
        ready: list[Entry] = []
        for email in entry.emails if isinstance(entry, ContactEntry) else (entry.email,):
            person = self._people[email]
            next_contact = None
            if isinstance(entry, ContactEntry):
                was_head = person.contacts[0] is entry
                person.contacts.remove(entry)
                if person.contacts:
                    self.contacts_behind -= 1
                    next_contact = person.contacts[0] if was_head else None
            else:
                person.events.remove(entry)
                if person.contacts and self._holds_up(entry, person.contacts[0], email):
                    next_contact = person.contacts[0]
            if not person.contacts and not person.events:
                del self._people[email]
                continue
            # One that stands in two queues may still wait in the other.
            if next_contact is not None and self.is_head(next_contact):
                ready.append(next_contact)
            if person.events and self.free(person.events[0]):
                ready.append(person.events[0])
        return ready

    def free(self, event: EventEntry) -> bool:
        """Whether an event may be sent now and was not handed out before; it is then."""
        if event.freed or not self.is_head(event):
            return False
        event.freed = True
        return True
