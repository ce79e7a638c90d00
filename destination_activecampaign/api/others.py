"""What other clients of the account send: another connection, a form, a shop. Learned from what is left of its quota.

No lock, no clock: its owner has both.
"""

from __future__ import annotations

from collections import deque

WINDOW = 1.1
"""The account's second, and how much later than it was sent a request may be counted."""

FALL = 0.02
"""Share of the difference by which the estimate falls with each answer: who is quiet for some seconds comes back."""


class Others:
    """`rate`: their requests a second, an estimate."""

    def __init__(self) -> None:
        self.rate = 0.0
        self._own: deque[float] = deque()

    def own_request(self, now: float) -> None:
        """Count a request of our own."""
        self._own.append(now)
        self._forget(now)

    def learn(self, used: float, now: float) -> None:
        """The account counts *used* requests in the last second."""
        self._forget(now)
        seen = max(0.0, used - len(self._own))
        self.rate = max(seen, self.rate + (seen - self.rate) * FALL)

    def _forget(self, now: float) -> None:
        while self._own and self._own[0] < now - WINDOW:
            self._own.popleft()
