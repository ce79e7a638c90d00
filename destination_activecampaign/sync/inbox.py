"""Where the loop hears of everything: chunks of messages from the source, finished jobs from the lanes."""

from __future__ import annotations

import queue
from typing import Any, Protocol


class Inbox(Protocol):
    """A queue that one thread reads. Waiting on it is waiting for time to pass, so it belongs to the clock."""

    def put(self, item: Any, /) -> None:
        """Add an item; from any thread, never blocks."""

    def get(self, timeout: float) -> Any:
        """Take the oldest item, waiting up to *timeout* seconds for one. Raises queue.Empty."""


class SystemInbox:
    """An inbox that waits by the machine's clock."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, item: Any, /) -> None:
        """Add an item."""
        self._items.put(item)

    def get(self, timeout: float) -> Any:
        """Take the oldest item."""
        return self._items.get_nowait() if timeout <= 0 else self._items.get(timeout=timeout)
