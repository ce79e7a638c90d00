"""When to ask how an import stands: one timer for all that are out, oldest first. No I/O, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

FIRST_SECONDS = 6.0
FACTOR = 1.5
LONGEST_SECONDS = 30.0
FEW = 6
"""With fewer imports out than this, each is asked for every FEW_SECONDS: there is quota to spare."""
FEW_SECONDS = 3.0

T = TypeVar("T")


@dataclass(slots=True)
class _Timed(Generic[T]):
    item: T
    due: float
    wait: float = FIRST_SECONDS


@dataclass(slots=True)
class Polls(Generic[T]):
    """The imports that are out, in the order they were accepted."""

    _out: dict[int, _Timed[T]] = field(default_factory=dict)
    _asking: dict[int, _Timed[T]] = field(default_factory=dict)
    _next: int = 0

    def __len__(self) -> int:
        """Imports that are not known to be done."""
        return len(self._out) + len(self._asking)

    def add(self, item: T, now: float) -> None:
        """An import was accepted."""
        self._out[self._next] = _Timed(item, now + FIRST_SECONDS)
        self._next += 1

    def due_at(self) -> float | None:
        """Return when the next is to be asked for; None while none is out."""
        return min((timed.due for timed in self._out.values()), default=None)

    def take(self, now: float) -> tuple[int, T] | None:
        """Take the oldest that is due, with its number; `pending` or `done` must follow."""
        for number, timed in self._out.items():
            if timed.due <= now:
                self._asking[number] = self._out.pop(number)
                return number, timed.item
        return None

    def pending(self, number: int, now: float) -> None:
        """It is not done: ask again later, each time somewhat later."""
        few = len(self) < FEW
        timed = self._asking.pop(number)
        timed.wait = FEW_SECONDS if few else min(timed.wait * FACTOR, LONGEST_SECONDS)
        timed.due = now + timed.wait
        self._out[number] = timed
        self._out = dict(sorted(self._out.items()))

    def done(self, number: int, now: float) -> None:
        """It is done, so the oldest of the others probably is, or soon will be."""
        del self._asking[number]
        oldest = next(iter(self._out.values()), None)
        if oldest is not None:
            oldest.due = min(oldest.due, now)
