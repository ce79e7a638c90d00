"""The ledger: one FIFO over all streams that lets a STATE go only when every record before it is settled.

No I/O, no threads: only the loop touches it. What a STATE looks like on the wire is `protocol`'s.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from destination_activecampaign.mappings.outcome import Outcome, Rejected, Skipped, Written
from destination_activecampaign.messages import State

StreamId: TypeAlias = tuple[str | None, str]
"""Namespace and name: both identify a stream."""


@dataclass(slots=True)
class Counts:
    """How rows ended. `refused_parts`: parts left out of written rows; `unconfirmed`: written rows that no answer confirms."""

    written: int = 0
    rejected: int = 0
    skipped: int = 0
    refused_parts: int = 0
    unconfirmed: int = 0

    def add(self, other: Counts) -> None:
        """Add *other*'s counts to these."""
        self.written += other.written
        self.rejected += other.rejected
        self.skipped += other.skipped
        self.refused_parts += other.refused_parts
        self.unconfirmed += other.unconfirmed

    def count(self, outcome: Outcome) -> None:
        """Count one row's outcome."""
        match outcome:
            case Written():
                self.written += 1
                self.refused_parts += len(outcome.refused)
                self.unconfirmed += outcome.unconfirmed
            case Rejected():
                self.rejected += 1
            case Skipped():
                self.skipped += 1

    @property
    def settled(self) -> int:
        """Rows that ended, in any way."""
        return self.written + self.rejected + self.skipped


@dataclass(slots=True)
class Segment:
    """The records between two STATEs, of whatever streams, and the STATE that closes them. `number`: its place, from 0."""

    number: int = 0
    state: State | None = None
    pending: int = 0
    counts: dict[StreamId, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A STATE that may leave, with what became of its records."""

    state: State
    counts: Counts


class Ledger:
    """Counts records in and out, and says which STATEs are true.

    `held(stream)`: whether a stream's STATEs must not leave yet although they are true; None asks for the GLOBAL and
    LEGACY ones. A held STATE is set aside, in order, so that it does not hold up the other streams'.
    """

    def __init__(self, held: Callable[[StreamId | None], bool]) -> None:
        self._held = held
        self._open: deque[Segment] = deque([Segment()])
        self._unreported: dict[StreamId, Counts] = {}
        self._aside: dict[StreamId | None, deque[Acknowledged]] = {}

    @property
    def states_waiting(self) -> int:
        """STATEs that wait for rows before them; those set aside do not count."""
        return len(self._open) - 1

    def record(self) -> Segment:
        """Count a record in; settle it later on the segment returned."""
        segment = self._open[-1]
        segment.pending += 1
        return segment

    @staticmethod
    def settle(segment: Segment, stream: StreamId, outcome: Outcome) -> None:
        """Count a record of *segment* out."""
        segment.pending -= 1
        counts = segment.counts.get(stream)
        if counts is None:
            counts = segment.counts[stream] = Counts()
        counts.count(outcome)

    def close(self, state: State) -> None:
        """End the open segment with *state*."""
        self._open[-1].state = state
        self._open.append(Segment(self._open[-1].number + 1))

    def ready(self) -> Iterator[Acknowledged]:
        """Yield the STATEs that may leave now, each stream's in the order they came."""
        while self._open[0].state is not None and not self._open[0].pending:
            segment = self._open.popleft()
            assert segment.state is not None  # noqa: S101 - the loop's condition, for the type checker
            for stream, counts in segment.counts.items():
                self._unreported.setdefault(stream, Counts()).add(counts)
            stream_or_all = segment.state.stream
            acknowledged = Acknowledged(segment.state, self._claim(stream_or_all))
            self._aside.setdefault(stream_or_all, deque()).append(acknowledged)
        for stream_or_all in list(self._aside):
            if not self._held(stream_or_all):
                yield from self._aside.pop(stream_or_all)

    def _claim(self, stream: StreamId | None) -> Counts:
        """Take the sums that a STATE reports: its stream's since its last, or all that no STATE has reported yet."""
        if stream is not None:
            return self._unreported.pop(stream, Counts())
        total = Counts()
        for counts in self._unreported.values():
            total.add(counts)
        self._unreported.clear()
        return total
