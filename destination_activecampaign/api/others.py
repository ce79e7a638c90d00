"""What other clients of the account send: another connection, a form, a shop. Learned from what is left of its quota.

No lock, no clock: its owner has both.
"""

from __future__ import annotations

from collections import deque

MARGIN = 0.1
"""Seconds by which one request may be longer on its way than another."""

LONGEST = 10.0

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
        while self._own[0] < now - LONGEST:
            self._own.popleft()

    def learn(self, used: float, now: float, took: float, *, full: bool) -> None:
        """The account counted *used* requests in the last second, in an answer that *took* so many seconds.

        `full`: it takes no more, so that more may have been wanted than are counted.
        """
        # A request is counted on its way, when about half the time has passed: what was sent up to then is in its second.
        since = now - (1.0 + took + MARGIN)
        seen = max(0.0, used - sum(moment >= since for moment in self._own))
        if seen and full:
            seen += 1
        self.rate = max(seen, self.rate + (seen - self.rate) * FALL)
