"""A whole sync in one process against the emulator, both on one clock whose time passes only when everybody waits.

The connector runs as it is, threads included; only its transport, its clock and its source are replaced.
"""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from queue import Empty
from typing import Any
from urllib.parse import urlsplit

from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer

from activecampaign_emulator import Emulator, Options
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

LATENCY = 0.08
TIMEOUT = 120.0


class VirtualClock:
    """Time that jumps to the next moment for which somebody waits, once all who count as running wait.

    Running are the loop's thread and every thread that has a job.
    """

    def __init__(self) -> None:
        self._now = 1_000.0
        self._condition = threading.Condition()
        self._running = 1
        self._wakes: list[float] = []

    def monotonic(self) -> float:
        """Seconds."""
        return self._now

    def time(self) -> float:
        """Seconds since 1970."""
        return 1_790_000_000.0 + self._now

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:  # noqa: ARG002 - a stop ends nothing here
        """Wait until time has passed."""
        with self._condition:
            self._wait_until(self._now + max(seconds, 0.0), lambda: False)

    def begin_job(self) -> None:
        """Count a thread in, before it has its job: no time passes until it waits."""
        with self._condition:
            self._running += 1

    def end_job(self) -> None:
        """Count a thread out."""
        with self._condition:
            self._running -= 1
            self._let_time_pass()

    def wait_for(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until *ready*, or until time has passed."""
        with self._condition:
            if not ready():
                self._wait_until(self._now + seconds, ready)

    def changed(self) -> None:
        """Tell those who wait in `wait_for` to look again."""
        with self._condition:
            self._condition.notify_all()

    def _wait_until(self, wake: float, ready: Callable[[], bool]) -> None:
        self._running -= 1
        self._wakes.append(wake)
        self._let_time_pass()
        while self._now < wake and not ready():
            if not self._condition.wait(30.0):
                raise AssertionError("the simulation is stuck")
        self._wakes.remove(wake)
        self._running += 1

    def _let_time_pass(self) -> None:
        if self._running == 0 and self._wakes:
            self._now = max(self._now, min(self._wakes))
            self._condition.notify_all()


class VirtualInbox:
    """The loop's inbox on a virtual clock. A put item keeps time still until the loop has taken it."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
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
        if not self._items:
            raise Empty
        item = self._items.popleft()
        self._clock.end_job()
        return item


class VirtualLanes(Lanes):
    """Lanes whose jobs count as running from the moment they are handed over."""

    def __init__(self, clock: VirtualClock, inbox: Inbox, workers: Mapping[str, int]) -> None:
        self._clock = clock
        super().__init__(inbox, workers)

    def submit(self, lane: str, job: Callable[[], Any], report: Callable[[Result[Any]], None]) -> None:
        """Run *job* on a thread of *lane*."""
        self._clock.begin_job()
        super().submit(lane, job, report)

    def _finished(self) -> None:
        self._clock.end_job()


class EmulatorTransport:
    """Hands requests to the emulator in process. `requests`: method, path and query of each, in order."""

    def __init__(self, emulator: Emulator, clock: VirtualClock, latency: float = LATENCY) -> None:
        self._emulator = emulator
        self._clock = clock
        self._latency = latency
        self.requests: list[tuple[str, str]] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        """Answer as the network would."""
        url = urlsplit(request.url)
        self.requests.append((request.method, url.path))
        self._clock.sleep(self._latency / 2)
        reply = self._emulator.handle(request.method, url.path, url.query, request.headers, request.body or b"")
        self._clock.sleep(min(self._latency / 2 + reply.delay, TIMEOUT))
        if reply.cut is not None or reply.delay > TIMEOUT:
            raise ConnectionFailed(f"{request.method} {request.route}: the connection was cut.")
        return HttpResponse(reply.status, dict(reply.headers), reply.body)

    def close(self) -> None:
        """Nothing to close."""


class ListSource:
    """A source that has all its messages ready. `chunk`: messages handed over at once."""

    def __init__(self, inbox: VirtualInbox, messages: list[Any], chunk: int = 500) -> None:
        self._inbox = inbox
        self._chunks = deque(messages[start : start + chunk] for start in range(0, len(messages), chunk))

    def start(self) -> None:
        """Hand over the first."""
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
    """How a sync ended. `states`: those that left, each with the account's dump at that moment where that was asked for."""

    emulator: Emulator
    states: list[Acknowledged] = field(default_factory=list)
    error: ActiveCampaignError | None = None
    seconds: float = 0.0
    requests: list[tuple[str, str]] = field(default_factory=list)

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
            options or Options(), clock=self.clock.monotonic, random=random.Random(seed), wall=self.clock.time
        )
        control(self.emulator, "POST", "seed", ACCOUNT if account is None else account)

    def faults(self, *faults: dict[str, Any]) -> None:
        """Script faults."""
        control(self.emulator, "POST", "faults", list(faults))

    def sync(
        self,
        messages: list[dict[str, Any]],
        configured: Any = None,
        *,
        on_state: Callable[[Acknowledged], None] = lambda _: None,
        stop_after_states: int | None = None,
        **settings: Any,
    ) -> Finished:
        """Run a sync to its end; with *stop_after_states*, break off as a kill would."""
        if configured is None:
            configured = catalog(identifies=CONTACTS)
        config = Config.from_mapping(
            {
                "api_url": "http://127.0.0.1",
                "api_key": self.emulator.account.options.api_key,
                "tracking_url": "http://127.0.0.1",
                "event_key": self.emulator.account.options.event_key,
                **settings,
            }
        )
        inbox = VirtualInbox(self.clock)
        transport = EmulatorTransport(self.emulator, self.clock)
        account = Account(config, Stop(), clock=self.clock, transport=transport)
        parsed = [parse_line(json.dumps(message).encode()) for message in messages]
        source = ListSource(inbox, [*(each for each in parsed if not isinstance(each, Ignored)), EndOfInput()])
        finished = Finished(self.emulator, requests=transport.requests)
        began = self.clock.monotonic()
        try:
            for acknowledged in start_sync(
                config, account, configured.streams, source, inbox, make_lanes=partial(VirtualLanes, self.clock)
            ).run():
                finished.states.append(acknowledged)
                on_state(acknowledged)
                if stop_after_states is not None and len(finished.states) >= stop_after_states:
                    account.client.stop()
                    break
        except ActiveCampaignError as error:
            finished.error = error
        finished.seconds = self.clock.monotonic() - began
        return finished
