"""What became of the rows that were not written, by stream and reason; and the guard against a mapping that refuses all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Skipped, Written
from destination_activecampaign.sync.checkpoints import Counts, StreamId
from destination_activecampaign.sync.entries import Row

GUARDED_ROWS = 1_000
"""Settled rows of a stream after which its STATEs are no longer held."""

ENOUGH_ROWS = 20
"""Fewer rejected rows than this, at the end of a sync, say nothing about the mapping."""

LINES_PER_STREAM = 40

MAPPING_REASONS = frozenset(
    {
        "email_missing",
        "email_invalid",
        "name_required",
        "would_run_automations",
        "contact_key_missing",
        "event_refused",
        "domain_not_whitelisted",
        "stream_unknown",
    }
)
"""Reasons that a setting, a mapping or a catalog that is out of date can cause for every row of a stream, besides all
`*_unreadable`."""

WHY_SKIPPED = {
    "too_old": "Older than `skip_events_older_than` days; 0 sends all.",
    "duplicate_message": "A message with this id came before in this sync.",
    "stream_ignored": "An entry of `mappings` says so.",
    "nothing_to_remove": "The contact does not exist.",
}
"""What the log adds to a reason for leaving rows out on purpose."""


def _mapping_causes(reason: str) -> bool:
    return reason in MAPPING_REASONS or reason.endswith("_unreadable")


def stream_name(stream: StreamId) -> str:
    """Return how a stream is called in messages to the user."""
    namespace, name = stream
    return f"{namespace}.{name}" if namespace else name


@dataclass(slots=True)
class _Cause:
    """Rows, or parts of rows, that were left out for one reason. `first_row`: the number of the first in its stream."""

    first_row: int
    rows: int = 0


@dataclass(slots=True)
class _Stream:
    counts: Counts = field(default_factory=Counts)
    pending: int = 0
    rejected_for: set[str] = field(default_factory=set)
    judged: bool = False
    causes: dict[tuple[str, str, str, str], _Cause] = field(default_factory=dict)
    more_causes: int = 0


class Rejections:
    """Counts how each stream's rows end. `max_percent`: rejected rows, of all settled, above which the sync ends."""

    def __init__(self, max_percent: float | None = None) -> None:
        self._streams: dict[StreamId, _Stream] = {}
        self._max_percent = max_percent

    def read(self, stream: StreamId) -> int:
        """Count a row in. Returns its number in its stream, from 1."""
        counted = self._streams.get(stream)
        if counted is None:
            counted = self._streams[stream] = _Stream()
        counted.pending += 1
        return counted.pending + counted.counts.settled

    def settle(self, row: Row, outcome: Outcome) -> None:
        """Count a row out. Raises ConfigError when so many rows of its stream were rejected that its mapping must be wrong."""
        stream = self._streams[row.stream]
        stream.pending -= 1
        stream.counts.count(outcome)
        match outcome:
            case Written(refused=()):
                return
            case Written(refused=refused):
                for part in refused:
                    self._cause(stream, "part", row, part)
            case Rejected():
                stream.rejected_for.add(outcome.reason)
                self._cause(stream, "row", row, outcome)
            case Skipped():
                self._cause(
                    stream, "skipped", row, PartRefused(outcome.reason, "", WHY_SKIPPED.get(outcome.reason, ""))
                )
        if stream.counts.settled == GUARDED_ROWS and self._suspected(stream):
            self._judge(row.stream, stream)

    def held(self, stream: StreamId | None) -> bool:
        """Whether STATEs of *stream* (None: those of all streams) must wait until it is clear that rows can be written."""
        if stream is None:
            # A small stream must not keep the others' progress for a whole sync.
            few = self.totals.settled < GUARDED_ROWS
            return few and any(self._suspected(counted) for counted in self._streams.values())
        counted = self._streams.get(stream)
        return counted is not None and self._suspected(counted)

    def share_is_fine(self, *, at_end: bool) -> bool:
        """Whether no more rows were rejected than the user allows; asked before a STATE leaves.

        Of the first GUARDED_ROWS no share can be told, so STATEs wait. Raises ConfigError once it can.
        """
        totals = self.totals
        if self._max_percent is None or not totals.settled:
            return True
        percent = 100.0 * totals.rejected / totals.settled
        if percent > self._max_percent and (at_end or totals.settled >= GUARDED_ROWS):
            raise ConfigError(
                f"{totals.rejected} of {totals.settled} rows were rejected ({percent:.1f} %), more than "
                f"`max_rejected_percent` allows ({self._max_percent:g} %). The log names the reasons. Correct the rows or the "
                "mapping, or raise the limit, and sync again."
            )
        return percent <= self._max_percent

    def end(self) -> None:
        """Judge every stream at the end of the sync. Raises ConfigError as `settle` does."""
        for stream, counted in self._streams.items():
            if self._suspected(counted):
                if counted.counts.settled >= ENOUGH_ROWS:
                    self._judge(stream, counted)
                counted.judged = True

    @property
    def totals(self) -> Counts:
        """The counts of all streams."""
        total = Counts()
        for counted in self._streams.values():
            total.add(counted.counts)
        return total

    def by_stream(self) -> Iterator[tuple[StreamId, Counts]]:
        """Yield each stream's counts."""
        for stream, counted in self._streams.items():
            yield stream, counted.counts

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield a log level and a line per stream and reason: how many, the first one, what to do. No value of any row.

        What was skipped on purpose is no warning.
        """
        for stream, counted in self._streams.items():
            for (kind, reason, about, message), cause in counted.causes.items():
                what = {"row": "rejected", "part": "written without a part", "skipped": "skipped on purpose"}[kind]
                where = f" ({about})" if about else ""
                line = (
                    f"{stream_name(stream)}: {cause.rows} row{'' if cause.rows == 1 else 's'} {what}: {reason}{where}, first in "
                    f"row {cause.first_row}. {message}"
                )
                yield logging.INFO if kind == "skipped" else logging.WARNING, line.rstrip()
            if counted.more_causes:
                more = f"{stream_name(stream)}: {counted.more_causes} more rows with other reasons or columns."
                yield logging.WARNING, more

    @staticmethod
    def _suspected(counted: _Stream) -> bool:
        counts = counted.counts
        return bool(counts.rejected) and not counts.written and not counts.skipped and not counted.judged

    @staticmethod
    def _judge(stream: StreamId, counted: _Stream) -> None:
        """Decide about a stream that is suspected: none of its rows was written or skipped."""
        counts = counted.counts
        if not counted.pending and all(map(_mapping_causes, counted.rejected_for)):
            _, message = max((cause.rows, key[3]) for key, cause in counted.causes.items() if key[0] == "row")
            raise ConfigError(
                f"Stream {stream_name(stream)}: all {counts.rejected} rows were rejected, as a wrong mapping or "
                f"setting would do: {', '.join(sorted(counted.rejected_for))}. {message} Nothing was marked as synced: correct "
                "the mapping or the setting and sync again."
            )
        counted.judged = True

    @staticmethod
    def _cause(stream: _Stream, kind: str, row: Row, left_out: PartRefused | Rejected) -> None:
        key = kind, left_out.reason, left_out.field, left_out.message
        cause = stream.causes.get(key)
        if cause is None:
            if len(stream.causes) >= LINES_PER_STREAM:
                stream.more_causes += 1
                return
            cause = stream.causes[key] = _Cause(row.number)
        cause.rows += 1
        cause.first_row = min(cause.first_row, row.number)
