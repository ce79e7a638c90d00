"""Runs the emulator and the connector as processes, and keeps what they said and used. It judges nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.rows import Json, Lines

ROOT: Final = Path(__file__).parent.parent
LAUNCH: Final = Path(__file__).with_name("launch.py")
API_KEY: Final = "emulated-api-key"
EVENT_KEY: Final = "emulated-event-key"
LINES_KEPT: Final = 60
"""Lines of a connector's log that are kept, for the message of a run that went wrong."""

SEEDED_AT_ONCE: Final = 2_000

_RUNNING: Final[set[subprocess.Popen[bytes]]] = set()
_ENDED: Final = threading.Event()
"""Set once all is to end: what is still being started ends at once."""


class BenchmarkError(Exception):
    """A run did not do what it was to be measured for, so it has no figures."""


@dataclass(frozen=True, slots=True)
class Request:
    """An entry of the emulator's journal. `time`: seconds since it started; `contacts`: of an import, else -1."""

    time: float
    lane: str
    method: str
    route: str
    status: int
    contacts: int

    @property
    def is_accepted_import(self) -> bool:
        """Whether the account took an import in."""
        return self.lane == "import" and self.status == 200  # noqa: PLR2004 - HTTP

    @property
    def is_over_quota(self) -> bool:
        """Whether the account's requests per second were used up."""
        return self.status == 429  # noqa: PLR2004 - HTTP

    @property
    def is_over_import_quota(self) -> bool:
        """Whether its imports per minute were: nothing else makes it refuse an import of these benchmarks."""
        return self.lane == "import" and self.status == 400  # noqa: PLR2004 - HTTP


class Emulator:
    """An emulated account in a process of its own."""

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self.changed = dict(options or {})
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in self.changed.items()]
        self._process = _start([sys.executable, "-m", "activecampaign_emulator", *flags])
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkError("The emulator did not start; what it printed is above.")
        self.url: str = json.loads(line)["url"]
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Leave the process to whoever wants to ask it later: `end_all` does not end it any more."""
        _RUNNING.discard(self._process)

    def ask(self, method: str, path: str, body: object = None) -> Json:
        """Ask the emulator itself, beside the API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", data, method=method)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310 - our own
            parsed: Json = json.load(answer)
        return parsed

    def seed(self, account: Json, contacts: Iterable[Json] = ()) -> None:
        """Fill the account."""
        self.ask("POST", "seed", account)
        several: list[Json] = []
        for contact in contacts:
            several.append(contact)
            if len(several) == SEEDED_AT_ONCE:
                self.ask("POST", "seed", {"contacts": several})
                several = []
        if several:
            self.ask("POST", "seed", {"contacts": several})

    def fail(self, *faults: Json) -> None:
        """Script trouble."""
        self.ask("POST", "faults", {"faults": list(faults)})

    def summary(self) -> Json:
        """Return the account's own sums."""
        return self.ask("GET", "summary")

    def journal(self) -> list[Request]:
        """Return every request that it has seen."""
        return [
            Request(one["time"], one["lane"], one["method"], one["route"], one["status"], one.get("contacts", -1))
            for one in self.ask("GET", "journal")["entries"]
        ]

    def time(self, monotonic: float) -> float:
        """Return a reading of this machine's monotonic clock as the journal's time."""
        return monotonic - (time.monotonic() - float(self.summary()["uptime"]))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A STATE that came back. `time`: monotonic; `rows`, `rejected`: all that were settled up to it."""

    time: float
    rows: int
    rejected: int


@dataclass(slots=True)
class Run:
    """What one run of the connector said and used. `began`, and times of `confirmed`: monotonic seconds."""

    exit_code: int = -1
    began: float = 0.0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_megabytes: float = 0.0
    confirmed: list[Confirmed] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    said: deque[str] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    fault: str = ""

    @property
    def rows(self) -> int:
        """Rows whose STATE came back."""
        return self.confirmed[-1].rows if self.confirmed else 0

    @property
    def rejected(self) -> int:
        """Rows among them that were not written."""
        return self.confirmed[-1].rejected if self.confirmed else 0

    def prove(self, rows: int) -> Self:
        """Return this run if it wrote *rows* rows, all that it was given, and ended well; raise BenchmarkError if not."""
        if self.fault:
            raise BenchmarkError(self.fault)
        if self.exit_code or self.rows != rows or self.rejected:
            told = "\n".join(self.said)
            raise BenchmarkError(
                f"The connector exited with {self.exit_code}; of {rows} rows {self.rows} were confirmed, {self.rejected} of "
                f"them as not written. It said last:\n{told}"
            )
        return self

    def when(self, rows: float) -> Confirmed:
        """Return the first STATE that confirms so many rows."""
        return next((state for state in self.confirmed if state.rows >= rows), self.confirmed[-1])

    def rows_at(self, moment: float) -> int:
        """Return the rows confirmed by then."""
        return next((state.rows for state in reversed(self.confirmed) if state.time <= moment), 0)


def settings(emulator: Emulator, **changes: Any) -> Json:
    """Return the connector's settings for an emulated account."""
    return {"api_url": emulator.url, "api_key": API_KEY, "tracking_url": emulator.url, **changes}


def connect(config: Json, lines: Lines, *, seconds: float, core: int = -1) -> Run:
    """Run one sync to its end.

    `seconds`: after which it is given up; `core`: the one processor that it may use, -1 for any. Its input lies in a
    file, so that nothing but the connector decides how fast it is read.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        command = connector_files(folder, config, lines)
        with (folder / "messages.jsonl").open("rb") as source:
            run = _follow(command, folder, source.fileno(), seconds, core)
    return run


def connector_files(folder: Path, config: Json, lines: Lines) -> list[str]:
    """Write what a sync reads, its input as `messages.jsonl`; returns the command."""
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "catalog.json").write_text(json.dumps(lines.catalog))
    with (folder / "messages.jsonl").open("wb") as file:
        file.writelines(lines.lines())
    files = ["--config", str(folder / "config.json"), "--catalog", str(folder / "catalog.json")]
    return [sys.executable, "-m", "destination_activecampaign", "write", *files]


def _follow(command: Sequence[str], folder: Path, source: int, seconds: float, core: int) -> Run:
    run = Run()
    figures = folder / "used.json"
    errors = folder / "stderr"
    with (
        errors.open("wb") as stderr,
        lend(
            [sys.executable, "-S", "-E", str(LAUNCH), str(figures), str(core), *command], stdin=source, stderr=stderr
        ) as process,
    ):
        giving_up = threading.Timer(seconds, _end, (process,))
        giving_up.start()
        assert process.stdout is not None  # noqa: S101 - it was asked for
        for line in process.stdout:
            _hear(run, line)
        run.exit_code = process.wait()
        if giving_up.finished.is_set():
            run.fault = f"The connector was given up after {seconds:.0f} s, with {run.rows} rows confirmed."
        giving_up.cancel()
    if figures.exists():
        used = json.loads(figures.read_text())
        run.began, run.wall_seconds = used["began"], used["wall_seconds"]
        run.cpu_seconds, run.peak_megabytes = used["cpu_seconds"], used["peak_megabytes"]
    run.said.extend(errors.read_text(errors="replace").splitlines()[-LINES_KEPT // 2 :])
    return run


@contextmanager
def lend(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Lend a process, which ends with the `with`, whatever happens in it. `options`: as `Popen` takes them."""
    process = _start(command, **options)
    try:
        yield process
    finally:
        _end(process)
        process.wait()
        _RUNNING.discard(process)


def _start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, which `end_all` knows of.

    On a thread: a signal raises its exception in the main one, where it could come between a process and its entry.
    """
    started: list[subprocess.Popen[bytes]] = []
    failed: list[OSError] = []

    def start() -> None:
        try:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True, **options)
            _RUNNING.add(process)
            started.append(process)
            if _ENDED.is_set():
                _end(process)
        except OSError as error:
            failed.append(error)

    # No daemon, also where a daemon asks for it: the interpreter waits for it before it exits.
    thread = threading.Thread(target=start, daemon=False)
    thread.start()
    thread.join()
    for error in failed:
        raise error
    return started[0]


def end_all() -> None:
    """End every process that runs, or is being started, for good: a signal reaches none of them by itself."""
    _ENDED.set()
    for process in tuple(_RUNNING):
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it has just ended, and another thread waited for it
            os.killpg(process.pid, signal.SIGKILL)


def _hear(run: Run, line: bytes) -> None:
    message = json.loads(line)
    match message["type"]:
        case "STATE":
            stats = message["state"]["destinationStats"]
            rejected = int(stats.get("rejectedRecordCount", 0))
            rows = run.rows + int(stats["recordCount"]) + rejected
            run.confirmed.append(Confirmed(time.monotonic(), rows, run.rejected + rejected))
        case "LOG":
            run.said.append(message["log"]["message"])
        case "TRACE" if message["trace"]["type"] == "ERROR":
            error = message["trace"]["error"]
            run.said.append(f"{error['failure_type']}: {error['message']}")
            run.errors.append(f"{error['failure_type']}: {error['message']}")
