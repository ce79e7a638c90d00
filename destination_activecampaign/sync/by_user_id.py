"""Rows whose contact is named by its user id: it is found once, then they stand in the queue of its email.

Rows wait for one another only while the account is asked, and a user's rows while its contact changes its email or goes.
Runs on the loop's thread; requests run in lanes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from destination_activecampaign.mappings.base import MappedContact
from destination_activecampaign.mappings.contact import Removal
from destination_activecampaign.mappings.lookups import Contact, NotOne
from destination_activecampaign.mappings.outcome import Outcome, Rejected, Skipped, Written
from destination_activecampaign.mappings.whose import (
    AMBIGUOUS,
    CHANGE_RUNS_AUTOMATIONS,
    EMAIL_FOR_NEW,
    EMAIL_TAKEN,
)
from destination_activecampaign.sync.entries import ContactEntry, Move, Row
from destination_activecampaign.sync.known import FREE, Known
from destination_activecampaign.sync.questions import Questions
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People

_BETWEEN = "\0"
"""Stands in no user id and no email: such values are left out when rows are mapped."""


class QueueContact(Protocol):
    """Takes a contact row whose email is known."""

    def __call__(self, row: Row, mapped: MappedContact, move: Move | None = None, /) -> ContactEntry:
        """Queue the row; `move`: what its contact's email is before."""


def question(user_id: str, email: str) -> str:
    """Return the key under which `Questions` asks for a user who may be new."""
    return f"{user_id}{_BETWEEN}{email}"


def asked(key: str) -> tuple[str, str]:
    """Return user id and email of a question."""
    user_id, _, email = key.partition(_BETWEEN)
    return user_id, email


@dataclass(slots=True, eq=False)
class _Placing:
    """A row, or an event, on its way to an email's queue. `contact`: what the account says, None until it has answered."""

    user_id: str
    place: Callable[[Contact], None]
    contact: Contact | None = None


class ByUserId:
    """Places rows that name their contact by its user id. `questions`: of keys as `question` makes them.

    Questions are asked side by side. Rows take their places in the order in which they came: what a row may do depends on
    whose an email is after all rows before it.
    """

    def __init__(
        self,
        known: Known,
        people: People,
        questions: Questions[Contact],
        settlement: Settlement,
        *,
        run_automations: bool,
    ) -> None:
        self._known = known
        self._people = people
        self._questions = questions
        self._settlement = settlement
        self._run_automations = run_automations
        self._line: deque[_Placing] = deque()
        self._moving: set[str] = set()
        self._wanted: Counter[str] = Counter()
        # What the rows of new users, of which none is written yet, call when they end.
        self._unsure: dict[tuple[str, str], Callable[[Outcome], None]] = {}

    def in_turn(self, user_id: str, step: Callable[[], None]) -> None:
        """Do *step* once the rows before it have their places."""
        self._enter(_Placing(user_id, lambda _: step(), NotOne.MISSING))

    def place(self, row: Row, mapped: MappedContact, queue: QueueContact) -> None:
        """Find the row's contact; *queue* takes it then, or the row is settled."""
        placing = _Placing(_user(mapped), partial(self._place, row, mapped, queue))
        placing.contact = self._known.contact_of(placing.user_id)
        upserts = mapped.operation == "upsert"
        if placing.contact is None or (placing.contact is NotOne.MISSING and upserts):
            placing.contact = None
            key = question(placing.user_id, mapped.change.email if upserts else "")
            self._questions.put(key, partial(self._answered, placing))
        self._enter(placing)

    def _enter(self, placing: _Placing) -> None:
        self._line.append(placing)
        self._advance()

    def _answered(self, placing: _Placing, contact: Contact) -> None:
        placing.contact = contact
        self._known.pair_in_account(placing.user_id, NotOne.MISSING if contact is NotOne.TAKEN else contact)
        if isinstance(contact, str) and self._known.exists(contact) is None:
            self._known.add(contact)
        self._advance()

    def _advance(self) -> None:
        """Give places to the rows that are first in line, as far as it is known whose they are."""
        while self._line:
            placing = self._line[0]
            if placing.contact is None or placing.user_id in self._moving:
                return
            self._line.popleft()
            placing.place(placing.contact)

    def _place(self, row: Row, mapped: MappedContact, queue: QueueContact, answer: Contact) -> None:
        known = self._known.contact_of(_user(mapped))
        # A row of this sync, or an event's look-up, may know better than the account did.
        contact = answer if known is None or known is NotOne.MISSING else known
        if contact is NotOne.AMBIGUOUS:
            self._settlement.row(row, AMBIGUOUS)
        elif not isinstance(contact, str):
            self._create(row, mapped, queue, contact)
        elif mapped.operation == "soft_delete":
            self._remove(row, _for(mapped, contact), queue)
        elif mapped.change.email in {"", contact}:
            self._change(row, mapped, queue, contact)
        elif not self._run_automations:
            self._settlement.row(row, CHANGE_RUNS_AUTOMATIONS)
        else:
            self._move(row, mapped, queue, contact, mapped.change.email)

    def _change(self, row: Row, mapped: MappedContact, queue: QueueContact, email: str) -> None:
        """Place a row that changes no email, and is not the first of a new user."""
        if self._wanted[email]:
            # Another user may get the email if this one's earlier rows are not written.
            self._move(row, mapped, queue, None, email)
            return
        entry = queue(row, _for(mapped, email))
        if entry.ended is None:
            entry.ended = self._unsure.get((_user(mapped), email))

    def _create(self, row: Row, mapped: MappedContact, queue: QueueContact, why: NotOne) -> None:
        """Place a row whose user is new: only an email that is nobody's, or a contact's without a user id, may be its."""
        user_id, email = _user(mapped), mapped.change.email
        if mapped.operation != "upsert" or not email:
            self._settlement.row(row, _ending(why, mapped))
        elif self._people.waits(email) or why is NotOne.GONE:
            # Whose the email is will be known when what is under way has ended; of who is gone it was not asked.
            self._move(row, mapped, queue, None, email)
        elif self._taken(email, why):
            self._settlement.row(row, EMAIL_TAKEN)
        else:
            queue(row, mapped).ended = self._placed(user_id, email)

    def _placed(self, user_id: str, email: str, *, asked_live: bool = False) -> Callable[[Outcome], None]:
        """Give a new user its email; returns what takes it back once none of the user's rows there can be written.

        `asked_live`: what the account said of the user before is known to be out of date.
        """
        self._known.place(user_id, email)
        written = False

        def ended(outcome: Outcome) -> None:
            nonlocal written
            written = written or isinstance(outcome, Written)
            if not written and self._people.awaits(email, ended):
                return
            self._unsure.pop((user_id, email), None)
            if written:
                return
            self._known.displace(user_id, email)
            if asked_live:
                self._known.take_away(user_id)

        self._unsure[user_id, email] = ended
        return ended

    def _remove(self, row: Row, mapped: MappedContact, queue: QueueContact) -> None:
        """Take a contact off. Before one is deleted it is seen that it is the user's, whose later rows wait for it."""
        if mapped.change.removal is not Removal.DELETE:
            self._change(row, mapped, queue, mapped.change.email)
            return
        user_id = _user(mapped)

        def ended(outcome: Outcome) -> None:
            if not isinstance(outcome, Rejected):
                self._known.take_away(user_id)
            self._moving.discard(user_id)
            self._advance()

        self._move(row, mapped, queue, None, mapped.change.email).ended = ended

    def _taken(self, email: str, why: NotOne) -> bool:
        holder = self._known.holder(email)
        if holder is None:
            return why is NotOne.TAKEN
        # One whose row was not written holds nothing.
        return holder != FREE and self._known.exists(email) is True

    def _move(
        self, row: Row, mapped: MappedContact, queue: QueueContact, before: str | None, email: str
    ) -> ContactEntry:
        """Let the user's contact get *email* first; the user's later rows wait for how that ends.

        `before`: the email that it has, None where it is only to be seen whose *email* is.
        """
        user_id = _user(mapped)

        def done(result: Contact | Rejected) -> None:
            self._wanted[email] -= 1
            if not self._wanted[email]:
                del self._wanted[email]
            # Missing: an earlier row of the user was not written, or the contact was deleted meanwhile.
            new = result is NotOne.MISSING and mapped.operation == "upsert" and bool(mapped.change.email)
            entry.moved = new or isinstance(result, str)
            if new:
                self._known.displace(user_id, before or email)
                entry.ended = self._placed(user_id, email, asked_live=True)
            elif entry.moved:
                self._known.place(user_id, email, before)
                self._known.add(email)
            if entry.moved:
                self._settlement.freed.append(entry)
            else:
                self._settlement.contact(entry, _ending(result, mapped))
            if mapped.change.removal is not Removal.DELETE:
                self._moving.discard(user_id)
                self._advance()

        self._moving.add(user_id)
        self._wanted[email] += 1
        # A removal's email is the one found, as is that of a row which brings none: they must not change it.
        may_change = self._run_automations and bool(mapped.change.email) and mapped.operation != "soft_delete"
        entry = queue(row, _for(mapped, email), Move(user_id, before, may_change, done))
        return entry


def _ending(why: Contact | Rejected, mapped: MappedContact) -> Rejected | Skipped:
    """Return how a row ends whose user has no contact, or more than one, or not this email."""
    if isinstance(why, Rejected):
        return why
    if why is NotOne.AMBIGUOUS:
        return AMBIGUOUS
    if mapped.operation != "upsert" and mapped.if_missing is not None:
        return mapped.if_missing
    return EMAIL_TAKEN if mapped.change.email else EMAIL_FOR_NEW


def _user(mapped: MappedContact) -> str:
    """Return the user id, which every row has that is placed by it."""
    return mapped.user_id or ""


def _for(mapped: MappedContact, email: str) -> MappedContact:
    return mapped if mapped.change.email == email else replace(mapped, change=replace(mapped.change, email=email))
