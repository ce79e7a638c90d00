"""One evenly paced stream of requests: when the next may go. No lock, no clock: its owner has both."""

from __future__ import annotations

# However often it is slowed down, a pace keeps this share of its rate: it must recover on its own.
LOWEST_SHARE = 0.1


class Pace:
    """`rate` requests a second, one interval apart (a GCRA without bursts).

    `lag`: seconds that a late request may catch up, so that a late thread does not cost throughput; `recovery`: the
    share of the rate that comes back each second after a slow-down. Every `now` is the owner's clock, in seconds.
    """

    def __init__(self, rate: float, lag: float, *, recovery: float) -> None:
        self.rate = rate
        self._lag = lag
        self._recovery = recovery
        self._next = float("-inf")
        self._paused_until = float("-inf")
        self._share = 1.0
        self._share_since = 0.0
        self._slowed = float("-inf")

    def interval(self, now: float) -> float:
        """Return the seconds between two requests."""
        return 1.0 / (self.rate * self._share_at(now))

    def due(self, now: float) -> float:
        """Return the seconds until the next request may go; 0 or less: now."""
        return max(self._next, self._paused_until) - now

    def paused(self, now: float) -> float:
        """Return the seconds that are left of a pause."""
        return max(0.0, self._paused_until - now)

    def take(self, now: float) -> None:
        """Count a request that goes now."""
        self._next = max(self._next, now - self._lag) + self.interval(now)

    def slow_down(self, now: float, factor: float, *, not_before: float) -> None:
        """Go on at *factor* of the present pace; at most once in *not_before* seconds."""
        if now - self._slowed < not_before:
            return
        self._slowed = now
        self._share = max(LOWEST_SHARE, self._share_at(now) * factor)
        self._share_since = now

    def halve_and_pause(self, now: float, seconds: float) -> None:
        """Pause, then go on at half the pace.

        Requests that were on the wire together are refused together: during a pause only its end moves.
        """
        if not self.paused(now):
            self.slow_down(now, 0.5, not_before=0.0)
        self._paused_until = max(self._paused_until, now + seconds)
        # The pace recovers from the end of the pause, not during it.
        self._share_since = self._paused_until

    def _share_at(self, now: float) -> float:
        return min(1.0, self._share + self._recovery * max(0.0, now - self._share_since))
