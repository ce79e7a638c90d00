"""Reads Airbyte's messages from standard input, or from messages that the CDK has read, on a thread of their own.

What is done with a message is decided by the caller's loop: nothing here counts rows or knows a stream.
"""

from __future__ import annotations

import io
import select
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, Type

from destination_activecampaign.messages import EndOfInput, Unreadable
from destination_activecampaign.protocol.lines import Ignored, Message, parse_line, record_from, state_from

READ_BYTES: Final = 256 * 1024
LONGEST_LINE: Final = 64 * 1024 * 1024
CHUNK_MESSAGES: Final = 500
CHUNK_BYTES: Final = 1024 * 1024
CHUNKS_AHEAD: Final = 8

Chunk: TypeAlias = list[Message | EndOfInput]
"""Messages in the order they came; `EndOfInput` comes last, alone in its chunk."""

Deliver: TypeAlias = Callable[[Chunk], None]


class Reader(ABC):
    """Hands messages to `deliver`, on the reader's thread, at most `ahead` chunks before the caller releases one.

    The caller calls `release()` once for each chunk that it has taken up. `EndOfInput.error` is the type of what broke.
    `ignored`: how many messages of each type were dropped; read it when `EndOfInput` has come, or for display.
    """

    def __init__(self, deliver: Deliver, ahead: int = CHUNKS_AHEAD) -> None:
        self.ignored: Counter[str] = Counter()
        self._deliver = deliver
        self._permits = threading.Semaphore(ahead)
        self._stopped = threading.Event()
        # A daemon: a thread that waits for input must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def release(self) -> None:
        """Allow one more chunk to be delivered."""
        self._permits.release()

    def stop(self) -> None:
        """Deliver nothing more, save a chunk that is on its way right now. Safe in a signal's handler."""
        self._stopped.set()

    @abstractmethod
    def _chunks(self) -> Iterator[Chunk]:
        """Yield what was read, as soon as nothing more can be had without waiting."""

    def _run(self) -> None:
        error = None
        try:
            for chunk in self._chunks():
                self._permits.acquire()
                if self._stopped.is_set():
                    return
                self._deliver(chunk)
        except Exception as failure:  # noqa: BLE001 - a thread has no caller: whatever it was, the loop must hear of it
            error = type(failure).__name__
        if not self._stopped.is_set():
            self._deliver([EndOfInput(error)])


class LineReader(Reader):
    """Reads lines of JSON from `source`, file descriptor 0 unless told.

    Unbuffered: a thread that waits inside `sys.stdin.buffer` holds its lock, and the interpreter aborts when it ends.
    A line over `longest_line` bytes (no less than one read) passes by as `Unreadable("line")`, without being kept.
    """

    def __init__(
        self,
        deliver: Deliver,
        source: io.RawIOBase | None = None,
        *,
        ahead: int = CHUNKS_AHEAD,
        longest_line: int = LONGEST_LINE,
    ) -> None:
        super().__init__(deliver, ahead)
        self._source = source if source is not None else io.FileIO(0, closefd=False)
        self._longest_line = longest_line

    def _chunks(self) -> Iterator[Chunk]:
        for lines in self._lines():
            chunk: Chunk = []
            size = 0
            for line in lines:
                message = parse_line(line) if line is not None else Unreadable("line")
                if isinstance(message, Ignored):
                    self.ignored[message.type] += 1
                    continue
                chunk.append(message)
                size += len(line or b"")
                if len(chunk) >= CHUNK_MESSAGES or size >= CHUNK_BYTES:
                    yield chunk
                    chunk, size = [], 0
            if chunk:
                yield chunk

    def _lines(self) -> Iterator[list[bytes | None]]:
        """Yield the lines that each read completes, without their ends; None stands for one that was too long."""
        parts: list[bytes] = []  # of the line that has no end yet
        size = 0
        while data := self._read():
            first, *rest = data.split(b"\n")
            size += len(first)
            if size <= self._longest_line:
                parts.append(first)
            else:
                parts = []
            if not rest:
                continue
            *middle, last = rest
            yield [None if size > self._longest_line else b"".join(parts), *middle]
            parts, size = [last], len(last)
        if size:
            yield [None if size > self._longest_line else b"".join(parts)]

    def _read(self) -> bytes:
        """Return what there is, at least one byte; empty at the end of input."""
        while not self._stopped.is_set():
            data: bytes | None = self._source.read(READ_BYTES)
            if data is not None:
                return data
            select.select([self._source], [], [])  # whoever started us made the descriptor non-blocking
        return b""


class MessageReader(Reader):
    """Takes messages that the CDK has parsed, for callers of `Destination.write`; what its model drops is lost."""

    def __init__(self, deliver: Deliver, messages: Iterable[AirbyteMessage], *, ahead: int = CHUNKS_AHEAD) -> None:
        super().__init__(deliver, ahead)
        self._messages = messages

    def _chunks(self) -> Iterator[Chunk]:
        # One message a chunk: the iterable may wait for its next one, and nobody can ask it whether it will.
        for message in self._messages:
            read = self._read(message)
            if isinstance(read, Ignored):
                self.ignored[read.type] += 1
            else:
                yield [read]

    def _read(self, message: AirbyteMessage) -> Message | Ignored:
        if message.type is Type.RECORD and message.record is not None:
            # Not by the CDK's serializer: it leaves null columns out.
            record = {
                "stream": message.record.stream,
                "namespace": message.record.namespace,
                "data": message.record.data,
                "emitted_at": message.record.emitted_at,
            }
            return record_from(record, orjson.dumps({"type": "RECORD", "record": record}, default=str))
        if message.type is Type.STATE:
            return state_from(AirbyteMessageSerializer.dump(message))
        return Ignored(message.type.value)
