"""A scripted transport and two clocks: all that these tests put in place of the world."""

from __future__ import annotations

import heapq
import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from requests.structures import CaseInsensitiveDict

from destination_activecampaign.api.clock import Stop
from destination_activecampaign.api.transport import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

# Planted in every place that holds a secret or a value of a row: no message may repeat them.
KEY = "canary-key-7f3a"
EMAIL = "canary.person+tag@example.com"


def answer(status: int = 200, body: object = None, headers: dict[str, str] | None = None) -> HttpResponse:
    """Make a response; a body that is neither bytes nor text is written as JSON."""
    if body is None:
        raw = b""
    elif isinstance(body, bytes):
        raw = body
    else:
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
    return HttpResponse(status, CaseInsensitiveDict(headers or {}), raw)


class FakeTransport:
    """Answers from a script, or by a function of the request; keeps what it was sent."""

    def __init__(self, *script: HttpResponse | Exception) -> None:
        self.script = deque(script)
        self.sent: list[HttpRequest] = []
        self.by: Callable[[HttpRequest], HttpResponse | Exception] | None = None

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return, or raise, the next item of the script."""
        self.sent.append(request)
        found = self.by(request) if self.by else self.script.popleft()
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        """Close nothing."""

    def body(self, index: int = -1) -> Any:
        """Return the JSON body of a request that was sent."""
        body = self.sent[index].body
        assert body is not None
        return json.loads(body)


class FakeClock:
    """Time that passes only in `sleep`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        """Return the fake time."""
        return self.now

    def time(self) -> float:
        """Return the fake wall clock."""
        return 1_700_000_000.0 + self.now

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:  # noqa: ARG002 - a stop ends nothing here
        """Let time pass."""
        self.now += seconds
        self.slept += seconds
        self.on_sleep()


class SharedClock:
    """Time for several threads: it moves to the next wake-up once all of them sleep."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._now = 0.0
        self._wakes: list[float] = []
        self._changed = threading.Condition()

    def monotonic(self) -> float:
        """Return the fake time."""
        return self._now

    def time(self) -> float:
        """Return the fake wall clock."""
        return self._now

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:  # noqa: ARG002 - a stop ends nothing here
        """Wait until the other threads' sleeps have let this time pass."""
        with self._changed:
            wake = self._now + seconds
            heapq.heappush(self._wakes, wake)
            self._advance()
            while self._now < wake:
                self._changed.wait(5)
            heapq.heappop(self._wakes)

    def leave(self) -> None:
        """Tell that one thread has ended."""
        with self._changed:
            self._threads -= 1
            self._advance()

    def _advance(self) -> None:
        if self._wakes and len(self._wakes) >= self._threads and self._wakes[0] > self._now:
            self._now = self._wakes[0]
            self._changed.notify_all()
