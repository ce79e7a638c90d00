"""Runs a call by a deadline. For calls that cannot be told one: boto3 bounds each of its reads, not an answer that trickles."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what *call* returns, raise what it raises; TimeoutError after *seconds*, and the call is left to itself."""
    ended: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            ended.put((call(), None))
        except Exception as error:  # noqa: BLE001 - a thread has no caller: it is raised below
            ended.put((None, error))

    # A daemon: one that is left to itself must not keep the process from ending.
    threading.Thread(target=run, name="bounded", daemon=True).start()
    try:
        value, error = ended.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        try:
            raise error
        finally:
            del error  # else its traceback and this frame hold each other, and what was to be written
    return value  # type: ignore[return-value] # without an error it is what the call returned
