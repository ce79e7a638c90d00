"""Rows that wait to be stored, and when they should be. No input or output here, and no clock of its own."""

from __future__ import annotations

from typing import Final

from destination_activecampaign.rejected_rows.rows import StreamId

FLUSH_BYTES: Final = 8 * 1024 * 1024
FLUSH_SECONDS: Final = 10.0


class Buffered:
    """Lines by stream. `add` and `due` are given the same clock's time."""

    def __init__(self) -> None:
        self._lines: dict[StreamId, list[bytes]] = {}
        self._bytes = 0
        self._since = 0.0

    @property
    def pending(self) -> bool:
        """Whether anything waits."""
        return bool(self._lines)

    def add(self, stream: StreamId, line: bytes, now: float) -> None:
        """Take up *line*."""
        if not self._lines:
            self._since = now
        self._lines.setdefault(stream, []).append(line)
        self._bytes += len(line)

    def due(self, now: float) -> bool:
        """Whether so much waits, or for so long, that it should be stored now."""
        return self.pending and (self._bytes >= FLUSH_BYTES or now - self._since >= FLUSH_SECONDS)

    def oldest(self) -> tuple[StreamId, list[bytes]]:
        """Return the stream that came first and its lines; they wait on until `stored`."""
        return next(iter(self._lines.items()))

    def all(self) -> list[bytes]:
        """Return every line, stream by stream."""
        return [line for lines in self._lines.values() for line in lines]

    def stored(self, stream: StreamId) -> None:
        """Let go of a stream's lines."""
        self._bytes -= sum(map(len, self._lines.pop(stream)))

    def all_stored(self) -> None:
        """Let go of every line."""
        self._lines.clear()
        self._bytes = 0
