"""Which STATEs are true, in which order they leave, and what they sum up."""

from __future__ import annotations

from typing import Literal

from destination_activecampaign.mappings.outcome import PartRefused, Rejected, Skipped, Written
from destination_activecampaign.messages import State
from destination_activecampaign.sync.checkpoints import Acknowledged, Counts, Ledger, StreamId

A: StreamId = (None, "a")
B: StreamId = (None, "b")
REJECTED = Rejected("email_missing", "email", "Map an email.")


class Held:
    """Streams whose STATEs must wait."""

    def __init__(self) -> None:
        self.streams: set[StreamId | None] = set()

    def __call__(self, stream: StreamId | None) -> bool:
        """Whether it must."""
        return stream in self.streams


def a_state(number: int, stream: StreamId | None = A, kind: Literal["STREAM", "GLOBAL", "LEGACY"] = "STREAM") -> State:
    """Return a STATE."""
    return State(kind if stream is not None or kind != "STREAM" else "GLOBAL", stream, number)


def numbers(acknowledged: list[Acknowledged]) -> list[int]:
    """Which STATEs left."""
    return [each.state.message for each in acknowledged]


def left(ledger: Ledger) -> list[int]:
    """Which STATEs leave now."""
    return numbers(list(ledger.ready()))


def test_a_state_waits_for_the_records_before_it() -> None:
    """All of them, and none after it."""
    ledger = Ledger(Held())
    first, second = ledger.record(), ledger.record()
    ledger.close(a_state(1))
    ledger.record()
    assert left(ledger) == []
    ledger.settle(first, A, Written())
    assert left(ledger) == []
    ledger.settle(second, A, REJECTED)
    assert left(ledger) == [1]
    assert left(ledger) == []


def test_states_leave_in_the_order_they_came() -> None:
    """Though the later one's records are settled first."""
    ledger = Ledger(Held())
    first = ledger.record()
    ledger.close(a_state(1))
    second = ledger.record()
    ledger.close(a_state(2))
    ledger.settle(second, A, Written())
    assert left(ledger) == []
    ledger.settle(first, A, Written())
    assert left(ledger) == [1, 2]


def test_a_state_waits_for_other_streams_records_before_it() -> None:
    """One FIFO over all streams."""
    ledger = Ledger(Held())
    other = ledger.record()
    ledger.close(a_state(1, B))
    mine = ledger.record()
    ledger.close(a_state(2, A))
    ledger.settle(mine, A, Written())
    assert left(ledger) == []
    ledger.settle(other, B, Written())
    assert left(ledger) == [1, 2]


def test_a_state_before_any_record_leaves_at_once() -> None:
    """With sums of zero."""
    ledger = Ledger(Held())
    ledger.close(a_state(1))
    [acknowledged] = ledger.ready()
    assert acknowledged.counts == Counts()


def test_a_stream_state_sums_its_own_stream_since_its_last_state() -> None:
    """Across segments that other streams' STATEs closed."""
    ledger = Ledger(Held())
    for stream, state in ((A, a_state(1, B)), (A, a_state(2, A)), (A, a_state(3, A))):
        ledger.settle(ledger.record(), stream, Written())
        ledger.settle(ledger.record(), B, REJECTED)
        ledger.close(state)
    first, second, third = ledger.ready()
    assert (first.counts.rejected, first.counts.written) == (1, 0)
    assert (second.counts.written, second.counts.rejected) == (2, 0)
    assert third.counts.written == 1


def test_a_global_state_sums_all_streams_since_the_last_of_its_kind() -> None:
    """And what a STREAM state has told is not told again."""
    ledger = Ledger(Held())
    ledger.settle(ledger.record(), A, Written())
    ledger.settle(ledger.record(), B, Skipped("too_old"))
    ledger.close(a_state(1, A))
    ledger.close(a_state(2, None))
    ledger.settle(ledger.record(), A, Written())
    ledger.close(a_state(3, None, "LEGACY"))
    first, second, third = ledger.ready()
    assert first.counts == Counts(written=1)
    assert second.counts == Counts(skipped=1)
    assert third.counts == Counts(written=1)


def test_sums_tell_refused_parts_and_unconfirmed_rows() -> None:
    """Both of rows that are written."""
    part = PartRefused("invalid_value", "plan", "Correct it.")
    ledger = Ledger(Held())
    ledger.settle(ledger.record(), A, Written((part, part)))
    ledger.settle(ledger.record(), A, Written(unconfirmed=True))
    ledger.close(a_state(1))
    [acknowledged] = ledger.ready()
    assert acknowledged.counts == Counts(written=2, refused_parts=2, unconfirmed=1)
    assert acknowledged.counts.settled == 2


def test_held_states_are_set_aside() -> None:
    """They do not hold up another stream's, and leave in order once nothing holds them."""
    held = Held()
    held.streams = {A}
    ledger = Ledger(held)
    for number, stream in ((1, A), (2, B), (3, A)):
        ledger.settle(ledger.record(), stream, REJECTED)
        ledger.close(a_state(number, stream))
    assert left(ledger) == [2]
    assert ledger.states_waiting == 0
    held.streams = set()
    assert left(ledger) == [1, 3]


def test_held_global_states_wait_by_themselves() -> None:
    """A stream's own may leave meanwhile."""
    held = Held()
    held.streams = {None}
    ledger = Ledger(held)
    ledger.close(a_state(1, None))
    ledger.close(a_state(2, A))
    assert left(ledger) == [2]
    held.streams = set()
    assert left(ledger) == [1]


def test_states_that_wait_for_rows_are_counted() -> None:
    """Until they are true."""
    ledger = Ledger(Held())
    record = ledger.record()
    for number in range(3):
        ledger.close(a_state(number))
    assert ledger.states_waiting == 3
    ledger.settle(record, A, Written())
    assert left(ledger) == [0, 1, 2]
    assert ledger.states_waiting == 0


def test_namespaces_tell_streams_apart() -> None:
    """Two streams of one name."""
    ledger = Ledger(Held())
    ledger.settle(ledger.record(), ("x", "a"), Written())
    ledger.settle(ledger.record(), ("y", "a"), REJECTED)
    ledger.close(a_state(1, ("y", "a")))
    [acknowledged] = ledger.ready()
    assert acknowledged.counts == Counts(rejected=1)


def test_counts_add_up() -> None:
    """Each kind to its own; rows of three kinds are settled."""
    counts = Counts(1, 2, 3, 4, 5)
    counts.add(Counts(10, 20, 30, 40, 50))
    assert counts == Counts(11, 22, 33, 44, 55)
    assert counts.settled == 66
