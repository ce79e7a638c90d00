"""A whole sync in one process against the emulator, both on one clock whose time passes only when everybody waits.

The connector runs as it is, threads included; only its transport, its clock and its source are replaced.
"""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from queue import Empty
from typing import Any
from urllib.parse import urlsplit

from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, DestinationSyncMode

from activecampaign_emulator import Emulator, Options
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.clock import Stop
from destination_activecampaign.api.transport import HttpRequest, HttpResponse
from destination_activecampaign.assembly import Account
from destination_activecampaign.config import Config
from destination_activecampaign.errors import ActiveCampaignError, ConnectionFailed
from destination_activecampaign.messages import EndOfInput
from destination_activecampaign.protocol.lines import Ignored, parse_line
from destination_activecampaign.start import start_sync
from destination_activecampaign.sync.checkpoints import Acknowledged
from destination_activecampaign.sync.inbox import Inbox
from destination_activecampaign.sync.lanes import Lanes, Result
from destination_activecampaign.sync.writer import Writer

LATENCY = 0.08
LONGEST = 4 * 3600.0
"""A loop that still waits after so many seconds of virtual time will never end."""
TIMEOUT = 120.0


@dataclass(eq=False, slots=True)
class _Sleeper:
    """A thread that waits. `ready`: what may end its wait before its time."""

    wake: float
    ready: Callable[[], bool] | None
    woken: threading.Condition


class VirtualClock:
    """Time that jumps to the next moment for which somebody waits, once all who count as running wait.

    Running are the loop's thread and every thread that has a job.
    """

    def __init__(self) -> None:
        self._now = 1_000.0
        self._end = self._now + LONGEST
        self._lock = threading.RLock()
        self._running = 1
        self._sleepers: list[_Sleeper] = []
        self._abandoned = False

    def abandon(self) -> VirtualClock:
        """End every wait, as a kill does; returns a clock that goes on from here."""
        with self._lock:
            self._abandoned = True
            for sleeper in self._sleepers:
                sleeper.woken.notify()
        after = VirtualClock()
        after._now, after._end = self._now, self._now + LONGEST
        return after

    def monotonic(self) -> float:
        """Seconds."""
        return self._now

    def time(self) -> float:
        """Seconds since 1970."""
        return 1_790_000_000.0 + self._now

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:  # noqa: ARG002 - no time passes for a stop
        """Wait until time has passed."""
        with self._lock:
            self._wait_until(self._now + max(seconds, 0.0), None)

    def begin_job(self) -> None:
        """Count a thread in, before it has its job: no time passes until it waits."""
        with self._lock:
            self._running += 1

    def end_job(self) -> None:
        """Count a thread out."""
        with self._lock:
            self._running -= 1
            self._let_time_pass()

    def wait_for(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until *ready*, or until time has passed."""
        assert self._now < self._end, "the simulation does not end"
        with self._lock:
            if not ready():
                self._wait_until(self._now + seconds, ready)

    def changed(self) -> None:
        """Tell those who wait in `wait_for` to look again."""
        with self._lock:
            for sleeper in self._sleepers:
                if sleeper.ready is not None:
                    sleeper.woken.notify()

    def _wait_until(self, wake: float, ready: Callable[[], bool] | None) -> None:
        sleeper = _Sleeper(wake, ready, threading.Condition(self._lock))
        self._running -= 1
        self._sleepers.append(sleeper)
        self._let_time_pass()
        while self._now < wake and not (ready is not None and ready()):
            if self._abandoned:
                raise ConnectionFailed("The process was killed.")
            if not sleeper.woken.wait(30.0):
                raise AssertionError("the simulation is stuck")
        self._sleepers.remove(sleeper)
        self._running += 1

    def _let_time_pass(self) -> None:
        if self._running == 0 and self._sleepers:
            self._now = max(self._now, min(sleeper.wake for sleeper in self._sleepers))
            for sleeper in self._sleepers:
                if sleeper.wake <= self._now:
                    sleeper.woken.notify()


class Killed(BaseException):
    """Ends the loop's thread as kill -9 would: nothing of the connector may catch it."""


class VirtualInbox:
    """The loop's inbox on a virtual clock. A put item keeps time still until the loop has taken it.

    `dies_at`: when the loop is killed.
    """

    def __init__(self, clock: VirtualClock, dies_at: float = float("inf")) -> None:
        self._clock = clock
        self._dies_at = dies_at
        self._items: deque[Any] = deque()

    def put(self, item: Any, /) -> None:
        """Add an item."""
        self._clock.begin_job()  # ended by whoever takes the item
        self._items.append(item)
        self._clock.changed()

    def get(self, timeout: float) -> Any:
        """Take the oldest item."""
        if not self._items and timeout > 0:
            self._clock.wait_for(lambda: bool(self._items), timeout)
        if self._clock.monotonic() >= self._dies_at:
            raise Killed
        if not self._items:
            raise Empty
        item = self._items.popleft()
        self._clock.end_job()
        return item


class VirtualLanes(Lanes):
    """Lanes whose jobs count as running from the moment they are handed over."""

    def __init__(
        self,
        clock: VirtualClock,
        inbox: Inbox,
        workers: Mapping[str, int],
        ahead: Mapping[str, int],  # noqa: ARG002 - a job that waits for a thread would keep time still
    ) -> None:
        self._clock = clock
        super().__init__(inbox, workers)

    def submit(self, lane: str, job: Callable[[], Any], report: Callable[[Result[Any]], None]) -> None:
        """Run *job* on a thread of *lane*."""
        self._clock.begin_job()
        super().submit(lane, job, report)

    def _finished(self) -> None:
        self._clock.end_job()


@dataclass(slots=True)
class Exchange:
    """A request as the emulator saw it, and its answer: `status` 0 and an empty `reply` where the connection was cut."""

    method: str
    path: str
    query: str
    body: bytes
    sent: float
    status: int = 0
    reply: bytes = b""

    def is_import(self) -> bool:
        """Whether it submits an import."""
        return self.method == "POST" and self.path.endswith("/import/bulk_import")

    def rows(self) -> list[dict[str, Any]]:
        """The contacts of an import."""
        return list(json.loads(self.body)["contacts"])


class EmulatorTransport:
    """Hands requests to the emulator in process.

    `requests`: method and path of each, in order; `exchanges`: all of them, with their answers.
    """

    def __init__(
        self,
        emulator: Emulator,
        clock: VirtualClock,
        latency: float = LATENCY,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        self._emulator = emulator
        self._clock = clock
        self._latency = latency
        self._watch = watch
        self.requests: list[tuple[str, str]] = []
        self.exchanges: list[Exchange] = []
        self.dead = False

    def send(self, request: HttpRequest) -> HttpResponse:
        """Answer as the network would."""
        url = urlsplit(request.url)
        self.requests.append((request.method, url.path))
        exchange = Exchange(request.method, url.path, url.query, request.body or b"", self._clock.monotonic())
        self.exchanges.append(exchange)
        self._watch()
        self._clock.sleep(self._latency / 2)
        if self.dead:
            raise ConnectionFailed("The process was killed.")
        reply = self._emulator.handle(request.method, url.path, url.query, request.headers, request.body or b"")
        # The emulator's delay is all of the way, of which half has passed.
        self._clock.sleep(min(max(reply.delay - self._latency / 2, 0.0), TIMEOUT))
        if reply.cut is not None or reply.delay > TIMEOUT:
            raise ConnectionFailed(f"{request.method} {request.route}: the connection was cut.")
        exchange.status, exchange.reply = reply.status, reply.body
        return HttpResponse(reply.status, dict(reply.headers), reply.body)

    def close(self) -> None:
        """Nothing to close."""


class ListSource:
    """A source that has all its messages ready. `chunk`: messages handed over at once; `ahead`: chunks at the start."""

    def __init__(self, inbox: VirtualInbox, messages: list[Any], chunk: int = 500, ahead: int = 1) -> None:
        self._inbox = inbox
        self._ahead = ahead
        self._chunks = deque(messages[start : start + chunk] for start in range(0, len(messages), chunk))

    def start(self) -> None:
        """Hand over the first."""
        for _ in range(self._ahead):
            self.release()

    def release(self) -> None:
        """Hand over the next."""
        if self._chunks:
            self._inbox.put(self._chunks.popleft())

    def stop(self) -> None:
        """Hand over no more."""
        self._chunks.clear()


@dataclass
class Finished:
    """How a sync ended. `states`: those that left; `settled`: rows that were written, skipped or rejected."""

    emulator: Emulator
    states: list[Acknowledged] = field(default_factory=list)
    error: ActiveCampaignError | None = None
    seconds: float = 0.0
    requests: list[tuple[str, str]] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    unreadable: dict[str, int] = field(default_factory=dict)
    settled: int = 0

    @property
    def written(self) -> int:
        """Rows that STATEs report as written."""
        return sum(state.counts.written for state in self.states)

    @property
    def rejected(self) -> int:
        """Rows that STATEs report as rejected."""
        return sum(state.counts.rejected for state in self.states)

    def contact(self, email: str) -> dict[str, Any] | None:
        """The contact as the account's dump tells it."""
        return next((each for each in dump(self.emulator) if each["email"] == email), None)

    @property
    def imports(self) -> list[list[dict[str, Any]]]:
        """The contacts of each import that was sent, in order."""
        return [exchange.rows() for exchange in self.exchanges if exchange.is_import()]

    def count(self, method: str, path: str) -> int:
        """How many requests went to a path (below `/api/3`, with `fnmatch` patterns)."""
        return sum(each[0] == method and fnmatchcase(each[1].removeprefix("/api/3"), path) for each in self.requests)

    def summary(self) -> dict[str, Any]:
        """The emulator's sums."""
        return dict(control(self.emulator, "GET", "summary"))


def dump(emulator: Emulator) -> list[dict[str, Any]]:
    """Everything the account holds of contacts."""
    reply = emulator.handle("GET", "/_emulator/dump")
    return list(json.loads(reply.body)["contacts"])


def control(emulator: Emulator, method: str, path: str, body: Any = None) -> Any:
    """Call the emulator's control API."""
    reply = emulator.handle(method, f"/_emulator/{path}", "", {}, b"" if body is None else json.dumps(body).encode())
    assert reply.status < 300, reply.body
    return json.loads(reply.body) if reply.body else None


def record(stream: str, **data: Any) -> dict[str, Any]:
    """A RECORD message."""
    return {"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1}}


def state(stream: str | None, number: int) -> dict[str, Any]:
    """A STATE message: of a stream, or GLOBAL."""
    if stream is None:
        return {"type": "STATE", "state": {"type": "GLOBAL", "global": {"stream_states": []}, "id": number}}
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": number}}
    return {"type": "STATE", "state": {"type": "STREAM", "stream": descriptor, "id": number}}


def catalog(**streams: Iterable[str]) -> Any:
    """A configured catalog of streams with these columns."""
    return ConfiguredAirbyteCatalogSerializer.load(
        {
            "streams": [
                {
                    "stream": {
                        "name": name,
                        "json_schema": {"type": "object", "properties": {column: {} for column in columns}},
                        "supported_sync_modes": ["incremental"],
                    },
                    "sync_mode": "incremental",
                    "destination_sync_mode": "append",
                }
                for name, columns in streams.items()
            ]
        }
    )


def objects(**streams: tuple[str, str, Iterable[str]]) -> Any:
    """A configured catalog of data activation: stream → (sync mode, matching key, columns), all of contacts."""
    configured = catalog(**{name: columns for name, (_, _, columns) in streams.items()})
    for stream in configured.streams:
        mode, key, _ = streams[stream.stream.name]
        stream.destination_object_name = "contact"
        stream.destination_sync_mode = DestinationSyncMode(mode)
        stream.primary_key = [[key]]
    return configured


CONTACTS = ("email", "firstName", "lastName", "phone", "tags", "tagsReset", "tags_remove", "lists", "plan", "userId")

ACCOUNT = {
    "fields": [{"title": "Plan", "type": "text"}, {"title": "External id", "type": "text", "perstag": "EXTERNAL_ID"}],
    "lists": [{"name": "News", "stringid": "news"}, {"name": "Offers", "stringid": "offers"}],
    "tags": ["old", "vip"],
}


class Simulation:
    """An account and a clock on which syncs can be run one after another."""

    def __init__(self, options: Options | None = None, account: dict[str, Any] | None = None, seed: int = 0) -> None:
        self.clock = VirtualClock()
        self.emulator = Emulator(
            options or Options(),
            clock=lambda: self.clock.monotonic(),  # noqa: PLW0108 - a kill replaces the clock
            random=random.Random(seed),
            wall=lambda: self.clock.time(),  # noqa: PLW0108 - see above
        )
        control(self.emulator, "POST", "seed", ACCOUNT if account is None else account)

    def faults(self, *faults: dict[str, Any]) -> None:
        """Script faults."""
        control(self.emulator, "POST", "faults", list(faults))

    def config(self, **settings: Any) -> Config:
        """Return settings of a connection with the account."""
        return Config.from_mapping(
            {
                "api_url": "http://127.0.0.1",
                "api_key": self.emulator.account.options.api_key,
                "tracking_url": "http://127.0.0.1",
                "event_key": self.emulator.account.options.event_key,
                **settings,
            }
        )

    def client(self, stop: Stop | None = None, **settings: Any) -> tuple[Client, EmulatorTransport]:
        """Return a client of the account, and what it sends through."""
        transport = EmulatorTransport(self.emulator, self.clock)
        account = Account(self.config(**settings), stop or Stop(), clock=self.clock, transport=transport)
        return account.client, transport

    def sync(
        self,
        messages: Sequence[dict[str, Any] | bytes],
        configured: Any = None,
        *,
        on_state: Callable[[Acknowledged], None] = lambda _: None,
        dies_after_seconds: float = float("inf"),
        stop: Stop | None = None,
        watch: Callable[[Writer], None] = lambda _: None,
        chunks_ahead: int = 1,
        **settings: Any,
    ) -> Finished:
        """Run a sync to its end, or kill it *dies_after_seconds* after its start.

        *stop*: what SIGTERM sets; *watch*: called before each request that the sync makes once it has started;
        *chunks_ahead*: lists of messages that the source hands over before the first is taken in.
        """
        if configured is None:
            configured = catalog(identifies=CONTACTS)
        config = self.config(**settings)
        inbox = VirtualInbox(self.clock, self.clock.monotonic() + dies_after_seconds)
        started: list[Writer] = []

        def before_request() -> None:
            for writer in started:
                watch(writer)

        transport = EmulatorTransport(self.emulator, self.clock, watch=before_request)
        account = Account(config, stop or Stop(), clock=self.clock, transport=transport)
        lines = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in messages)
        parsed = [parse_line(line) for line in lines]
        read = [*(each for each in parsed if not isinstance(each, Ignored)), EndOfInput()]
        source = ListSource(inbox, read, ahead=chunks_ahead)
        finished = Finished(self.emulator, requests=transport.requests, exchanges=transport.exchanges)
        began = self.clock.monotonic()
        try:
            running = start_sync(
                config, account, configured.streams, source, inbox, make_lanes=partial(VirtualLanes, self.clock)
            )
            started += [running] if isinstance(running, Writer) else []
            for acknowledged in running.run():
                finished.states.append(acknowledged)
                on_state(acknowledged)
        except ActiveCampaignError as error:
            finished.error = error
        except Killed:
            transport.dead = True
            self.clock = self.clock.abandon()
        for writer in started:
            finished.report = [line for _, line in writer._rejections.lines()]
            finished.unreadable = dict(writer.unreadable)
            finished.settled = writer._rejections.totals.settled
        finished.seconds = self.clock.monotonic() - began
        return finished
