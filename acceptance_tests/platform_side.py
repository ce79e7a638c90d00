"""The platform's side of a sync: what it sends to a destination's process, and what it sees of it. Knows no API."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

StreamId: TypeAlias = tuple[str | None, str]
Row: TypeAlias = dict[str, Any]
Landed: TypeAlias = Mapping[int, Sequence[Row]]

NAMESPACES: Final = ("one", "two")
"""Every sync has two streams of one name: only together with its namespace does a name tell which."""

PATIENCE: Final = 100.0
"""Seconds after which a process is killed; nothing that is sent here takes so long."""

_WORD = 6  # a shorter value of a row may well be in a log for another reason


@dataclass(frozen=True, slots=True)
class Target:
    """A destination with a place of its own that is empty at first; all that the suite knows of it.

    `command`: what starts the connector, without `write` and its options. `row`: the columns of record N, with texts found
    nowhere else. `refused_row`: the same for a record that cannot be written. `landed`: what is in the destination at this
    moment, by N, each as its columns are read back; two rows under one N are a duplicate. `unmapped`: a stream's name and
    columns that the settings give no place. `secrets`: of the config.
    """

    command: Sequence[str]
    config: Mapping[str, Any]
    stream: str
    columns: Mapping[str, Any]
    primary_key: Sequence[Sequence[str]]
    sync_mode: str
    unmapped: tuple[str, Mapping[str, Any]]
    row: Callable[[int], Row]
    refused_row: Callable[[int], Row]
    landed: Callable[[], Landed]
    secrets: Sequence[str]

    def catalog(self, sync_mode: str | None = None) -> dict[str, Any]:
        """Return the configured catalog of the suite's streams."""
        streams = [_configured(namespace, self.stream, self.columns) for namespace in NAMESPACES]
        keys = {"destination_sync_mode": sync_mode or self.sync_mode, "primary_key": self.primary_key}
        return {"streams": [{**stream, **keys} for stream in streams]}

    def catalog_with_unmapped(self) -> dict[str, Any]:
        """Return the same with one more stream, which the settings give no place."""
        name, columns = self.unmapped
        catalog = self.catalog()
        stream = {**_configured(NAMESPACES[0], name, columns), "destination_sync_mode": "append"}
        return {"streams": [*catalog["streams"], stream]}


def _configured(namespace: str, name: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stream": {
            "name": name,
            "namespace": namespace,
            "json_schema": {"type": "object", "properties": columns},
            "supported_sync_modes": ["full_refresh", "incremental"],
        },
        "sync_mode": "incremental",
        "cursor_field": [],
    }


@dataclass(frozen=True, slots=True)
class SentState:
    """A STATE as it went in. `records`: those since the STATE before it; `rows`: those that must be written by then."""

    number: int
    stream: StreamId | None
    message: dict[str, Any]
    records: int
    rows: frozenset[int]


class Feed:
    """The lines of a sync. Numbers and counts STATEs as the platform does, and knows what must not be told."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._since: Counter[StreamId] = Counter()
        self._rows: dict[StreamId, set[int]] = {(namespace, target.stream): set() for namespace in NAMESPACES}
        self.lines: list[bytes] = []
        self.states: dict[int, SentState] = {}
        self.refused = 0
        self.personal: set[str] = set()

    @property
    def rows(self) -> frozenset[int]:
        """All records that can be written."""
        return frozenset().union(*self._rows.values())

    def send_row(self, number: int, namespace: str = NAMESPACES[0], emitted_at: float = 1767225600000) -> None:
        """Add record *number*."""
        self._add_record(self.target.row(number), namespace, emitted_at)
        self._rows[namespace, self.target.stream].add(number)

    def send_refused(self, number: int, namespace: str = NAMESPACES[0]) -> None:
        """Add a record that cannot be written."""
        self._add_record(self.target.refused_row(number), namespace, 1767225600000)
        self.refused += 1

    def _add_record(self, data: Row, namespace: str, emitted_at: float) -> None:
        record = {"stream": self.target.stream, "namespace": namespace, "emitted_at": emitted_at, "data": data}
        texts = {text.lower() for text in data.values() if isinstance(text, str)}
        assert min(map(len, texts), default=_WORD) >= _WORD, f"{data} has a text that could be told without being seen"
        self.personal |= texts
        self._since[namespace, self.target.stream] += 1
        self._add({"type": "RECORD", "record": record})

    def send_state(self, state: Mapping[str, Any], **beside: Any) -> None:
        """Add *state* with its number and count; *beside*: further keys of the message."""
        stream = _stream_of(state)
        if stream is None:
            records, rows = self._since.total(), self.rows
            self._since.clear()
        else:
            records, rows = self._since.pop(stream, 0), frozenset(self._rows[stream])
        number = len(self.states) + 1
        stamped = {**state, "id": number, "sourceStats": {"recordCount": float(records)}}
        message = {"type": "STATE", "state": stamped, **beside}
        self.states[number] = SentState(number, stream, message, records, rows)
        self._add(message)

    def send_raw(self, line: bytes, *, personal: str = "") -> None:
        """Add a line as it is; *personal*: what of it must not be told."""
        self.lines.append(line)
        if personal:
            self.personal.add(personal.lower())

    def _add(self, message: Mapping[str, Any]) -> None:
        self.lines.append(json.dumps(message).encode() + b"\n")


def _stream_of(state: Mapping[str, Any]) -> StreamId | None:
    if state.get("type") != "STREAM":
        return None
    descriptor = state["stream"]["stream_descriptor"]
    return descriptor.get("namespace"), descriptor["name"]


@dataclass(frozen=True, slots=True)
class Returned:
    """A STATE that came back, with the records that were in the destination when it did."""

    message: dict[str, Any]
    landed: frozenset[int]

    @property
    def stats(self) -> Mapping[str, Any]:
        """What the destination counted."""
        stats: Mapping[str, Any] = self.message["state"].get("destinationStats") or {}
        return stats


@dataclass(slots=True)
class Run:
    """A sync that is over. `killed`: it did not end by itself; `seconds`: from the end of its input, or SIGTERM, on."""

    sent: Feed
    landed: Landed
    exit_code: int
    seconds: float
    killed: bool
    stderr: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    no_messages: list[str] = field(default_factory=list)
    states: list[Returned] = field(default_factory=list)
    before: Run | None = None
    """The sync before this one, where a scenario has two."""

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors that were told to the platform."""
        traces = [message["trace"] for message in self.messages if message["type"] == "TRACE"]
        return [trace["error"] for trace in traces if trace.get("type") == "ERROR"]

    @property
    def told(self) -> Iterator[str]:
        """All that a user or a log can see, STATEs apart: those are the source's own."""
        yield self.stderr
        yield from self.no_messages
        for message in self.messages:
            if message["type"] != "STATE":
                yield json.dumps(message, ensure_ascii=False)


class Sync:
    """A connector's process while it writes. Whenever a STATE comes back, the destination is read."""

    def __init__(self, process: subprocess.Popen[bytes], sent: Feed) -> None:
        self._process, self._sent = process, sent
        self._messages: list[dict[str, Any]] = []
        self._no_messages: list[str] = []
        self._states: list[Returned] = []
        self._stderr = bytearray()
        self._next_line = 0
        self._killed = threading.Event()
        self._watchdog = threading.Timer(PATIENCE, self._kill)
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_stderr)]
        for thread in (self._watchdog, *self._readers):
            thread.start()

    def _kill(self) -> None:
        self._killed.set()
        self._process.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = _message(line)
            if message is None:
                self._no_messages.append(line.decode(errors="replace"))
                continue
            self._messages.append(message)
            if message["type"] == "STATE":
                self._states.append(Returned(message, frozenset(self._sent.target.landed())))

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._stderr += line

    def send(self) -> None:
        """Write what was added to the feed since the last time; a process that is gone is seen by how it ended."""
        assert self._process.stdin is not None
        lines, self._next_line = self._sent.lines[self._next_line :], len(self._sent.lines)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b"".join(lines))
            self._process.stdin.flush()

    def wait_for_states(self, count: int) -> None:
        """Wait until so many STATEs came back, or the process ended."""
        while len(self._states) < count and self._process.poll() is None:
            time.sleep(0.05)

    def finish(self, *, by_sigterm: bool = False) -> Run:
        """End the input, or ask the process to stop while its input stays open, and see what came of it."""
        asked = time.monotonic()
        if by_sigterm:
            self._process.terminate()
        else:
            self._close_stdin()
        exit_code = self._process.wait()
        seconds = time.monotonic() - asked
        self._watchdog.cancel()
        self._close_stdin()
        for thread in self._readers:
            thread.join()
        killed, stderr = self._killed.is_set(), self._stderr.decode(errors="replace")
        landed = self._sent.target.landed()
        return Run(
            self._sent, landed, exit_code, seconds, killed, stderr, self._messages, self._no_messages, self._states
        )

    def _close_stdin(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()


def _message(line: bytes) -> dict[str, Any] | None:
    """Return the message that a destination may print in `write`, None where the line is not one."""
    try:
        message = json.loads(line)
        body = message[message["type"].lower()]
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    shapes: dict[str, Callable[[Any], bool]] = {
        "STATE": lambda state: isinstance(state, dict),
        "LOG": lambda log: {type(log["level"]), type(log["message"])} == {str},
        "TRACE": lambda trace: type(trace["emitted_at"]) in (int, float) and isinstance(trace["type"], str),
        "CONTROL": lambda control: isinstance(control["type"], str),
    }
    fits = shapes.get(message["type"])
    try:
        return message if fits and fits(body) else None
    except (LookupError, TypeError):
        return None


@contextmanager
def writing(sent: Feed, catalog: Mapping[str, Any] | None = None) -> Iterator[Sync]:
    """Start a sync and see that its process is gone afterwards."""
    target = sent.target
    with tempfile.TemporaryDirectory() as name:
        files = {"--config": target.config, "--catalog": catalog or target.catalog()}
        arguments = [*target.command, "write"]
        for option, content in files.items():
            path = Path(name) / f"{option.strip('-')}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [option, str(path)]
        pipe = subprocess.PIPE
        with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, cwd=name) as process:
            try:
                yield Sync(process, sent)
            finally:
                process.kill()


def write(sent: Feed, catalog: Mapping[str, Any] | None = None) -> Run:
    """Run one sync from its first line to the end of its input."""
    with writing(sent, catalog) as sync:
        sync.send()
        return sync.finish()
