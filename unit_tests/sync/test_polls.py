"""When to ask how an import stands."""

from __future__ import annotations

import pytest

from destination_activecampaign.sync.polls import FEW, Polls


@pytest.fixture
def polls() -> Polls[str]:
    """Give one with nothing out."""
    return Polls()


def many(polls: Polls[str]) -> None:
    """Send more than few."""
    for number in range(FEW + 1):
        polls.add(str(number), 0.0)


def taken(polls: Polls[str], now: float) -> tuple[int, str]:
    """Take one that must be due."""
    found = polls.take(now)
    assert found is not None
    return found


def test_nothing_is_due_while_nothing_is_out(polls: Polls[str]) -> None:
    """And nothing can be taken."""
    assert (polls.due_at(), polls.take(1e9), len(polls)) == (None, None, 0)


def test_an_import_is_asked_for_after_six_seconds(polls: Polls[str]) -> None:
    """Not before."""
    polls.add("a", 100.0)
    assert polls.due_at() == 106.0
    assert polls.take(105.9) is None
    assert taken(polls, 106.0)[1] == "a"


def test_it_is_not_asked_for_twice_at_a_time(polls: Polls[str]) -> None:
    """It counts as out meanwhile."""
    polls.add("a", 0.0)
    taken(polls, 6.0)
    assert (polls.take(100.0), polls.due_at(), len(polls)) == (None, None, 1)


def test_waits_grow_by_half_up_to_thirty_seconds(polls: Polls[str]) -> None:
    """While many are out."""
    many(polls)
    now, waits = 6.0, list[float]()
    for _ in range(6):
        number, item = taken(polls, now)
        assert item == "0"
        polls.pending(number, now)
        due = next(timed.due for timed in polls._out.values())
        waits.append(due - now)
        now = due
    assert waits == [9.0, 13.5, 20.25, 30.0, 30.0, 30.0]


def test_few_are_asked_for_every_three_seconds(polls: Polls[str]) -> None:
    """There is quota to spare."""
    polls.add("a", 0.0)
    for now in (6.0, 9.0, 12.0):
        number, _ = taken(polls, now)
        polls.pending(number, now)
        assert polls.due_at() == now + 3.0


def test_six_are_not_few(polls: Polls[str]) -> None:
    """Fewer than six are."""
    for number in range(6):
        polls.add(str(number), 0.0)
    number, _ = taken(polls, 6.0)
    polls.pending(number, 6.0)
    assert next(timed.due for timed in polls._out.values()) == 15.0


def test_the_oldest_is_asked_for_first(polls: Polls[str]) -> None:
    """Also one that was asked for before."""
    polls.add("a", 0.0)
    polls.add("b", 1.0)
    number, _ = taken(polls, 6.0)
    polls.pending(number, 6.0)
    assert taken(polls, 20.0)[1] == "a"
    assert taken(polls, 20.0)[1] == "b"


def test_a_completed_one_pulls_the_oldest_other_forward(polls: Polls[str]) -> None:
    """It is probably done too."""
    many(polls)
    for _ in range(2):
        number, _item = taken(polls, 6.0)
        polls.pending(number, 6.0)
    third, _ = taken(polls, 6.0)
    polls.done(third, 7.0)
    assert taken(polls, 7.0)[1] == "0"


def test_a_completed_one_puts_nothing_off(polls: Polls[str]) -> None:
    """What is due already stays due."""
    polls.add("a", 0.0)
    polls.add("b", 0.0)
    number, _ = taken(polls, 6.0)
    polls.done(number, 9.0)
    assert polls.due_at() == 6.0


def test_the_last_completed_one_leaves_nothing(polls: Polls[str]) -> None:
    """There is no other to pull."""
    polls.add("a", 0.0)
    polls.done(taken(polls, 6.0)[0], 6.0)
    assert (len(polls), polls.due_at()) == (0, None)
