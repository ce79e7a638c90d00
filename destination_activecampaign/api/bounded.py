"""Connections on which a whole answer, status and headers included, has a deadline: a time-out alone bounds each read only.

What an answer means, and what a broken one does, is not decided here.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import requests.adapters
import urllib3
import urllib3.connection

SLICE_SECONDS: Final = 1.0
"""So often a read that waits looks whether it should end."""

HURRY_SECONDS: Final = 5
"""How long it still waits once the sync was stopped: what is answered by then counts."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How long an answer is read: *seconds*, and HURRY_SECONDS once `stopped()`."""

    seconds: float
    monotonic: Callable[[], float]
    stopped: Callable[[], bool] = lambda: False


class _Until(io.RawIOBase):
    """Reads a socket until its bound; then a read is a TimeoutError, as it is where one takes too long."""

    def __init__(self, sock: socket.socket, bound: Bound) -> None:
        self._sock = sock
        self._held = sock.makefile("rb", buffering=0)  # the socket stays open until this is closed
        self._bound = bound
        self._end = bound.monotonic() + bound.seconds
        self._hurried = 0

    def readable(self) -> bool:
        """Say that it can be read: a buffer asks."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read once."""
        now, each = self._bound.monotonic(), self._sock.gettimeout()
        end = self._end if each is None else min(self._end, now + each)
        try:
            while True:
                left = end - self._bound.monotonic()
                if left <= 0 or self._hurried >= HURRY_SECONDS:
                    raise TimeoutError
                self._sock.settimeout(min(left, SLICE_SECONDS))
                try:
                    return self._sock.recv_into(buffer)
                except TimeoutError:
                    self._hurried += self._bound.stopped()
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


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """An adapter of `requests` whose answers must be whole within *bound*."""

    def __init__(self, bound: Bound, **settings: Any) -> None:
        made = functools.partial(_Response, bound=bound)
        http_connection = type("Connection", (urllib3.connection.HTTPConnection,), {"response_class": made})
        https_connection = type("Connection", (urllib3.connection.HTTPSConnection,), {"response_class": made})
        self._pools = {
            "http": type("Pool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": http_connection}),
            "https": type("Pool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": https_connection}),
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
