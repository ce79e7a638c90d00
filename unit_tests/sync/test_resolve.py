"""What must be known before a row can be sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from destination_activecampaign.mappings.lookups import NotOne
from unit_tests.sync.factories import ADA
from unit_tests.sync.resolving import Scene


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


def test_an_event_of_a_contact_that_this_sync_deleted_is_not_asked_about() -> None:
    """It is known to be gone."""
    scene = Scene(existing_only=True)
    scene.known.remove(ADA)
    scene.resolver.when_event_may_go(scene.event(), scene.went.append)
    assert (scene.went, scene.account.asked, scene.reasons()) == ([], [], ["contact_missing"])
    scene.pump.lanes.stop()
