"""Runs a call by a deadline. For calls that cannot be told one: name servers, TLS, boto3's answers that trickle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

SLICE_SECONDS: Final = 1.0
"""So often a wait looks whether it should end."""

HURRY_SECONDS: Final = 5
"""How long it still waits once the sync was stopped: what is answered by then counts."""


class Left(TimeoutError):
    """The call took too long; it goes on, and nobody waits for it."""


class _Ended:
    """How a call ended, and whether somebody still waits for that."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.is_left = False
        self.results: list[tuple[object, Exception | None]] = []

    def tell(self, result: object, error: Exception | None) -> bool:
        """Hand over how it ended; returns whether nobody waits for that."""
        with self.changed:
            if not self.is_left:
                self.results.append((result, error))
                self.changed.notify()
            return self.is_left


def within(
    seconds: float,
    call: Callable[[], T],
    stopped: Callable[[], bool] = lambda: False,
    left: Callable[[], None] = lambda: None,
) -> T:
    """Return what *call* returns, raise what it raises; Left after *seconds*, or HURRY_SECONDS after `stopped()`.

    A call that is left goes on by itself; once it ends, `left()` cleans up after it.
    """
    ended = _Ended()

    def run() -> None:
        try:
            is_left = ended.tell(call(), None)
        except Exception as error:  # noqa: BLE001 - a thread has no caller: it is raised below
            is_left = ended.tell(None, error)
        if is_left:
            left()

    # A daemon: one that is left must not keep the process from ending.
    threading.Thread(target=run, name="bounded", daemon=True).start()
    waited, hurried = 0.0, 0
    with ended.changed:
        while not ended.results:
            if waited >= seconds or hurried >= HURRY_SECONDS:
                ended.is_left = True
                raise Left
            wait = min(SLICE_SECONDS, seconds - waited)
            if not ended.changed.wait(wait):
                waited += wait
                hurried += stopped()
        value, error = ended.results.pop()
    if error is not None:
        try:
            raise error
        finally:
            del error  # else its traceback and this frame hold each other, and all that the call needed
    return value  # type: ignore[return-value] # without an error it is what the call returned
