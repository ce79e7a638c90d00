"""Tries again what may pass, with growing pauses, until a deadline. What an error means is `classify`'s."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from destination_activecampaign.api.clock import Clock, Stop, pause
from destination_activecampaign.errors import ConnectionFailed, PauseTooLong, RateLimited, ServerError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# A longer pause than this ends the sync: the next one goes on where it ended.
LONGEST_PAUSE = 600.0


@dataclass(frozen=True, slots=True)
class RetryDetails:
    """One retry that is about to wait. `attempt`: the tries so far; `error`: the class's name; `wait`: seconds."""

    route: str
    attempt: int
    error: str
    wait: float


class Retry:
    """Repeats operations: exponential backoff with full jitter, at least what ActiveCampaign asks for."""

    def __init__(
        self,
        clock: Clock,
        random: Callable[[], float],
        stop: Stop,
        on_retry: Callable[[RetryDetails], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._random = random
        self._stop = stop
        self._on_retry = on_retry

    def call(self, operation: Callable[[], T], *, deadline_seconds: float, safe_to_repeat: bool, route: str = "") -> T:
        """Return the operation's result.

        `safe_to_repeat`: False where a request whose answer was lost must not be sent again. Raises the last
        TransientError, with the number of tries, once the deadline would pass; every other error at once.
        """
        began = self._clock.monotonic()
        attempt = 0
        while True:
            attempt += 1
            self._stop.check()
            try:
                return operation()
            except TransientError as error:
                self._stop.check()
                if not _worth_repeating(error, safe_to_repeat=safe_to_repeat):
                    raise
                wait = self._wait(error, attempt)
                spent = self._clock.monotonic() - began
                if spent + wait > deadline_seconds:
                    raise _given_up(error, attempt, spent) from None
                self._on_retry(RetryDetails(route, attempt, type(error).__name__, wait))
            pause(self._clock, self._stop, wait)

    def _wait(self, error: TransientError, attempt: int) -> float:
        asked = error.retry_after if isinstance(error, (RateLimited, ServerError)) else None
        if asked is not None and asked > LONGEST_PAUSE:
            raise PauseTooLong(
                f"{error.message} It asks to wait {asked:.0f} s, which is left to the next sync."
            ) from None
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 10))
        return max(self._random() * longest, asked or 0.0)


def _worth_repeating(error: TransientError, *, safe_to_repeat: bool) -> bool:
    """Tell whether it may be sent again: one refused for the quota was not carried out, of others little is known."""
    if isinstance(error, RateLimited):
        return True
    if isinstance(error, ConnectionFailed):
        return safe_to_repeat or not error.request_sent
    return isinstance(error, ServerError) and safe_to_repeat


def _given_up(error: TransientError, attempts: int, spent: float) -> TransientError:
    """Return *error*, its class kept, with the number of tries in its text."""
    ended = copy.copy(error)
    times = "once" if attempts == 1 else f"{attempts} times in {spent:.0f} s"
    ended.message = f"{error.message} Tried {times}."
    ended.args = (ended.message,)
    return ended
