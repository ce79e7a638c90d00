"""Whose an email is while rows that name their contact by its user id wait for one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from destination_activecampaign.mappings.base import Operation
from destination_activecampaign.mappings.contact import Removal
from destination_activecampaign.mappings.lookups import NotOne
from destination_activecampaign.mappings.outcome import Outcome, Rejected, Written
from destination_activecampaign.sync.entries import ContactEntry
from destination_activecampaign.sync.known import FREE
from unit_tests.sync.factories import ADA, a_contact
from unit_tests.sync.resolving import Scene

REFUSED = Rejected("row_refused", "", "")


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Give the scene of a usual sync."""
    scene = Scene()
    yield scene
    scene.pump.lanes.stop()


def first(scene: Scene) -> ContactEntry:
    """Return the entry that is next in Ada's queue."""
    return scene.people._people[ADA].contacts[0]


def settle(scene: Scene, outcome: Outcome) -> None:
    """Let the entry that is next in Ada's queue end."""
    scene.settlement.contact(first(scene), outcome)


def test_a_user_is_asked_for_once(scene: Scene) -> None:
    """Then it is known, and so is that its contact exists."""
    scene.account.users["u-1"] = ADA
    scene.read_user("u-1")
    scene.read_user("u-1")
    assert (scene.queued, scene.account.asked) == ([ADA, ADA], [f"u-1 {ADA}"])
    assert scene.known.exists(ADA)


def test_a_row_that_may_create_nobody_asks_for_the_user_alone(scene: Scene) -> None:
    """Whose its email is makes no difference to it."""
    scene.read_user("u-9", operation="update")
    assert scene.account.asked == ["u-9 "]


def test_a_user_that_is_known_to_be_new_is_asked_for_with_its_email(scene: Scene) -> None:
    """That may be another's."""
    scene.account.emails.add(ADA)
    scene.read_user("u-9", operation="update")
    scene.read_user("u-9")
    assert scene.account.asked == ["u-9 ", f"u-9 {ADA}"]
    assert scene.reasons() == ["email_taken"]


def test_an_email_of_another_is_no_reason_to_refuse_the_user_a_free_one(scene: Scene) -> None:
    """It is as new as before."""
    scene.account.emails.add(ADA)
    scene.read_user("u-9")
    scene.read_user("u-9", "nina@example.com")
    assert (scene.queued, scene.reasons()) == (["nina@example.com"], ["email_taken"])


@pytest.mark.parametrize(
    ("holder", "written", "account", "taken"),
    [
        ("", False, True, False),
        ("u-1", True, False, True),
        ("u-1", False, False, False),
    ],
    ids=["given up", "another's", "another's whose row was not written"],
)
def test_this_sync_knows_better_than_the_account_whose_an_email_is(
    scene: Scene, holder: str, *, written: bool, account: bool, taken: bool
) -> None:
    """What the account says may be older."""
    scene.account.emails |= {ADA} if account else set()
    if holder:
        scene.known.place(holder, ADA)
    else:
        scene.known.place("u-1", "lovelace@example.com", ADA)
    if written:
        scene.known.add(ADA)
    scene.read_user("u-9")
    assert (scene.queued, scene.reasons()) == (([], ["email_taken"]) if taken else ([ADA], []))


def test_a_contact_that_got_its_email_gives_up_the_one_before(scene: Scene) -> None:
    """That is nobody's then, and the new one's contact is known to be there."""
    scene.account.users["u-1"] = ADA
    scene.read_user("u-1", "lovelace@example.com")
    [move] = scene.moves
    assert move.before == ADA
    move.done("lovelace@example.com")
    assert scene.known.contact_of("u-1") == "lovelace@example.com"
    assert (scene.known.holder(ADA), scene.known.exists(ADA)) == (FREE, False)
    assert scene.known.exists("lovelace@example.com")


def test_who_may_get_an_email_is_seen_when_the_rows_before_have_ended(scene: Scene) -> None:
    """The row of another new user waits for them, then it may create the contact."""
    scene.read_user("u-8")
    scene.read_user("u-9")
    [move] = scene.moves
    settle(scene, REFUSED)
    move.done(NotOne.MISSING)
    assert scene.known.contact_of("u-9") == ADA
    settle(scene, Written())
    assert (scene.known.contact_of("u-9"), scene.known.holder(ADA)) == (ADA, "u-9")


def test_a_user_whose_row_was_refused_after_that_has_to_be_seen_again(scene: Scene) -> None:
    """What the account said of it before is out of date."""
    scene.read_user("u-8")
    scene.read_user("u-9")
    settle(scene, REFUSED)
    scene.moves[0].done(NotOne.MISSING)
    settle(scene, REFUSED)
    assert scene.known.contact_of("u-9") is NotOne.GONE


def test_an_email_that_others_want_is_not_written_to_by_its_user_unseen(scene: Scene) -> None:
    """One of them may have it by then; when none wants it any more, rows go as ever."""
    scene.read_user("u-8")
    for other in ("u-9", "u-10"):
        scene.read_user(other)
    assert [move.user_id for move in scene.moves] == ["u-9", "u-10"]
    settle(scene, Written())
    scene.moves[0].done(NotOne.TAKEN)
    scene.read_user("u-8", "")
    assert [(move.user_id, move.before) for move in scene.moves[2:]] == [("u-8", None)]
    assert scene.queued == [ADA] * 4
    scene.moves[1].done(NotOne.TAKEN)
    scene.moves[2].done(ADA)
    settle(scene, Written())
    scene.read_user("u-8", "")
    assert (len(scene.moves), scene.queued) == (3, [ADA] * 5)


@pytest.mark.parametrize("run_automations", [True, False])
def test_a_contact_gets_its_email_by_a_change_where_that_may_run_automations(*, run_automations: bool) -> None:
    """Else it is only seen whether it has it."""
    scene = Scene(run_automations=run_automations)
    scene.read_user("u-8")
    scene.read_user("u-9")
    assert [move.may_change for move in scene.moves] == [run_automations]
    scene.pump.lanes.stop()


@pytest.mark.parametrize("operation", ["update", "soft_delete"])
def test_a_row_that_brings_no_email_changes_none(scene: Scene, operation: Operation) -> None:
    """Though it is seen whose the email is."""
    scene.read_user("u-8")
    scene.read_user("u-9")
    row = replace(a_contact("", user_id="u-8"), by_user_id=True, operation=operation)
    if operation == "soft_delete":
        row = replace(row, change=replace(row.change, removal=Removal.DELETE))
    scene.resolver.contact_read(scene.row(), row, scene.queue)
    assert [(move.user_id, move.may_change) for move in scene.moves[1:]] == [("u-8", False)]


@pytest.mark.parametrize("ends", [(True, False), (False, True), (False, False)])
def test_a_new_user_has_its_email_if_any_half_of_its_rows_was_written(scene: Scene, ends: tuple[bool, bool]) -> None:
    """Whichever half that is; else nobody has it."""
    for plan in ("a", "b"):
        mapped = replace(a_contact(user_id="u-8", fields={1: plan}), by_user_id=True)
        scene.resolver.contact_read(scene.row(), mapped, scene.queue)
    scene.run()
    entry = scene.people._people[ADA].contacts[0]
    for half, written in zip((entry, scene.people.split(entry)), ends, strict=True):
        scene.settlement.contact(half, Written() if written else Rejected("row_refused", "", ""))
    known = scene.known.contact_of("u-8"), scene.known.holder(ADA)
    assert known == ((ADA, "u-8") if any(ends) else (NotOne.MISSING, FREE))
