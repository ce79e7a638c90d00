"""Connections that are made, and on which a whole answer comes, by a deadline: a time-out alone bounds each read only.

What an answer means, and what a broken one does, is not decided here.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import math
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import requests.adapters
import urllib3
import urllib3.connection
import urllib3.exceptions

from destination_activecampaign.within import HURRY_SECONDS, SLICE_SECONDS, Left, within

CONNECT_SECONDS: Final = 30.0
"""How long a connection may take: its name, its addresses, a proxy and TLS."""


@dataclass(frozen=True)
class Bound:
    """How long an answer is read: *seconds*, and HURRY_SECONDS once `stopped()`."""

    seconds: float
    monotonic: Callable[[], float]
    stopped: Callable[[], bool] = lambda: False
    _request: threading.local = field(default_factory=threading.local, repr=False)

    def begin(self, seconds: float) -> None:
        """Bound the next request of this thread too: its connection and its answer together take no more than *seconds*."""
        self._request.end = self.monotonic() + seconds

    def left(self, seconds: float) -> float:
        """Return how much of *seconds* the request of this thread may take."""
        end: float = getattr(self._request, "end", math.inf)
        return min(seconds, end - self.monotonic())


class _Until(io.RawIOBase):
    """Reads a socket until its bound; then a read is a TimeoutError, as it is where one takes too long."""

    def __init__(self, sock: socket.socket, bound: Bound) -> None:
        self._sock = sock
        self._held = sock.makefile("rb", buffering=0)  # the socket stays open until this is closed
        self._bound = bound
        self._end = bound.monotonic() + bound.left(bound.seconds)
        self._hurry_end = math.inf

    def readable(self) -> bool:
        """Say that it can be read: a buffer asks."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read once."""
        now, each = self._bound.monotonic(), self._sock.gettimeout()
        end = self._end if each is None else min(self._end, now + each)
        try:
            while True:
                now = self._bound.monotonic()
                if self._hurry_end == math.inf and self._bound.stopped():
                    self._hurry_end = now + HURRY_SECONDS
                left = min(end, self._hurry_end) - now
                if left <= 0:
                    raise TimeoutError
                self._sock.settimeout(min(left, SLICE_SECONDS))
                with contextlib.suppress(TimeoutError):
                    return self._sock.recv_into(buffer)
        finally:
            self._sock.settimeout(each)

    def close(self) -> None:
        """Let go of the socket."""
        self._held.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that is read by a deadline, which begins when the request has been sent."""

    def __init__(self, sock: socket.socket, *arguments: Any, bound: Bound, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Until(sock, bound))


def _connection(kind: Any, bound: Bound) -> Any:
    """Return the class of connections that *kind* is, bounded."""

    class Connection(kind):  # type: ignore[misc] # of two kinds
        response_class = functools.partial(_Response, bound=bound)
        is_left = False

        def connect(self) -> None:
            """Connect, on a thread of its own: a silent name server or half a TLS handshake is not waited for."""
            seconds = bound.left(CONNECT_SECONDS)
            try:
                within(seconds, super().connect, bound.stopped, left=super().close)
            except TimeoutError as error:
                # TLS's own is told as a read's by urllib3, and nothing was sent.
                self.is_left = isinstance(error, Left)
                raise urllib3.exceptions.ConnectTimeoutError(self, "No connection in time.") from None

        def close(self) -> None:
            """Close it; one that is still being made is closed by its thread, which may be reading it."""
            if not self.is_left:
                super().close()

    return Connection


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """An adapter of `requests` whose answers must be whole within *bound*."""

    def __init__(self, bound: Bound, **settings: Any) -> None:
        http = _connection(urllib3.connection.HTTPConnection, bound)
        https = _connection(urllib3.connection.HTTPSConnection, bound)
        self._pools = {
            "http": type("Pool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("Pool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": https}),
        }
        super().__init__(**settings)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **named)
        if isinstance(manager, urllib3.ProxyManager):  # one for SOCKS has pools of its own
            manager.pool_classes_by_scheme = self._pools
        return manager
