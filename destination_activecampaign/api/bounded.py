"""Connections on which a whole answer, status and headers included, has a deadline: a time-out alone bounds each read only.

What an answer means, and what a broken one does, is not decided here.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
from collections.abc import Callable
from typing import Any

import requests.adapters
import urllib3
import urllib3.connection


class _Until(io.RawIOBase):
    """Reads a socket until *seconds* have passed; then a read is a TimeoutError, as it is where one takes too long."""

    def __init__(self, sock: socket.socket, seconds: float, monotonic: Callable[[], float]) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def readable(self) -> bool:
        """Say that it can be read: a buffer asks."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Read once."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise TimeoutError
        each = self._sock.gettimeout()
        self._sock.settimeout(left if each is None else min(each, left))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(each)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that is read by a deadline, which begins when the request has been sent."""

    def __init__(
        self, sock: socket.socket, *arguments: Any, seconds: float, monotonic: Callable[[], float], **named: Any
    ) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Until(sock, seconds, monotonic))


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """An adapter of `requests` whose answers must be whole after *seconds*."""

    def __init__(self, seconds: float, monotonic: Callable[[], float], **settings: Any) -> None:
        made = functools.partial(_Response, seconds=seconds, monotonic=monotonic)
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
