"""Time as an argument: the clock that every wait of this layer goes through, and how a wait ends early at shutdown."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from destination_activecampaign.errors import TransientError


class Clock(Protocol):
    """What this layer knows of time."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    def time(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        ...

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:
        """Wait; not longer than until *stop* is set."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""
        return time.monotonic()

    def time(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:
        """Wait; not longer than until *stop* is set."""
        if stop is None:
            time.sleep(seconds)
        else:
            stop.wait(seconds)


class Stop:
    """Set once, at shutdown: waits end and no new request begins."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Stop; safe to call again and from a signal handler."""
        self._event.set()

    def is_set(self) -> bool:
        """Tell whether the sync was stopped."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait until the sync is stopped, *seconds* at most."""
        self._event.wait(seconds)

    def check(self) -> None:
        """Raise TransientError if the sync was stopped."""
        if self.is_set():
            raise TransientError("The sync was stopped.")


def pause(clock: Clock, stop: Stop, seconds: float) -> None:
    """Wait *seconds*; raise TransientError as soon as the sync is stopped."""
    stop.check()
    clock.sleep(seconds, stop)
    stop.check()
