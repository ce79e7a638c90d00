"""The network shell: kept connections, latency, cut connections, the process."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from activecampaign_emulator import EmulatorServer, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = {"Api-Token": "emulated-api-key"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    """Give a running server without latency and quota."""
    with EmulatorServer(Options(latency_ms=0.0, requests_per_second=0)) as running:
        yield running


@pytest.fixture
def connection(server: EmulatorServer) -> Iterator[http.client.HTTPConnection]:
    """Give an open connection to it."""
    opened = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    yield opened
    opened.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    """Send a request and read its whole answer."""
    connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_connection_is_kept(connection: http.client.HTTPConnection) -> None:
    """Several requests use one socket, also after an answer without a body."""
    assert ask(connection, "GET", "/api/3/users/me")[0] == 200
    socket = connection.sock
    body = {"siteTrackingDomain": {"name": "b.co"}}
    assert ask(connection, "POST", "/api/3/siteTrackingDomains", body)[0] == 200
    assert ask(connection, "DELETE", "/api/3/siteTrackingDomains/b.co") == (204, b"")
    assert ask(connection, "GET", "/api/3/contacts?email=a%2Bb%40c.co")[0] == 200
    assert connection.sock is socket


def test_a_chunked_body_is_read(connection: http.client.HTTPConnection) -> None:
    """Clients may stream."""
    body = iter([b'{"contact":', b'{"email":"a@b.co"}}'])
    connection.request("POST", "/api/3/contact/sync", body, HEADERS, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 201
    answer.read()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("cut_before", http.client.RemoteDisconnected),
        ("cut_after", http.client.RemoteDisconnected),
        ("half_body", http.client.IncompleteRead),
    ],
)
def test_cut_connections(connection: http.client.HTTPConnection, kind: str, error: type[Exception]) -> None:
    """The client sees what a broken network shows, and can connect again."""
    ask(connection, "POST", "/_emulator/faults", [{"kind": kind}])
    with pytest.raises(error):
        ask(connection, "GET", "/api/3/users/me")
    connection.close()
    assert ask(connection, "GET", "/api/3/users/me")[0] == 200


def test_latency_is_the_networks(server: EmulatorServer, connection: http.client.HTTPConnection) -> None:
    """API requests take it, control requests do not."""
    ask(connection, "POST", "/_emulator/switches", {"latency_ms": 150})
    started = time.monotonic()
    ask(connection, "GET", "/_emulator/summary")
    between = time.monotonic()
    ask(connection, "GET", "/api/3/users/me")
    assert between - started < 0.15 <= time.monotonic() - between
    assert server.emulator.journal.max_in_flight == 1


def test_requests_in_flight_are_counted(server: EmulatorServer, connection: http.client.HTTPConnection) -> None:
    """Latency makes them overlap."""
    ask(connection, "POST", "/_emulator/switches", {"latency_ms": 300})

    def one() -> None:
        other = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        ask(other, "GET", "/api/3/users/me")
        other.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(ask(connection, "GET", "/_emulator/summary")[1])["max_in_flight"] == 3


def test_stopping_closes_connections(server: EmulatorServer, connection: http.client.HTTPConnection) -> None:
    """A stopped server neither answers nor accepts."""
    ask(connection, "GET", "/api/3/users/me")
    server.stop()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(connection, "GET", "/api/3/users/me")
    connection.close()
    with pytest.raises(ConnectionError):
        ask(connection, "GET", "/api/3/users/me")


def test_the_process_says_when_it_is_ready() -> None:
    """One line of JSON, answers at once, ends on SIGTERM."""
    command = [sys.executable, "-m", "activecampaign_emulator", "--port", "0", "--api-key", "k", "--latency-ms", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready) == {"url", "api_key", "event_key", "actid"}
        connection = http.client.HTTPConnection(urlsplit(ready["url"]).netloc, timeout=10)
        connection.request("GET", "/api/3/users/me", headers={"Api-Token": ready["api_key"]})
        assert json.loads(connection.getresponse().read())["user"]["id"] == "1"
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
