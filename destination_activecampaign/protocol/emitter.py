"""Writes Airbyte's messages, one line each: the only module that touches standard output.

What a message says, and when it may leave, is decided elsewhere.
"""

from __future__ import annotations

import json
import logging
import os
import select
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import quote

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets, update_secrets

from destination_activecampaign.protocol.lines import Spelled

if TYPE_CHECKING:
    from types import TracebackType

Level: TypeAlias = Literal["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]
FailureKind: TypeAlias = Literal["config_error", "transient_error", "system_error"]

PATIENCE: Final = 1800.0
"""How many seconds the platform may leave its end of the pipe unread."""

_STDOUT: Final = 1
_STDERR: Final = 2
_LEVELS: Final[tuple[tuple[int, Level], ...]] = (
    (logging.CRITICAL, "FATAL"),
    (logging.ERROR, "ERROR"),
    (logging.WARNING, "WARN"),
    (logging.INFO, "INFO"),
)


class Emitter:
    """Writes whole lines to `write` (a file descriptor, or what takes the bytes of a line), from any thread.

    `closed`: nobody reads any more; what is emitted then is dropped. `now`: seconds since the epoch. `patience`: seconds
    for which a reader may leave a full pipe alone.
    Not to be called from a signal's handler: the interrupted code may hold the lock.
    """

    def __init__(
        self, write: Callable[[bytes], None] | int, now: Callable[[], float] = time.time, patience: float = PATIENCE
    ) -> None:
        self.closed = False
        self._write = _writer_to(write, patience) if isinstance(write, int) else write
        self._now = now
        self._lock = threading.Lock()

    def state(
        self, message: Mapping[str, Any], written: int, rejected: int, additional: Mapping[str, float] | None = None
    ) -> None:
        """Send the STATE *message* back as it came, with what became of the rows before it."""
        stats: dict[str, Any] = {"recordCount": float(written), "rejectedRecordCount": float(rejected)}
        if additional:
            stats["additionalStats"] = {name: float(value) for name, value in additional.items()}
        self._line({**message, "state": {**message["state"], "destinationStats": stats}})

    def log(self, level: Level, text: str) -> None:
        """Send *text* to the sync's log, secrets masked."""
        self._line({"type": "LOG", "log": {"level": level, "message": _shown(text)}})

    def trace_error(self, failure_type: FailureKind, message: str, internal_message: str | None = None) -> None:
        """Say why the sync failed: *message* to the user, *internal_message* to those who maintain the connector."""
        error = {"message": _shown(message), "failure_type": failure_type}
        if internal_message is not None:
            error["internal_message"] = _shown(internal_message)
        trace = {"type": "ERROR", "emitted_at": self._now() * 1000, "error": error}
        self._line({"type": "TRACE", "trace": trace})

    def message(self, message: AirbyteMessage | Mapping[str, Any]) -> None:
        """Send any other message; a mapping for those that the CDK has no model of. Texts of its own are not masked."""
        self._line(message if isinstance(message, Mapping) else AirbyteMessageSerializer.dump(message))

    def _line(self, message: Mapping[str, Any]) -> None:
        line = _dumps(message) + b"\n"
        with self._lock:
            if self.closed:
                return
            try:
                self._write(line)
            except OSError:
                # The platform is gone. There is nobody to tell: the loop sees `closed` and ends.
                self.closed = True


class LogHandler(logging.Handler):
    """Sends Python's log records through an emitter; tracebacks without the exceptions' texts, which may hold rows."""

    def __init__(self, emitter: Emitter) -> None:
        super().__init__()
        self._emitter = emitter

    def emit(self, record: logging.LogRecord) -> None:
        """Send *record* as a LOG message."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = f"A log message could not be put together ({record.pathname}:{record.lineno})."
        if record.exc_info and record.exc_info[1]:
            text = f"{text}\n{frames(record.exc_info[1])}"
        self._emitter.log(next((name for floor, name in _LEVELS if record.levelno >= floor), "DEBUG"), text)


def frames(error: BaseException) -> str:
    """Return where *error* came from: its type and its stack, nothing that it says."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()


def mask_secrets(secrets: Iterable[str]) -> None:
    """Show `****` for *secrets* in all that is logged from here on, by this module and by the CDK."""
    spellings = {spelling for secret in secrets if secret for spelling in (secret, quote(secret, safe=""))}
    # Longest first: the CDK replaces one after the other, and a short one may be part of a long one.
    update_secrets(sorted(spellings, key=len, reverse=True))


@contextmanager
def standard_output() -> Iterator[Emitter]:
    """Lend standard output to one emitter, for as long as the process talks to Airbyte.

    Everything else that prints goes to standard error: a stray line would be read as a message. Python's logging and
    uncaught exceptions go through the emitter.
    """
    sys.stdout.flush()
    lent = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    emitter = Emitter(lent)
    stdout, sys.stdout = sys.stdout, sys.stderr
    hook, sys.excepthook = sys.excepthook, _uncaught(emitter)
    undo_logging = _log_through(emitter)
    try:
        yield emitter
    finally:
        undo_logging()
        sys.excepthook = hook
        sys.stdout = stdout
        os.dup2(lent, _STDOUT)
        os.close(lent)


def _log_through(emitter: Emitter) -> Callable[[], None]:
    """Replace every handler of the root and CDK loggers by one to *emitter*; return what puts them back."""
    root, cdk = logging.getLogger(), logging.getLogger("airbyte")
    before = [(logger, logger.handlers[:]) for logger in (root, cdk)]
    cdk.handlers.clear()
    root.handlers[:] = [LogHandler(emitter)]
    logging.getLogger("destination_activecampaign").setLevel(logging.INFO)
    for name in ("urllib3", "requests"):
        # Their INFO and DEBUG lines hold whole URLs, and those hold emails.
        logging.getLogger(name).setLevel(logging.WARNING)

    def undo() -> None:
        for logger, handlers in before:
            logger.handlers[:] = handlers

    return undo


def _uncaught(emitter: Emitter) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def tell(_kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
        emitter.trace_error("system_error", "Something went wrong in the connector.", frames(error))

    return tell


def _shown(text: str) -> str:
    """Return *text* with secrets masked, and without what UTF-8 cannot carry."""
    return filter_secrets(text).encode("utf-8", "replace").decode("utf-8")


def _dumps(message: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(message, default=_as_spelled, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:
        # orjson refuses what it reads itself: more than 254 levels.
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _as_spelled(value: object) -> orjson.Fragment:
    if isinstance(value, Spelled):
        return orjson.Fragment(value.spelling)
    raise TypeError


def _writer_to(descriptor: int, seconds: float) -> Callable[[bytes], None]:
    """Return what writes all bytes of a line to *descriptor* at once.

    Raises OSError when nobody reads any more: the pipe is closed, or it was full for so many seconds.
    """

    def write(line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            if not select.select([], [descriptor], [], seconds)[1]:
                raise TimeoutError
            with suppress(BlockingIOError):  # whoever started us made the descriptor non-blocking
                # A pipe that can be written to takes so much without waiting; more could wait for ever.
                rest = rest[os.write(descriptor, rest[: select.PIPE_BUF]) :]

    return write
