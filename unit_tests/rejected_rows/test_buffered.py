"""When rows are to be stored."""

from __future__ import annotations

from destination_activecampaign.config import NoStorage
from destination_activecampaign.rejected_rows.buffered import FLUSH_BYTES, FLUSH_SECONDS, Buffered
from destination_activecampaign.rejected_rows.store import open_store
from unit_tests.rejected_rows.factories import USERS, FakeClock, a_line


def add(buffered: Buffered, line: bytes) -> None:
    """Add a row."""
    buffered.add(USERS, line, "r", "f", "m", "", written=False)


def test_nothing_is_never_due() -> None:
    """Without a row there is nothing to store, however long."""
    buffered = Buffered(FakeClock().monotonic, tells_stream=False)
    assert not buffered.pending
    assert not buffered.due(1e9)


def test_due_ten_seconds_after_the_first_row_that_waits() -> None:
    """Later rows do not put it off, and those that are stored do not count."""
    clock = FakeClock()
    buffered = Buffered(clock.monotonic, tells_stream=False)
    add(buffered, a_line(a=1))
    clock.now += FLUSH_SECONDS - 1
    add(buffered, a_line(a=2))
    assert buffered.pending
    assert not buffered.due(clock.now)
    assert buffered.due(clock.now + 1)
    buffered._stored(USERS)
    add(buffered, a_line(a=3))
    assert not buffered.due(clock.now + 1)


def test_due_at_once_when_much_waits() -> None:
    """Memory is bounded."""
    clock = FakeClock()
    buffered = Buffered(clock.monotonic, tells_stream=False)
    add(buffered, a_line(a="x" * FLUSH_BYTES))
    assert buffered.due(clock.now)
    buffered._all_stored()
    add(buffered, a_line(a=1))
    assert not buffered.due(clock.now)


def test_no_storage_is_no_store() -> None:
    """The caller has nothing to ask then."""
    clock = FakeClock()
    assert open_store(NoStorage(), 7, monotonic=clock.monotonic, wall=clock.wall, sleep=clock.sleep) is None
