"""The steady part of a run: what it does once its first imports are on their way, and before it runs dry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.harness import BenchmarkError, Request, Run

FULL: Final = 250
"""Contacts in a full import."""

FROM: Final = 10
"""The full import with which the steady part begins."""

HOW: Final = (
    "Rows per second are counted where they are confirmed: at the STATEs that the connector gives back, each only when "
    "every row before it is known to be in the account. The steady part goes from the STATE that confirms as many of the "
    "rows as the first ten full imports held to the one that confirms as many as all up to the last full import held."
)


@dataclass(frozen=True, slots=True)
class Steady:
    """Rows that were confirmed in the steady part, and its length. `imports`: full ones in it."""

    rows: int
    seconds: float
    imports: int

    @property
    def rows_per_second(self) -> float:
        """Return the rate."""
        return self.rows / self.seconds


def steady_part(run: Run, requests: Sequence[Request], first: int = FROM) -> Steady:
    """Find the steady part, which begins with the *first* full import."""
    sizes = [request.contacts for request in requests if request.is_accepted_import]
    full = [place for place, size in enumerate(sizes, start=1) if size == FULL]
    if len(full) <= first:
        raise BenchmarkError(f"{len(full)} full imports are too few to have a steady part.")
    total = sum(sizes)
    begin = run.when(run.rows * sum(sizes[: full[first - 1]]) / total)
    end = run.when(run.rows * sum(sizes[: full[-1]]) / total)
    return Steady(end.rows - begin.rows, end.time - begin.time, len(full) - first)
