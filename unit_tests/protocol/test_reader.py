"""How messages get from standard input to the loop."""

from __future__ import annotations

import io
import json
import os
import queue
import threading
from typing import TYPE_CHECKING

import pytest
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer

from destination_activecampaign.messages import EndOfInput, Record, State, Unreadable
from destination_activecampaign.protocol.reader import READ_BYTES, Chunk, LineReader, MessageReader, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10


def a_line(number: int = 0, padding: int = 0) -> bytes:
    """Return a RECORD line of about *padding* bytes."""
    record = {"stream": "users", "data": {"n": number, "pad": "x" * padding}, "emitted_at": 1}
    return json.dumps({"type": "RECORD", "record": record}).encode() + b"\n"


def everything(reader: Reader, inbox: queue.SimpleQueue[Chunk]) -> list[object]:
    """Read to the end and return all that was delivered."""
    reader.start()
    delivered: list[object] = []
    while not (delivered and isinstance(delivered[-1], EndOfInput)):
        delivered += inbox.get(timeout=SECONDS)
        reader.release()
    return delivered


def read(data: bytes, longest_line: int = 64 * 1024 * 1024) -> tuple[list[object], LineReader]:
    """Return all that *data* is delivered as, and its reader."""
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    reader = LineReader(inbox.put, io.BytesIO(data), longest_line=longest_line)  # type: ignore[arg-type] # read() is all
    return everything(reader, inbox), reader


def numbers(delivered: list[object]) -> list[int]:
    """Return the numbers of the rows among *delivered*."""
    return [message.data["n"] for message in delivered if isinstance(message, Record)]


@pytest.fixture
def pipe() -> Iterator[tuple[io.FileIO, io.FileIO]]:
    """Both ends of a pipe: (to read, to write)."""
    ends = os.pipe()
    source, sink = io.FileIO(ends[0], "r"), io.FileIO(ends[1], "w")
    yield source, sink
    sink.close()
    source.close()


def test_messages_come_in_order_and_the_end_comes_last() -> None:
    """Every line is delivered, whatever reads its bytes fall into."""
    delivered, _ = read(b"".join(a_line(n, padding=n % 1000) for n in range(3000)))
    assert numbers(delivered) == list(range(3000))
    assert delivered[-1] == EndOfInput()


def test_last_line_needs_no_end() -> None:
    """A file that does not end with a line feed is read whole."""
    assert numbers(read(a_line(1) + a_line(2).rstrip())[0]) == [1, 2]


def test_empty_input_ends() -> None:
    """No input is an end, and nothing else."""
    assert read(b"")[0] == [EndOfInput()]


def test_long_line_is_read() -> None:
    """A line of many reads is one message."""
    assert numbers(read(a_line(1, padding=3 * READ_BYTES) + a_line(2))[0]) == [1, 2]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_line_that_is_too_long_passes_by_and_the_next_is_read(end: bytes) -> None:
    """A line over the limit is counted once; it costs none of its neighbours."""
    too_long = a_line(2, padding=5 * READ_BYTES).rstrip() + end
    delivered, _ = read(a_line(1) + too_long + (a_line(3) if end else b""), longest_line=READ_BYTES)
    assert numbers(delivered) == ([1, 3] if end else [1])
    assert delivered.count(Unreadable("line")) == 1


def test_ignored_messages_are_counted_by_type() -> None:
    """What no destination needs is dropped and counted."""
    delivered, reader = read(b'{"type":"LOG"}\n{"type":"TRACE"}\n\n{"type":"LOG"}\n')
    assert delivered == [EndOfInput()]
    assert reader.ignored == {"LOG": 2, "TRACE": 1, "BLANK": 1}


def test_chunks_are_small() -> None:
    """A chunk holds 500 messages at most."""
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    reader = LineReader(inbox.put, io.BytesIO(a_line() * 2000))  # type: ignore[arg-type] # read() is all it needs
    reader.start()
    sizes: list[int] = []
    while sum(sizes) < 2000:
        sizes.append(len(inbox.get(timeout=SECONDS)))
        reader.release()
    assert max(sizes) == 500


def test_message_is_delivered_before_the_next_arrives(pipe: tuple[io.FileIO, io.FileIO]) -> None:
    """A slow source's row does not wait for a full chunk."""
    source, sink = pipe
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    LineReader(inbox.put, source).start()
    sink.write(a_line(1))
    assert numbers(list(inbox.get(timeout=SECONDS))) == [1]
    sink.close()
    assert inbox.get(timeout=SECONDS) == [EndOfInput()]


def test_reader_waits_for_the_loop() -> None:
    """No more chunks are delivered than the loop has released."""
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    reader = LineReader(inbox.put, io.BytesIO(a_line() * 2000), ahead=1)  # type: ignore[arg-type] # read() is all
    reader.start()
    inbox.get(timeout=SECONDS)
    with pytest.raises(queue.Empty):
        inbox.get(timeout=0.05)
    reader.release()
    inbox.get(timeout=SECONDS)


def test_stopped_reader_delivers_nothing_more(pipe: tuple[io.FileIO, io.FileIO]) -> None:
    """After `stop` even the end is not told."""
    source, sink = pipe
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    reader = LineReader(inbox.put, source)
    reader.start()
    reader.stop()
    sink.write(a_line(1))
    with pytest.raises(queue.Empty):
        inbox.get(timeout=0.05)
    sink.close()


def test_descriptor_that_does_not_block_is_waited_for(pipe: tuple[io.FileIO, io.FileIO]) -> None:
    """A non-blocking standard input is no end of input."""
    source, sink = pipe
    os.set_blocking(source.fileno(), False)
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    LineReader(inbox.put, source).start()
    threading.Timer(0.05, sink.write, [a_line(7)]).start()
    assert numbers(list(inbox.get(timeout=SECONDS))) == [7]
    sink.close()
    assert inbox.get(timeout=SECONDS) == [EndOfInput()]


def test_input_that_breaks_is_not_its_end() -> None:
    """An error while reading is told with the end, by its type alone."""

    class Broken(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            raise OSError(5, f"row content {size}")

    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    assert everything(LineReader(inbox.put, Broken()), inbox) == [EndOfInput("OSError")]


def parsed(*lines: bytes) -> Iterator[AirbyteMessage]:
    """Yield *lines* as the CDK parses them."""
    for line in lines:
        yield AirbyteMessageSerializer.load(json.loads(line))


def test_messages_of_the_cdk_become_the_same_values() -> None:
    """Callers of `write` hand over messages, and get what lines would give; null columns stay."""
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    row = b'{"type":"RECORD","record":{"stream":"users","data":{"a":null,"b":1},"emitted_at":1}}'
    state = {"type": "STREAM", "stream": {"stream_descriptor": {"name": "users"}, "stream_state": {"c": 1.5}}}
    reader = MessageReader(
        inbox.put,
        parsed(
            row,
            json.dumps({"type": "STATE", "state": state}).encode(),
            b'{"type":"LOG","log":{"level":"INFO","message":""}}',
        ),
    )
    record, checkpoint, end = everything(reader, inbox)
    assert isinstance(record, Record)
    assert (record.stream, record.namespace, record.data) == ("users", None, {"a": None, "b": 1})
    assert json.loads(record.raw)["record"]["data"] == {"a": None, "b": 1}
    assert isinstance(checkpoint, State)
    assert checkpoint.message == {"type": "STATE", "state": state}
    assert end == EndOfInput()
    assert reader.ignored == {"LOG": 1}


def test_messages_that_break_are_not_their_end() -> None:
    """The CDK's parser raises on what it does not know: that is told with the end."""
    inbox: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    reader = MessageReader(inbox.put, parsed(b'{"type":"OTHER"}'))
    assert everything(reader, inbox) == [EndOfInput("SchemaValidationError")]
