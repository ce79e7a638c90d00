"""Sends requests to one account: retry around (quota → transport → classify). Knows no endpoint but one; lists are `pages`'."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from destination_activecampaign.api.api_url import normalise_api_url
from destination_activecampaign.api.classify import (
    Forbidden,
    HtmlAnswer,
    ImportsLimited,
    NoSuchRoute,
    classify,
    classify_text,
)
from destination_activecampaign.api.clock import Clock, Stop, pause
from destination_activecampaign.api.quotas import Lane, Quotas
from destination_activecampaign.api.request import Request
from destination_activecampaign.api.retry import Retry, RetryDetails
from destination_activecampaign.api.transport import TIMEOUT, HttpRequest, HttpResponse, Transport
from destination_activecampaign.errors import (
    AuthenticationError,
    ConfigError,
    RateLimited,
    ServerError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Client", "Request", "Usage", "normalise_api_url"]

T = TypeVar("T")

# 403 and HTML pass at times (observed): three tries over 30 s before they are believed.
DOUBT_WAITS = (10.0, 20.0)
USERS_ME = "/users/me"


@dataclass(frozen=True, slots=True)
class Usage:
    """What was sent so far.

    `requests`: tries by lane; `waited`: seconds for the quota by lane; `latency`: seconds from a request to its answer, on
    average.
    """

    requests: Mapping[Lane, int]
    retries: int
    limit_answers: int
    waited: Mapping[Lane, float]
    latency: float = 0.0


class Client:
    """The API of one account. Threads share it.

    `base_url`: as the user pasted it; `random`: floats from 0 to 1; `deadline_seconds`: how long one request may be
    retried; `total_seconds`: how long all requests together may take; `patient`: False where a 403 is believed at once and
    no try outlasts the deadline (`check`).
    """

    def __init__(  # noqa: PLR0917  # what it is made of, in the order in which a request meets it
        self,
        base_url: str,
        api_key: str,
        transport: Transport,
        quotas: Quotas,
        clock: Clock,
        random: Callable[[], float],
        deadline_seconds: float = 1800.0,
        *,
        total_seconds: float = math.inf,
        patient: bool = True,
        stop: Stop | None = None,
        on_retry: Callable[[RetryDetails], None] = lambda _: None,
    ) -> None:
        self._base = normalise_api_url(base_url)
        self._key = _key(api_key)
        self._transport = transport
        self._quotas = quotas
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._total_seconds = total_seconds
        self._end = clock.monotonic() + total_seconds
        self._patient = patient
        self._doubt_waits = DOUBT_WAITS if patient else ()
        self._stop = stop or Stop()
        self._on_retry = on_retry
        self._retry = Retry(clock, random, self._stop, self._retrying)
        self._reached = False
        self._lock = threading.Lock()
        self._requests: Counter[Lane] = Counter()
        self._retries = 0
        self._answers = 0
        self._answers_took = 0.0

    def __repr__(self) -> str:
        return f"Client({self._base!r}, api_key='***')"

    def send(self, request: Request, deadline_seconds: float | None = None) -> dict[str, Any]:
        """Return the answer's JSON object; raise what `classify` makes of every other answer."""

        def read(route: str, response: HttpResponse) -> dict[str, Any]:
            return classify(route, response, request.expects, now=self._clock.time())

        return self.perform(request, read, deadline_seconds)

    def text(self, request: Request, deadline_seconds: float | None = None) -> str:
        """Return the text of an answer that is not JSON."""

        def read(route: str, response: HttpResponse) -> str:
            return classify_text(route, response, now=self._clock.time())

        return self.perform(request, read, deadline_seconds)

    def perform(
        self, request: Request, read: Callable[[str, HttpResponse], T], deadline_seconds: float | None = None
    ) -> T:
        """Return what *read* makes of the answer: retry around (doubt around (quota → transport → read))."""
        now = self._clock.monotonic()
        if now >= self._end:
            raise TransientError(
                f"ActiveCampaign took more than {self._total_seconds:.0f} s to answer all that was asked. Try again later."
            )
        seconds = min(self._deadline_seconds if deadline_seconds is None else deadline_seconds, self._end - now)
        deadline = now + seconds
        return self._retry.call(
            lambda: self._believed(request, read, deadline),
            deadline_seconds=seconds,
            safe_to_repeat=request.safe_to_repeat,
            route=request.name,
        )

    def check_key(self) -> None:
        """Raise AuthenticationError unless the key works (`GET /users/me`, documented), ConfigError for a wrong URL."""
        self.send(Request("GET", USERS_ME, lane=Lane.LOOKUP, expects="user"))

    def usage(self) -> Usage:
        """Return what was sent so far."""
        with self._lock:
            requests, retries = {lane: self._requests[lane] for lane in Lane}, self._retries
            latency = self._answers_took / max(self._answers, 1)
        waited = {lane: self._quotas.waited(lane) for lane in Lane}
        return Usage(requests, retries, self._quotas.limit_answers, waited, latency)

    def time(self) -> float:
        """Return the wall clock, which answers may name dates of: seconds since 1970."""
        return self._clock.time()

    def stop(self) -> None:
        """End every wait with TransientError and refuse new requests; what is on the wire ends by itself."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait, until the sync is stopped: then raise TransientError."""
        pause(self._clock, self._stop, seconds)

    def _believed(self, request: Request, read: Callable[[str, HttpResponse], T], deadline: float) -> T:
        """Return what one try gives, but doubt a 403 and a page of HTML: both may pass.

        A page while the key works is a failure that passes (ServerError). A 403 that stays is a missing right while the
        key works, else a wrong key.
        """
        waits = iter(() if request.optional else self._doubt_waits)
        while True:
            try:
                return self._once(request, read, deadline)
            except (Forbidden, HtmlAnswer, NoSuchRoute) as doubt:
                if request.optional or (isinstance(doubt, NoSuchRoute) and not self._reached):
                    raise
                wait = next(waits, None)
                forbidden = isinstance(doubt, Forbidden)
                works = (wait is None or not forbidden) and self._key_works(request, deadline)
                if works and not forbidden:
                    raise ServerError(f"{request.name}: ActiveCampaign answered with a page instead of JSON.") from None
                if wait is None:
                    raise _verdict(request, key_works=works) from None
            pause(self._clock, self._stop, wait)

    def _key_works(self, request: Request, deadline: float) -> bool:
        """Ask `users/me`. Raises the error of an answer that settles nothing."""
        if request.route == USERS_ME:
            return False
        probe = Request("GET", USERS_ME, lane=Lane.LOOKUP, expects="user")
        try:
            self._once(probe, lambda route, answer: classify(route, answer, "user", now=self._clock.time()), deadline)
        except (AuthenticationError, HtmlAnswer, NoSuchRoute):
            return False
        return True

    def _once(self, request: Request, read: Callable[[str, HttpResponse], T], deadline: float) -> T:
        self._quotas.acquire(request.lane, deadline, self._stop, single=request.single_import)
        self._stop.check()
        with self._lock:
            self._requests[request.lane] += 1
        began = self._clock.monotonic()
        response = self._transport.send(self._http(request, deadline))
        took = self._clock.monotonic() - began
        with self._lock:
            self._answers += 1
            self._answers_took += took
        self._quotas.observe(request.lane, response.headers, took)
        try:
            answer = read(request.name, response)
        except RateLimited as error:
            imports = isinstance(error, ImportsLimited)
            self._quotas.limited(request.lane, error.retry_after, imports=imports)
            raise
        self._reached = self._reached or request.base is None
        return answer

    def _http(self, request: Request, deadline: float) -> HttpRequest:
        headers = {"Accept": "application/json"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if request.base is None:
            headers["Api-Token"] = self._key
        url = request.url(f"{self._base}/api/3" if request.base is None else request.base)
        # What a sync has begun it waits for: an import that was taken is not sent again.
        seconds = math.inf if self._patient else deadline - self._clock.monotonic()
        return HttpRequest(request.method, url, headers, request.body, TIMEOUT, request.route, seconds)

    def _retrying(self, details: RetryDetails) -> None:
        with self._lock:
            self._retries += 1
        self._on_retry(details)


def _verdict(request: Request, *, key_works: bool) -> AuthenticationError:
    if key_works:
        return AuthenticationError(
            f"The API key works, but its user may not do this: {request.name} (HTTP 403). "
            "Give the user's group the right in ActiveCampaign, or use the key of another user."
        )
    return AuthenticationError(
        f"{request.name}: ActiveCampaign does not accept the API key. Paste it again from Settings > Developer."
    )


def _key(text: str) -> str:
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(
            "The API key is empty or holds characters that no key has. Paste it from Settings > Developer."
        )
    return key
