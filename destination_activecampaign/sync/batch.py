"""Decides when waiting contacts become an import, and which. No I/O and no clock of its own: times are given."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from destination_activecampaign.sync.entries import ContactEntry

MAX_CONTACTS = 250
"""Contacts in one import (documented)."""

MAX_BYTES = 399_999
"""Bytes of an import's body (documented: fewer than 400,000)."""

ENVELOPE_BYTES = 200
"""What an import's body holds besides its contacts."""

IDLE_SECONDS = 3.0
OLDEST_SECONDS = 30.0


class Batcher:
    """The entries that could be sent now, oldest first. Their bytes are tallied as they arrive."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, ContactEntry]] = deque()
        self._bytes = 0
        self._last_arrival = 0.0

    def __len__(self) -> int:
        """Entries waiting."""
        return len(self._waiting)

    def add(self, entry: ContactEntry, now: float) -> None:
        """Take in an entry that became the head of its email's queue."""
        self._waiting.append((now, entry))
        entry.batched = True
        self._bytes += entry.size
        self._last_arrival = now

    def put_back(self, entries: Iterable[ContactEntry], now: float) -> None:
        """Take entries that must be sent again: before all others, in the order given."""
        for entry in reversed(list(entries)):
            self._waiting.appendleft((now, entry))
            entry.batched = True
            self._bytes += entry.size
            self._last_arrival = now

    def grew(self, entry: ContactEntry, by: int) -> None:
        """A row folded into *entry*, which may wait here."""
        if entry.batched:
            self._bytes += by

    def due_at(self, *, no_more: bool) -> float | None:
        """Return the time from which a batch should go; 0.0 for at once, None while nothing waits.

        `no_more`: the input has ended and nothing that is under way could bring another entry.
        """
        if not self._waiting:
            return None
        if no_more or len(self._waiting) >= MAX_CONTACTS or self._bytes >= MAX_BYTES - ENVELOPE_BYTES:
            return 0.0
        return min(self._last_arrival + IDLE_SECONDS, self._waiting[0][0] + OLDEST_SECONDS)

    def take(self) -> list[ContactEntry]:
        """Remove and return the oldest entries that fit one import, at least one."""
        batch: list[ContactEntry] = []
        room = MAX_BYTES - ENVELOPE_BYTES
        while self._waiting and len(batch) < MAX_CONTACTS:
            entry = self._waiting[0][1]
            if batch and entry.size > room:
                break
            self._waiting.popleft()
            entry.batched = False
            room -= entry.size
            self._bytes -= entry.size
            batch.append(entry)
        return batch
