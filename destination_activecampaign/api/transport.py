"""The one seam to the network: a request in, a response out, or a ConnectionFailed that names no value.

Nothing here knows what an answer means (that is `classify`'s), repeats a request (`retry`'s) or waits for a quota.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import logging
import math
import ssl
import traceback
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

import requests
import urllib3.exceptions
from requests.cookies import RequestsCookieJar

from destination_activecampaign.api.bounded import Bound, BoundedAdapter
from destination_activecampaign.api.clock import Clock, SystemClock
from destination_activecampaign.errors import ActiveCampaignError, ConfigError, ConnectionFailed, UnexpectedResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BODY_LIMIT = 64 * 1024 * 1024
READ_SIZE = 64 * 1024
TOTAL_SECONDS = 120.0
TIMEOUT = (10.0, 60.0)
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request.

    `timeout`: seconds to connect to an address, seconds between two reads; `route`: its template, for messages; `seconds`:
    how long it may take, its connection included.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    timeout: tuple[float, float]
    route: str
    seconds: float = math.inf

    def __repr__(self) -> str:
        # The URL, the headers and the body hold emails and keys.
        return f"HttpRequest({self.method} {self.route})"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One whole answer. `headers`: looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"HttpResponse(status={self.status}, {len(self.body)} bytes)"


class Transport(Protocol):
    """Sends one request, once."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, whatever its status; raise ConnectionFailed where there is none."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class RequestsTransport:
    """`requests` with a pool of connections.

    One session serves all threads: `Session.send` only writes to the session's cookie jar (which refuses every cookie)
    and to urllib3's pool, which is made for threads.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        total_seconds: float = TOTAL_SECONDS,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        # urllib3's debug lines hold whole URLs, and with them emails.
        logging.getLogger("urllib3").setLevel(logging.WARNING)
        self._session = requests.Session()
        # Answers may set PHPSESSID (observed): a session of the user interface must never be mixed with the key's.
        self._session.cookies = RequestsCookieJar(policy=http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._bound = Bound(total_seconds, (clock or SystemClock()).monotonic, stopped)
        adapter = BoundedAdapter(
            self._bound,
            pool_connections=4,
            pool_maxsize=CONNECTIONS,
            max_retries=0,
        )
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers["User-Agent"] = f"destination-activecampaign/{_version()}"

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send *request*. A redirect is an answer like any other: following one turns a POST into a GET (observed)."""
        self._bound.begin(request.seconds)
        try:
            return self._send(request)
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            UnicodeError,
        ) as error:
            _let_go(error)
            # `from None`: the texts of these errors hold the URL, and with it emails.
            raise _named(error, f"{request.method} {request.route}") from None

    def close(self) -> None:
        """Close the pool."""
        self._session.close()

    def _send(self, request: HttpRequest) -> HttpResponse:
        with self._session.request(
            request.method,
            request.url,
            data=request.body,
            headers=request.headers,
            timeout=request.timeout,
            allow_redirects=False,
            stream=True,
            auth=_no_auth,
        ) as response:
            return HttpResponse(response.status_code, response.headers, self._body(request, response))

    def _body(self, request: HttpRequest, response: requests.Response) -> bytes:
        """Read piece by piece, so that an endless answer meets the limit."""
        body = bytearray()
        while piece := response.raw.read1(READ_SIZE, decode_content=True):
            body += piece
            if len(body) > BODY_LIMIT:
                raise UnexpectedResponse(
                    f"{request.method} {request.route}: ActiveCampaign's answer is larger than {BODY_LIMIT} bytes."
                )
        return bytes(body)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep `requests` from adding a password of the machine's .netrc."""
    return request


def _version() -> str:
    try:
        return version("destination-activecampaign")
    except PackageNotFoundError:
        return "0"


_CONFIG_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.InvalidProxyURL, "the proxy that the environment names is not a URL; check HTTPS_PROXY."),
    (requests.exceptions.InvalidHeader, "the API key holds characters that no key has; paste it again."),
    (requests.exceptions.InvalidURL, "the API URL is not valid; paste it from Settings > Developer."),
    (requests.exceptions.MissingSchema, "the API URL is not valid; paste it from Settings > Developer."),
    (requests.exceptions.InvalidSchema, "the API URL is not valid; paste it from Settings > Developer."),
    (urllib3.exceptions.LocationValueError, "the API URL is not valid; paste it from Settings > Developer."),
    (UnicodeError, "the API URL or key holds characters that none has; paste them again."),
)
_NEVER_CONNECTED = (
    requests.exceptions.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
)


def _named(error: Exception, route: str) -> ActiveCampaignError:
    """Return our own error for one of the HTTP library's; its text says only what kind it was."""
    for kind, advice in _CONFIG_ERRORS:
        if isinstance(error, kind):
            return ConfigError(f"{route}: {advice}")
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ConnectionFailed(f"{route}: the server's certificate could not be verified.", request_sent=False)
    if any(isinstance(cause, urllib3.exceptions.NameResolutionError) for cause in causes):
        return ConnectionFailed(f"{route}: the host's name could not be resolved.", request_sent=False)
    if any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
        return ConnectionFailed(f"{route}: no connection could be established.", request_sent=False)
    if any(isinstance(cause, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)) for cause in causes):
        return ConnectionFailed(f"{route}: no answer arrived in time.")
    return ConnectionFailed(f"{route}: the connection broke before the whole answer had arrived.")


def _let_go(error: Exception) -> None:
    """Empty the frames that the library's errors came through.

    urllib3 keeps errors in variables of the frames that their tracebacks hold. Such a cycle reaches up to the thread
    that sent the request: it kept whole imports, 250 rows each, until the garbage collector came by.
    """
    for cause in _causes(error):
        traceback.clear_frames(cause.__traceback__)


def _causes(error: BaseException) -> list[BaseException]:
    """Return *error* and what it was made of: `requests` and urllib3 keep the first cause in `args` and `reason`."""
    found: list[BaseException] = []
    left: list[object] = [error]
    while left:
        item = left.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            left += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return found
