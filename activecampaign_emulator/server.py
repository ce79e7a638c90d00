"""The network shell: HTTP/1.1 with kept connections, latency, and connections cut on demand. It decides nothing.

werkzeug's own request handler closes each connection after one answer, so the part that writes answers is ours.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
import traceback
from http import HTTPStatus
from http.client import responses as PHRASES  # noqa: N812 - a constant of the standard library
from typing import IO, TYPE_CHECKING, Any, Final, Self, cast

from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server

from activecampaign_emulator import control
from activecampaign_emulator.emulator import Emulator
from activecampaign_emulator.options import Options
from activecampaign_emulator.replies import Reply, text_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

HOST: Final = "127.0.0.1"
# How often the accepting thread looks whether it is to stop, in seconds.
STOP_INTERVAL: Final = 0.05


class _Handler(WSGIRequestHandler):
    """One connection, on its own thread."""

    protocol_version = "HTTP/1.1"
    # Headers and body go out in one piece; without this the kernel may still hold back the second of two answers.
    disable_nagle_algorithm = True

    @property
    def _shell(self) -> EmulatorServer:
        # The only object that the listening server can carry to us is its application.
        return cast("EmulatorServer", self.server.app)

    def setup(self) -> None:
        super().setup()
        self._shell.connections.add(self.connection)

    def finish(self) -> None:
        self._shell.connections.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        emulator = self._shell.emulator
        if self.path.startswith(control.PREFIX):
            self._send(self._reply(emulator))
            return
        emulator.entered()
        try:
            reply = self._reply(emulator)
            if reply.delay:
                time.sleep(reply.delay)
            self._send(reply)
        except (ConnectionError, TimeoutError, ValueError):
            # The client went away, or `stop` closed the connection under this thread.
            self.close_connection = True
        finally:
            emulator.left()

    def _reply(self, emulator: Emulator) -> Reply:
        path, _, query_string = self.path.partition("?")
        try:
            return emulator.handle(self.command, path, query_string, dict(self.headers.items()), self._body())
        except Exception:  # noqa: BLE001 - a defect of the emulator must show as a 500, not as a cut connection
            traceback.print_exc(file=sys.stderr)
            return text_reply(500, "The emulator failed; its error output says how.", "text/plain")

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(cast("IO[bytes]", self.rfile)).read()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, reply: Reply) -> None:
        if reply.cut in {"before", "after"}:
            self._cut()
            return
        lines = [f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if reply.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(reply.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        body = reply.body[: len(reply.body) // 2] if reply.cut == "half" else reply.body
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + (b"" if self.command == "HEAD" else body))
        if reply.cut == "half":
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is werkzeug's
        """Say nothing: the journal has it all."""


class EmulatorServer:
    """An emulator on a port of this machine, served from its own threads."""

    def __init__(self, options: Options | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        options = options or Options()
        self.emulator = Emulator(options, clock=clock)
        self.connections: set[socket.socket] = set()
        self._server: BaseWSGIServer = make_server(
            HOST, options.port, cast("Any", self), threaded=True, request_handler=_Handler
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOP_INTERVAL,), name="emulator", daemon=True
        )
        self._stopped = False

    @property
    def url(self) -> str:
        """Give the root of the server: the API is below `/api/3`, trackcmp's routes are at the root."""
        return f"http://{HOST}:{self._server.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and close every connection."""
        if self._stopped:
            return
        self._stopped = True
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
