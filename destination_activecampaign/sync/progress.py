"""What the log says of a sync: a line every 30 seconds and a table at its end. Counts only, never a value of a row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from destination_activecampaign.sync.rejections import Rejections, stream_name

logger = logging.getLogger("airbyte")

EVERY_SECONDS = 30.0
NO_STATE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests sent so far by lane, tries included; answers that said to slow down.

    `waited`: seconds that all requests waited for quota; those of several threads add up, to more than the sync took.
    `repeated_events`: events and visits that were sent again because their answer was lost.
    """

    requests: Mapping[str, int]
    waited: float
    limited: int
    repeated_events: int = 0


class Progress:
    """Tells how far a sync is.

    `usage()`: what it has cost so far; `waiting()`: rows read and not settled; `why_no_state()`: what the oldest STATE
    waits for, for the case that none left for long; `written`: what is said of rows that were written, or would be.
    """

    def __init__(
        self,
        rejections: Rejections,
        usage: Callable[[], Usage],
        waiting: Callable[[], int],
        why_no_state: Callable[[], str],
        now: float,
        *,
        written: str = "written",
    ) -> None:
        self._rejections = rejections
        self._usage = usage
        self._waiting = waiting
        self._why_no_state = why_no_state
        self._started = now
        self._next = now + EVERY_SECONDS
        self._last_state = now
        self._written = written

    def due_at(self) -> float:
        """Return when the next line is due."""
        return self._next

    def state_left(self, now: float) -> None:
        """Note that a STATE went out."""
        self._last_state = now

    def tell(self, now: float) -> None:
        """Log a line where one is due."""
        if now < self._next:
            return
        self._next = now + EVERY_SECONDS
        line = self._line(now)
        if self._waiting() and now - self._last_state >= NO_STATE_SECONDS:
            line += f"; no STATE left for {(now - self._last_state) / 60:.0f} minutes: {self._why_no_state()}"
        logger.info(line)

    def _line(self, now: float) -> str:
        totals, usage = self._rejections.totals, self._usage()
        requests = ", ".join(f"{lane} {count}" for lane, count in usage.requests.items() if count)
        return (
            f"{totals.settled + self._waiting()} rows in, {totals.written} {self._written}, {totals.rejected} rejected, "
            f"{totals.skipped} skipped, {self._waiting()} waiting; requests: {requests or 'none'}; "
            f"{_waits(usage)}; {now - self._started:.0f} s"
        )

    def table(self, now: float) -> Iterator[tuple[int, str]]:
        """Yield the lines of the final report, each with its log level: what was not written is a warning."""
        totals, usage = self._rejections.totals, self._usage()
        width = max(10, len(self._written))
        head = f"{'stream':<40} {self._written:>10} {'rejected':>10} {'skipped':>10} {'parts refused':>14} {'unconfirmed':>12}"
        yield logging.INFO, head
        for stream, counts in self._rejections.by_stream():
            numbers = f"{counts.written:>{width}} {counts.rejected:>10} {counts.skipped:>10} {counts.refused_parts:>14}"
            yield logging.INFO, f"{stream_name(stream)[:40]:<40} {numbers} {counts.unconfirmed:>12}"
        yield from self._rejections.lines()
        seconds = max(now - self._started, 0.001)
        total = sum(usage.requests.values())
        speed = f"{totals.settled} rows in {seconds:.0f} s ({totals.settled / seconds:.1f} rows/s)"
        cost = f"{total} requests ({total / max(totals.settled, 1):.4f} per row)"
        yield logging.INFO, f"{speed}, {cost}, {_waits(usage)}."
        if usage.repeated_events:
            repeated = "Events and visits sent again because no answer came, which may count twice"
            yield logging.WARNING, f"{repeated}: {usage.repeated_events}."


def _waits(usage: Usage) -> str:
    return (
        f"{usage.waited:.0f} s waited for quota by all requests together, "
        f"{usage.limited} request{'' if usage.limited == 1 else 's'} refused for it"
    )
