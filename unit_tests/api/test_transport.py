"""The seam to the network: real sockets, and every error of the HTTP library."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import gc
import gzip
import http.client
import http.server
import inspect
import ipaddress
import logging
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests
import requests.exceptions
import urllib3.connection
import urllib3.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from destination_activecampaign import within
from destination_activecampaign.api import bounded
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.clock import SystemClock
from destination_activecampaign.api.quotas import Quotas
from destination_activecampaign.api.transport import HttpRequest, RequestsTransport
from destination_activecampaign.errors import ActiveCampaignError, ConfigError, ConnectionFailed, UnexpectedResponse
from destination_activecampaign.within import HURRY_SECONDS
from unit_tests.api.fakes import EMAIL, KEY, answer
from unit_tests.conftest import HEARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class RawServer:
    """Answers each connection with raw bytes, piece by piece; keeps what it received."""

    def __init__(self, *pieces: bytes, pause: float = 0.0) -> None:
        self._pieces, self._pause = pieces, pause
        self.received: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    self.received.append(connection.recv(65536))
                    for piece in self._pieces:
                        connection.sendall(piece)
                        time.sleep(self._pause)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    """Give a maker of servers that are closed at the end."""
    servers: list[RawServer] = []

    def make(*pieces: bytes, pause: float = 0.0) -> RawServer:
        servers.append(RawServer(*pieces, pause=pause))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def a_request(url: str, timeout: float = 2.0) -> HttpRequest:
    """Make a request that holds a canary wherever there is room for one."""
    return HttpRequest(
        "POST", f"{url}/x?email={EMAIL}", {"Api-Token": KEY}, EMAIL.encode(), (timeout, timeout), "/contacts/{id}"
    )


def send(url: str, *, timeout: float = 2.0, total: float = 2.0) -> bytes:
    """Send one request over a fresh transport."""
    transport = RequestsTransport(total_seconds=total)
    try:
        return transport.send(a_request(url, timeout)).body
    finally:
        transport.close()


def failure(url: str, *, timeout: float = 2.0, total: float = 2.0) -> ActiveCampaignError:
    """Return the error of a request; check that it tells method and route and nothing else of the request."""
    with pytest.raises(ActiveCampaignError) as caught:
        send(url, timeout=timeout, total=total)
    assert_says_nothing(caught.value)
    return caught.value


def assert_says_nothing(error: ActiveCampaignError) -> None:
    """Check that no canary is in the text, nor in an error that would be logged with it."""
    assert error.message.startswith("POST /contacts/{id}: ")
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert EMAIL not in repr(error)
    assert KEY not in repr(error)


OK = b"HTTP/1.1 200 OK\r\nSet-Cookie: PHPSESSID=canary; path=/\r\n"


def test_an_answer_comes_whole(serve: Callable[..., RawServer]) -> None:
    """Status, headers of any case, body."""
    server = serve(b"HTTP/1.1 422 No\r\nX-Thing: a\r\nContent-Length: 4\r\n\r\nbody")
    response = RequestsTransport().send(a_request(server.url))
    assert (response.status, response.headers["x-thing"], response.body) == (422, "a", b"body")


def test_a_request_says_who_sends_it(serve: Callable[..., RawServer]) -> None:
    """The vendor can tell this connector from others; no password of the machine travels along."""
    server = serve(OK + b"Content-Length: 0\r\n\r\n")
    send(server.url)
    head = server.received[0].decode()
    assert "User-Agent: destination-activecampaign/" in head
    assert f"Api-Token: {KEY}" in head
    assert "Authorization" not in head


def test_cookies_are_not_kept(serve: Callable[..., RawServer]) -> None:
    """A session of the user interface is not mixed with the key's rights."""
    server = serve(OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
    transport = RequestsTransport()
    for _ in range(2):
        transport.send(a_request(server.url))
    assert b"PHPSESSID" not in server.received[1]


def test_a_redirect_is_an_answer(serve: Callable[..., RawServer]) -> None:
    """Nothing follows it."""
    server = serve(b"HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
    assert RequestsTransport().send(a_request(server.url)).status == 301
    assert len(server.received) == 1


def test_gzip_and_chunks_are_read(serve: Callable[..., RawServer]) -> None:
    """What the server packs is unpacked."""
    packed = gzip.compress(b"x" * 1000)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    server = serve(OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked)
    assert send(server.url) == b"x" * 1000


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Content-Length: 100\r\n\r\nhalf",
        OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\nhalf",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf",
        b"canary\r\n\r\n",
        b"",
    ],
)
def test_half_an_answer_is_none(serve: Callable[..., RawServer], raw: bytes) -> None:
    """A body that ends early, or none at all: the request may have been carried out."""
    error = failure(serve(raw).url)
    assert isinstance(error, ConnectionFailed)
    assert error.request_sent


def test_a_silent_server_runs_into_the_timeout(serve: Callable[..., RawServer]) -> None:
    """No answer in time: the request may have been carried out."""
    error = failure(serve(b"", pause=1.0).url, timeout=0.1)
    assert isinstance(error, ConnectionFailed)
    assert (error.request_sent, "in time" in error.message) == (True, True)


def test_a_trickling_answer_runs_into_the_deadline(serve: Callable[..., RawServer]) -> None:
    """Bytes that keep coming do not keep the sync waiting."""
    began = time.monotonic()
    error = failure(serve(OK + b"Content-Length: 100\r\n\r\n", *[b"x"] * 2_000, pause=0.02).url, total=0.2)
    assert "in time" in error.message
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    "pieces",
    [
        (b"H", *[b"T"] * 400),
        (OK, b"X-Slow: ", *[b"a"] * 400),
        (OK, *[b"X-Slow: a\r\n"] * 400),
        (OK, b"Transfer-Encoding: chunked\r\n\r\n", *[b"0"] * 400),
    ],
    ids=["status", "a header", "headers", "a chunk's size"],
)
def test_the_deadline_holds_before_the_body_too(serve: Callable[..., RawServer], pieces: tuple[bytes, ...]) -> None:
    """Each byte comes in time, the answer does not."""
    began = time.monotonic()
    error = failure(serve(*pieces, pause=0.1).url, total=0.5)
    assert isinstance(error, ConnectionFailed)
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("pieces", [(b"", b""), [b"H"] * 400], ids=["silent", "trickling"])
def test_a_stop_ends_the_wait_for_an_answer(
    serve: Callable[..., RawServer], pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few seconds in which it may still come, however it comes."""
    monkeypatch.setattr(bounded, "SLICE_SECONDS", 0.05)
    monkeypatch.setattr(bounded, "HURRY_SECONDS", 0.25)
    server = serve(*pieces, pause=0.05 if len(pieces) > 2 else 20.0)
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        RequestsTransport(total_seconds=20.0, stopped=lambda: True).send(a_request(server.url, timeout=20.0))
    assert 0.25 <= time.monotonic() - began < 3.0


# TLS, which begins before there is a request

RECORD = b"\x16\x03\x03\x40\x00\x02"  # the first bytes of a handshake's answer that has 16 KB


def tls(server: RawServer) -> str:
    """Return the URL of a server that is to speak TLS."""
    return server.url.replace("http:", "https:")


@pytest.mark.parametrize("pieces", [(b"",), (RECORD, *[b"x"] * 400)], ids=["silent", "trickling"])
def test_a_tls_handshake_has_a_deadline(serve: Callable[..., RawServer], pieces: tuple[bytes, ...]) -> None:
    """Nothing was sent by then."""
    server = serve(*pieces, pause=0.05 if len(pieces) > 1 else 20.0)
    began = time.monotonic()
    error = failure(tls(server), timeout=0.5)
    assert isinstance(error, ConnectionFailed)
    assert (error.request_sent, "could be established" in error.message) == (False, True)
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("pieces", [(b"",), (RECORD, *[b"x"] * 400)], ids=["silent", "trickling"])
def test_a_stop_ends_a_tls_handshake(
    serve: Callable[..., RawServer], pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it does the wait for an answer."""
    monkeypatch.setattr(within, "SLICE_SECONDS", 0.05)
    server = serve(*pieces, pause=0.05 if len(pieces) > 1 else 20.0)
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        RequestsTransport(stopped=lambda: True).send(a_request(tls(server), timeout=20.0))
    assert 0.05 * HURRY_SECONDS <= time.monotonic() - began < 3.0


def test_a_connection_that_is_not_waited_for_is_closed_once_it_is_made(
    serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the thread that makes it, and by nobody before: its number could be another connection's by then."""
    made: list[socket.socket] = []

    def slowly(connection: urllib3.connection.HTTPConnection) -> None:
        made.append(socket.create_connection((connection.host, connection.port)))
        connection.sock = made[0]
        time.sleep(0.5)
        assert made[0].fileno() > 0

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "connect", slowly)
    request = a_request(serve(OK).url)
    with pytest.raises(ConnectionFailed) as caught:
        RequestsTransport().send(dataclasses.replace(request, seconds=0.1))
    assert not caught.value.request_sent
    assert made[0].fileno() > 0
    until = time.monotonic() + 5.0
    while made[0].fileno() > 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert made[0].fileno() == -1


@pytest.mark.parametrize(
    ("scheme", "pieces", "pause"),
    [
        ("https", (b"",), 20.0),
        ("https", (RECORD, *[b"x"] * 400), 0.05),
        ("http", (b"",), 20.0),
        ("http", (OK, b"X-Slow: ", *[b"a"] * 400), 0.05),
    ],
)
def test_an_impatient_request_ends_at_its_deadline(
    serve: Callable[..., RawServer], scheme: str, pieces: tuple[bytes, ...], pause: float
) -> None:
    """`check` does not wait for what a read or a handshake may take: connection, answer and retries have one deadline."""
    url = serve(*pieces, pause=pause).url.replace("http:", f"{scheme}:")
    clock = SystemClock()
    quotas = Quotas(clock=clock, random=lambda: 0.0)
    client = Client(url, KEY, RequestsTransport(), quotas, clock, lambda: 0.0, deadline_seconds=1.0, patient=False)
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        client.check_key()
    assert 0.9 < time.monotonic() - began < 2.5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a certificate of this machine that nobody has signed; returns the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    signed = builder.add_extension(here, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.fixture
def secure(certificate: str) -> Iterator[http.server.HTTPServer]:
    """Give a server that speaks TLS and keeps its connections."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            port = str(self.client_address[1]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(port)))
            self.end_headers()
            self.wfile.write(port)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_tls_connections_are_kept(
    secure: http.server.HTTPServer, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests, one handshake."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    transport = RequestsTransport()
    ports = {transport.send(a_request(f"https://127.0.0.1:{secure.server_port}")).body for _ in range(2)}
    assert len(ports) == 1
    transport.close()


def test_a_certificate_that_nobody_signed_is_refused(secure: http.server.HTTPServer) -> None:
    """Nothing was sent."""
    error = failure(f"https://127.0.0.1:{secure.server_port}")
    assert isinstance(error, ConnectionFailed)
    assert (error.request_sent, "certificate" in error.message) == (False, True)


def test_a_server_that_reads_nothing_is_not_sent_to_for_ever() -> None:
    """The time-out holds for sending too."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        request = a_request(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.3)
        began = time.monotonic()
        with pytest.raises(ConnectionFailed):
            RequestsTransport().send(dataclasses.replace(request, body=b"x" * 30_000_000))
    assert time.monotonic() - began < 5.0


def test_a_connection_that_is_used_again_has_its_whole_time(serve: Callable[..., RawServer]) -> None:
    """The deadline is each request's own, and the time between two reads is what the request says."""
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    transport = RequestsTransport(total_seconds=0.5)
    for _ in range(3):
        time.sleep(0.3)
        assert transport.send(a_request(server.url)).body == b"ok"
    transport.close()


def requests_held() -> int:
    """How many requests are in memory."""
    return sum(isinstance(each, HttpRequest) for each in gc.get_objects())


def test_a_broken_request_is_let_go_of(serve: Callable[..., RawServer], request: pytest.FixtureRequest) -> None:
    """What a failed request held is free at once, not when the garbage collector comes by: it may be a whole import."""
    server = serve(b"")
    gc.collect()
    gc.disable()
    held = requests_held()
    try:
        with contextlib.suppress(ConnectionFailed):  # `pytest.raises` makes a cycle of its own
            send(server.url)
            pytest.fail("It was answered.")
        request.node.stash[HEARD].errors.clear()
        assert requests_held() == held
    finally:
        gc.enable()


def test_nobody_listens() -> None:
    """Nothing was sent where no connection could be made."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(f"http://127.0.0.1:{port}")
    assert isinstance(error, ConnectionFailed)
    assert not error.request_sent


def test_a_host_that_does_not_exist_is_told_apart() -> None:
    """It is a slip in the URL more often than a network that is down. `.invalid` is nobody's, now and for ever (RFC 2606)."""
    error = failure("http://acme.api-us1.invalid")
    assert isinstance(error, ConnectionFailed)
    assert (error.request_sent, error.message.partition(": ")[2]) == (False, "the host's name could not be resolved.")


def test_an_endless_answer_is_cut(serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with what a server sends."""
    monkeypatch.setattr("destination_activecampaign.api.transport.BODY_LIMIT", 10)
    assert isinstance(failure(serve(OK + b"Content-Length: 20\r\n\r\n" + b"x" * 20).url), UnexpectedResponse)


@pytest.mark.parametrize("url", ["https://", "ftp://x", "no-url", "https://*.x"])
def test_what_is_no_url_is_a_config_error(url: str) -> None:
    """The user can fix it."""
    assert isinstance(failure(url), ConfigError)


def test_the_librarys_own_lines_stay_silent() -> None:
    """urllib3 logs URLs when it debugs."""
    RequestsTransport()
    assert logging.getLogger("urllib3").level == logging.WARNING


def _all_errors() -> list[type[Exception]]:
    """Return every error class of requests and urllib3, and those below them that leave through."""
    found = [
        kind
        for module in (requests.exceptions, urllib3.exceptions, http.client)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException))
    ]
    return [*found, OSError, TimeoutError, ConnectionResetError, ssl.SSLError, ssl.SSLCertVerificationError]


CONFIG = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    urllib3.exceptions.LocationValueError,
)


@pytest.mark.parametrize("kind", _all_errors(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_error_of_the_library_is_mapped(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """None leaves through, and none tells what the request held."""
    error = kind.__new__(kind)
    error.args = (f"{KEY} {EMAIL}",)

    def fail(*_: object, **__: object) -> requests.Response:
        raise error

    transport = RequestsTransport()
    monkeypatch.setattr(transport._session, "request", fail)
    with pytest.raises(ActiveCampaignError) as caught:
        transport.send(a_request("https://x"))
    assert_says_nothing(caught.value)
    assert isinstance(caught.value, ConfigError if issubclass(kind, CONFIG) else ConnectionFailed)


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (requests.ConnectTimeout("x"), False),
        (requests.ReadTimeout("x"), True),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("x"))), False),
        (requests.ConnectionError(urllib3.exceptions.ProtocolError("x", ConnectionResetError())), True),
    ],
)
def test_whether_anything_was_sent_is_known(error: Exception, *, sent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where no connection was made is it certain that nothing was."""

    def fail(*_: object, **__: object) -> requests.Response:
        raise error

    transport = RequestsTransport()
    monkeypatch.setattr(transport._session, "request", fail)
    with pytest.raises(ConnectionFailed) as caught:
        transport.send(a_request("https://x"))
    assert caught.value.request_sent is sent


def test_reprs_hold_no_values() -> None:
    """What a traceback or a log line shows of them says nothing."""
    request = a_request("https://x")
    assert EMAIL not in repr(request)
    assert KEY not in repr(request)
    assert EMAIL not in repr(answer(200, EMAIL))
