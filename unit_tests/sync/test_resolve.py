"""What must be known before a row can be sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from destination_activecampaign.mappings.base import MappedContact
from destination_activecampaign.mappings.lookups import Contact, NotOne
from destination_activecampaign.mappings.outcome import Rejected, Written
from destination_activecampaign.sync.checkpoints import Ledger
from destination_activecampaign.sync.entries import ContactEntry, EventEntry, Move, Row
from destination_activecampaign.sync.known import FREE, Known
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.resolve import Resolver
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People, Window
from unit_tests.sync.factories import ADA, STREAM, a_contact, an_event
from unit_tests.sync.pump import Pump


class Account:
    """An account with few contacts. `asked`: every question."""

    def __init__(self) -> None:
        self.emails: set[str] = set()
        self.users: dict[str, Contact] = {}
        self.asked: list[str] = []

    def exists(self, email: str) -> bool:
        """Whether a contact has this email."""
        self.asked.append(email)
        return email in self.emails

    def emails_cost(self) -> int:
        """Much."""
        return 10_000

    def load_emails(self) -> None:
        """Never asked for."""

    def contact_of(self, user_id: str) -> Contact:
        """Whom a user id stands for."""
        self.asked.append(user_id)
        return self.users.get(user_id, NotOne.MISSING)

    def user_ids_cost(self) -> int:
        """Much."""
        return 10_000

    def load_user_ids(self) -> None:
        """Never asked for."""

    def contact_for(self, user_id: str, email: str) -> Contact:
        """Whom a user id stands for; TAKEN if it is new and the email is that of a contact with another."""
        self.asked.append(f"{user_id} {email}")
        taken = email in self.emails and email not in self.users.values()
        return self.users.get(user_id, NotOne.TAKEN if taken else NotOne.MISSING)

    def contacts_cost(self) -> int:
        """Much."""
        return 10_000

    def load_contacts(self) -> None:
        """Never asked for."""


class Scene:
    """A resolver with all that it tells."""

    def __init__(self, *, existing_only: bool = False, account: Account | None = None) -> None:
        self.account, self.known, self.pump = account or Account(), Known(), Pump(lookup=2)
        self.people, self.rejections = People(lambda _: 50), Rejections()
        self.ledger = Ledger(lambda _: False)
        settlement = Settlement(Window(100, 10_000), self.people, self.ledger, self.rejections, self.known)
        self.resolver = Resolver(
            self.known, self.people, self.account, self.pump.lanes, settlement, existing_only=existing_only
        )
        self.went: list[Any] = []
        self.queued: list[str] = []
        self.moves: list[Move] = []

    def row(self) -> Row:
        """Read a row."""
        return Row(STREAM, self.rejections.read(STREAM), self.ledger.record(), 1)

    def queue(self, row: Row, mapped: MappedContact, move: Move | None = None, /) -> ContactEntry:
        """Queue a contact row as the loop does."""
        self.queued.append(mapped.change.email)
        if move is None:
            return self.people.add_contact(row, mapped)[0]
        self.moves.append(move)
        return self.people.add_move(row, mapped, move)

    def read(self, **contact: Any) -> None:
        """Read a contact row."""
        self.resolver.contact_read(self.row(), a_contact(**contact), self.queue)

    def contact(self, *, must_exist: bool = True) -> ContactEntry:
        """Queue a contact row."""
        return self.people.add_contact(self.row(), a_contact(must_exist=must_exist))[0]

    def event(self) -> EventEntry:
        """Queue an event."""
        return self.people.add_event(self.row(), ADA, an_event())

    def find(self, user_id: str = "u-1") -> None:
        """Find the contact of an event by its user id."""
        self.resolver.find_contact(
            self.row(), an_event(None, user_id=user_id), lambda _row, email, _event: self.queued.append(email)
        )

    def run(self) -> None:
        """Ask all."""
        self.pump.run(self.resolver.work)

    def reasons(self) -> list[str]:
        """Why rows were rejected."""
        return [line.split("rejected: ")[1].split(" ")[0] for _, line in self.rejections.lines()]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Give the scene of a usual sync."""
    scene = Scene()
    yield scene
    scene.pump.lanes.stop()


def test_a_row_that_may_create_goes_at_once(scene: Scene) -> None:
    """Nothing is asked."""
    entry = scene.contact(must_exist=False)
    scene.resolver.when_contact_may_go(entry, scene.went.append)
    assert (scene.went, scene.account.asked) == ([entry], [])


def test_a_row_of_a_known_contact_goes_at_once(scene: Scene) -> None:
    """It was written before."""
    scene.known.add(ADA)
    entry = scene.contact()
    scene.resolver.when_contact_may_go(entry, scene.went.append)
    assert (scene.went, scene.account.asked) == ([entry], [])


def test_a_row_that_must_exist_goes_when_it_does(scene: Scene) -> None:
    """And then it is known."""
    scene.account.emails.add(ADA)
    entry = scene.contact()
    scene.resolver.when_contact_may_go(entry, scene.went.append)
    assert (scene.went, scene.resolver.waiting) == ([], 1)
    scene.run()
    assert (scene.went, scene.resolver.waiting) == ([entry], 0)
    assert scene.known.exists(ADA)


def test_a_row_that_must_exist_and_does_not_is_rejected(scene: Scene) -> None:
    """A name would create it."""
    scene.resolver.when_contact_may_go(scene.contact(), scene.went.append)
    scene.run()
    assert (scene.went, scene.reasons()) == ([], ["name_required"])


def test_a_user_id_of_this_sync_is_not_asked_for(scene: Scene) -> None:
    """A contact row brought it."""
    scene.read(user_id="u-1")
    scene.find()
    assert (scene.queued, scene.account.asked) == ([ADA, ADA], [])


def test_a_user_id_is_asked_for_once(scene: Scene) -> None:
    """While it is asked, and after."""
    scene.account.users["u-1"] = ADA
    scene.find()
    scene.find()
    scene.run()
    scene.find()
    assert (scene.queued, scene.account.asked) == ([ADA] * 3, ["u-1"])
    assert scene.known.exists(ADA)


@pytest.mark.parametrize(
    ("contact", "reason"), [(NotOne.MISSING, "contact_missing"), (NotOne.AMBIGUOUS, "ambiguous_user_id")]
)
def test_a_user_id_of_nobody_or_several_is_rejected(scene: Scene, contact: NotOne, reason: str) -> None:
    """The answer is remembered too."""
    scene.account.users["u-1"] = contact
    scene.find()
    scene.run()
    scene.find()
    assert (scene.queued, scene.account.asked, scene.reasons()) == ([], ["u-1"], [reason])
    assert scene.rejections.totals.rejected == 2


def test_a_contact_row_that_comes_meanwhile_knows_better(scene: Scene) -> None:
    """The account had nobody when it was asked."""
    scene.find()
    scene.read(user_id="u-1")
    scene.run()
    assert scene.queued == [ADA, ADA]


def test_events_go_at_once_by_default(scene: Scene) -> None:
    """Whether their contact is known is noted."""
    entry = scene.event()
    scene.resolver.when_event_may_go(entry, scene.went.append)
    assert (scene.went, entry.contact_known) == ([entry], False)
    scene.known.add(ADA)
    scene.resolver.when_event_may_go(entry, scene.went.append)
    assert entry.contact_known


@pytest.mark.parametrize("exists", [True, False])
def test_events_of_existing_contacts_only(*, exists: bool) -> None:
    """The account is asked; others are rejected."""
    scene = Scene(existing_only=True)
    scene.account.emails |= {ADA} if exists else set()
    entry = scene.event()
    scene.resolver.when_event_may_go(entry, scene.went.append)
    scene.run()
    assert (scene.went, scene.reasons()) == (([entry], []) if exists else ([], ["contact_missing"]))
    assert entry.contact_known is exists
    scene.pump.lanes.stop()


@pytest.mark.parametrize("written", [True, False])
def test_a_new_user_has_its_email_if_any_half_of_its_rows_was_written(scene: Scene, *, written: bool) -> None:
    """Whichever half ends last; else nobody has it."""
    mapped = replace(a_contact(user_id="u-8"), by_user_id=True)
    scene.resolver.contact_read(scene.row(), mapped, scene.queue)
    scene.run()
    entry = scene.people._people[ADA].contacts[0]
    assert entry.ended is not None
    for outcome in (Written() if written else REFUSED, REFUSED):
        entry.ended(outcome)
    known = scene.known.contact_of("u-8"), scene.known.holder(ADA)
    assert known == ((ADA, "u-8") if written else (NotOne.MISSING, FREE))


REFUSED = Rejected("row_refused", "", "")
