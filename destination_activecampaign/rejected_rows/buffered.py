"""Rows that wait to be stored, and when they should be: what all stores have in common. No input or output here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from destination_activecampaign.rejected_rows.rows import Refusal, StreamId, kept_row

FLUSH_BYTES: Final = 8 * 1024 * 1024
FLUSH_SECONDS: Final = 10.0


class Buffered:
    """Rows by stream, as lines of JSON. `tells_stream`: whether each row names its stream."""

    def __init__(self, monotonic: Callable[[], float], *, tells_stream: bool) -> None:
        self._monotonic = monotonic
        self._tells_stream = tells_stream
        self._lines: dict[StreamId, list[bytes]] = {}
        self._bytes = 0
        self._since = 0.0

    def add(  # noqa: PLR0917 - a row, and the fields of an outcome in their order
        self,
        stream: StreamId,
        record_line: bytes,
        reason: str,
        field: str,
        message: str,
        detail: str,
        *,
        written: bool,
    ) -> None:
        """Take up a row."""
        told = stream if self._tells_stream else None
        line = kept_row(record_line, Refusal(reason, field, message, detail, written=written, stream=told))
        if not self._lines:
            self._since = self._monotonic()
        self._lines.setdefault(stream, []).append(line)
        self._bytes += len(line)

    def due(self, now: float) -> bool:
        """Whether so much waits, or for so long, that it should be stored now."""
        return self.pending and (self._bytes >= FLUSH_BYTES or now - self._since >= FLUSH_SECONDS)

    @property
    def pending(self) -> bool:
        """Whether anything waits."""
        return bool(self._lines)

    def _oldest(self) -> tuple[StreamId, list[bytes]]:
        """Return the stream that came first and its lines; they wait on until `_stored`."""
        return next(iter(self._lines.items()))

    def _all(self) -> list[bytes]:
        """Return every line, stream by stream."""
        return [line for lines in self._lines.values() for line in lines]

    def _stored(self, stream: StreamId) -> None:
        """Let go of a stream's lines."""
        self._bytes -= sum(map(len, self._lines.pop(stream)))

    def _all_stored(self) -> None:
        """Let go of every line."""
        self._lines.clear()
        self._bytes = 0
