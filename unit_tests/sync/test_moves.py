"""What happens to a user's rows and events while its contact gets another email, or does not get it after all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from destination_activecampaign.mappings.lookups import Contact, NotOne
from destination_activecampaign.mappings.outcome import Outcome, Rejected, Written
from destination_activecampaign.sync import contact_delivery
from unit_tests.simulation import ACCOUNT, Simulation, dump, objects, record, state
from unit_tests.sync.factories import ADA, a_contact
from unit_tests.sync.resolving import Account, Scene

LOVELACE = "lovelace@example.com"
REFUSED = Rejected("row_refused", "", "")


class SlowAccount(Account):
    """An account that tells of whose user id an event is only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    def contact_of(self, user_id: str) -> Contact:
        """Whom a user id stood for when it was asked."""
        contact = super().contact_of(user_id)
        assert self.may_answer.wait(10.0)
        return contact


@pytest.fixture
def account() -> SlowAccount:
    """Give an account in which u-1 is Ada's."""
    account = SlowAccount()
    account.users["u-1"] = ADA
    return account


@pytest.fixture
def scene(account: SlowAccount) -> Iterator[Scene]:
    """Give the scene of a usual sync with that account."""
    scene = Scene(account=account)
    yield scene
    account.may_answer.set()
    scene.pump.lanes.stop()


def move(scene: Scene, email: str = LOVELACE) -> None:
    """Read a row by which u-1 gets another email."""
    mapped = replace(a_contact(email, user_id="u-1"), by_user_id=True)
    scene.resolver.contact_read(scene.row(), mapped, scene.queue)


@pytest.mark.parametrize("moved", [LOVELACE, NotOne.TAKEN], ids=["moved", "not moved"])
def test_an_event_that_is_answered_while_the_contact_moves_waits_for_that(
    scene: Scene, account: SlowAccount, moved: Contact
) -> None:
    """The account said whose it was before; the event goes to where the contact is then."""
    scene.find()
    move(scene)

    def work() -> None:
        scene.resolver.work()
        if scene.moves:
            account.may_answer.set()

    scene.pump.run(work)
    assert (scene.queued, len(scene.moves)) == ([LOVELACE], 1)
    scene.moves[0].done(moved)
    assert scene.queued == [LOVELACE, LOVELACE if moved == LOVELACE else ADA]


def test_an_event_that_is_answered_after_the_contact_moved_follows_it(scene: Scene, account: SlowAccount) -> None:
    """What the account said is out of date."""
    scene.find()
    move(scene)

    def work() -> None:
        scene.resolver.work()
        if scene.moves and not account.may_answer.is_set():
            scene.moves[0].done(LOVELACE)
            account.may_answer.set()

    scene.pump.run(work)
    assert scene.queued == [LOVELACE, LOVELACE]


@pytest.mark.parametrize(("outcome", "known"), [(Written(), LOVELACE), (REFUSED, NotOne.GONE)])
def test_a_user_whose_contact_was_gone_and_not_made_again_has_none(
    scene: Scene, account: SlowAccount, outcome: Outcome, known: Contact
) -> None:
    """What the account said before it was gone must not come up again: its old email could be anybody's by now."""
    account.may_answer.set()
    move(scene)
    scene.run()
    scene.moves[0].done(NotOne.MISSING)
    [entry] = scene.people._people[LOVELACE].contacts
    assert entry.moved
    scene.settlement.contact(entry, outcome)
    assert scene.known.contact_of("u-1") == known
    scene.queued.clear()
    scene.find()
    assert scene.queued == ([LOVELACE] if known == LOVELACE else [])


COLUMNS = ("userId", "email", "firstName", "plan")
PEOPLE = objects(people=("append_dedup", "userId", COLUMNS))


def test_a_contact_that_is_too_large_does_not_move_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its email stays as well, and the user's next rows are about the contact as it is."""
    # Below what the mapping lets through, which estimates upwards: no row gets here otherwise.
    monkeypatch.setattr(contact_delivery, "MAX_BYTES", 3_000)
    ada = {"email": ADA, "firstName": "zqx-Ada", "fields": {"EXTERNAL_ID": "u-1"}}
    simulation = Simulation(account={**ACCOUNT, "contacts": [ada]})
    rows = [{"userId": "u-1", "email": LOVELACE, "plan": "zqx-" * 1_000}, {"userId": "u-1", "plan": "zqx-gold"}]
    messages = [*(record("people", **row) for row in rows), state("people", 1)]
    finished = simulation.sync(messages, PEOPLE, dies_after_seconds=3_600.0)
    assert (finished.error, finished.written, finished.rejected) == (None, 1, 1)
    assert "row_too_large" in finished.report[0]
    assert finished.count("PUT", "/contacts/*") == 0
    assert [(each["email"], each["fields"]["PLAN"]) for each in dump(finished.emulator)] == [(ADA, "zqx-gold")]
