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
    "Every row was confirmed by a STATE that came back, or the run would have no figures. The rate of the steady part is that "
    "of the imports which the account accepted from the tenth full one to the last, by the account's own journal, times the "
    "rows that a contact stood for: STATEs come back in steps that are too coarse to take a rate from."
)


@dataclass(frozen=True, slots=True)
class Steady:
    """Rows that the imports of the steady part brought, and its length. `imports`: full ones in it."""

    rows: float
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
    times = [request.time for request in requests if request.is_accepted_import]
    begin, end = full[first - 1], full[-1]
    rows_per_contact = run.rows / sum(sizes)
    return Steady(sum(sizes[begin:end]) * rows_per_contact, times[end - 1] - times[begin - 1], len(full) - first)
