"""When waiting contacts become an import, and which."""

from __future__ import annotations

import pytest

from destination_activecampaign.sync.batch import ENVELOPE_BYTES, MAX_BYTES, MAX_CONTACTS, Batcher
from unit_tests.sync.factories import an_entry

ROOM = MAX_BYTES - ENVELOPE_BYTES


@pytest.fixture
def batcher() -> Batcher:
    """Give one in which nothing waits."""
    return Batcher()


def test_nothing_is_due_while_nothing_waits(batcher: Batcher) -> None:
    """Not even at the end of the input."""
    assert batcher.due_at(no_more=True) is None
    assert batcher.take() == []


def test_a_full_batch_goes_at_once(batcher: Batcher) -> None:
    """250 contacts; the 251st waits for the next one."""
    entries = [an_entry(f"{number}@example.com") for number in range(MAX_CONTACTS + 1)]
    for entry in entries[:-2]:
        batcher.add(entry, 5.0)
    assert batcher.due_at(no_more=False) == 8.0
    batcher.add(entries[-2], 5.0)
    assert batcher.due_at(no_more=False) == 0.0
    batcher.add(entries[-1], 5.0)
    assert batcher.take() == entries[:MAX_CONTACTS]
    assert len(batcher) == 1


def test_a_batch_is_full_of_bytes(batcher: Batcher) -> None:
    """Fewer than 400,000 with its envelope, tallied as entries arrive."""
    entries = [an_entry("a@example.com", ROOM // 2), an_entry("b@example.com", ROOM - ROOM // 2)]
    batcher.add(entries[0], 5.0)
    assert batcher.due_at(no_more=False) == 8.0
    batcher.add(entries[1], 5.0)
    batcher.add(an_entry("c@example.com", 1), 5.0)
    assert batcher.due_at(no_more=False) == 0.0
    assert batcher.take() == entries


def test_an_entry_larger_than_a_batch_goes_alone(batcher: Batcher) -> None:
    """At least one is taken, so that nothing waits for ever."""
    large = an_entry(size=ROOM + 1)
    batcher.add(large, 0.0)
    batcher.add(an_entry("b@example.com"), 0.0)
    assert batcher.take() == [large]
    assert len(batcher) == 1


def test_fewer_go_when_none_came_for_three_seconds(batcher: Batcher) -> None:
    """Counted from the last arrival."""
    batcher.add(an_entry(), 10.0)
    batcher.add(an_entry("b@example.com"), 12.0)
    assert batcher.due_at(no_more=False) == 15.0


def test_fewer_go_when_the_oldest_waited_thirty_seconds(batcher: Batcher) -> None:
    """Though others keep coming."""
    for second in range(40):
        batcher.add(an_entry(f"{second}@example.com"), 10.0 + second)
    assert batcher.due_at(no_more=False) == 40.0


def test_fewer_go_at_once_when_no_more_can_come(batcher: Batcher) -> None:
    """The end of the input."""
    batcher.add(an_entry(), 10.0)
    assert batcher.due_at(no_more=True) == 0.0


def test_what_is_put_back_goes_first(batcher: Batcher) -> None:
    """In the order given."""
    waiting, first, second = an_entry("w@example.com"), an_entry("a@example.com"), an_entry("b@example.com")
    batcher.add(waiting, 10.0)
    batcher.put_back([first, second], 12.0)
    assert batcher.take() == [first, second, waiting]


def test_what_is_put_back_waits_for_company(batcher: Batcher) -> None:
    """As what is new does."""
    batcher.put_back([an_entry()], 12.0)
    assert batcher.due_at(no_more=False) == 15.0


def test_the_tally_grows_with_a_fold(batcher: Batcher) -> None:
    """Only while the entry waits here."""
    waits, gone = an_entry("a@example.com", ROOM - 10), an_entry("b@example.com")
    batcher.add(gone, 0.0)
    assert batcher.take() == [gone]
    batcher.add(waits, 0.0)
    gone.size += 10
    batcher.grew(gone, 10)
    assert batcher.due_at(no_more=False) == 3.0
    waits.size += 10
    batcher.grew(waits, 10)
    assert batcher.due_at(no_more=False) == 0.0


def test_the_tally_is_empty_when_all_are_taken(batcher: Batcher) -> None:
    """What grew is taken out as it went in."""
    entry = an_entry(size=ROOM - 5)
    batcher.add(entry, 0.0)
    entry.size += 5
    batcher.grew(entry, 5)
    assert batcher.take() == [entry]
    batcher.add(an_entry("b@example.com", ROOM - 1), 1.0)
    assert batcher.due_at(no_more=False) == 4.0


def test_nothing_put_back_keeps_nobody_waiting(batcher: Batcher) -> None:
    """Most imports that are confirmed bring nothing back."""
    batcher.add(an_entry(), 10.0)
    batcher.put_back([], 12.0)
    assert batcher.due_at(no_more=False) == 13.0


def test_what_is_put_back_counts_in_the_tally(batcher: Batcher) -> None:
    """All of it, and what it may grow by."""
    first, second = an_entry("a@example.com", ROOM // 2), an_entry("b@example.com", ROOM - ROOM // 2 - 10)
    batcher.put_back([first, second], 0.0)
    assert batcher.due_at(no_more=False) == 3.0
    second.size += 10
    batcher.grew(second, 10)
    assert batcher.due_at(no_more=False) == 0.0


def test_a_batch_is_full_with_the_last_contact_that_fits(batcher: Batcher) -> None:
    """It does not wait for the first that does not."""
    for number in range(MAX_CONTACTS):
        batcher.add(an_entry(f"{number}@example.com"), 5.0)
    assert batcher.due_at(no_more=False) == 0.0
