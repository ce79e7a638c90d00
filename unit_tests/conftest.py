"""In every test, all that the connector would tell is looked through: no test can forget it.

What is not told yet, as nobody shows it, counts too: errors and outcomes are heard where they are made, rows where they come in.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from destination_activecampaign.api.account import Field
from destination_activecampaign.api.transport import HttpRequest
from destination_activecampaign.config import Config
from destination_activecampaign.errors import ActiveCampaignError
from destination_activecampaign.mappings.base import MappedEvent, MappedVisit, StreamColumns, StreamShape
from destination_activecampaign.mappings.contact import ContactChange
from destination_activecampaign.mappings.identify import Identify
from destination_activecampaign.mappings.outcome import PartRefused, Rejected, Skipped
from destination_activecampaign.mappings.page import Page
from destination_activecampaign.mappings.raw_calls import RawCalls
from destination_activecampaign.mappings.soft_delete import SoftDelete
from destination_activecampaign.mappings.track import Track
from destination_activecampaign.messages import Record
from destination_activecampaign.protocol.emitter import frames
from destination_activecampaign.rejected_rows.buffered import Buffered
from unit_tests import confidential
from unit_tests.api.fakes import KEY
from unit_tests.row_texts import RowTexts

SECRETS = (
    "emulated-api-key",
    "emulated-event-key",
    "canary-event-key",
    KEY,
    "AKIAPLANTEDCANARY0001",
    "planted/canary/secret/access/key",
)
"""What the tests give as secrets of the settings; the last two are those of the S3 server, which is slow to import."""

TOLD: Final[tuple[type[Any], ...]] = (ActiveCampaignError, PartRefused, Rejected, Skipped, HttpRequest)
"""Whose texts may be shown; of a request its route and its headers.

`detail` holds ActiveCampaign's own words and is for the store of refused rows alone."""

ROWS: Final = {
    Identify: "map", SoftDelete: "map", Track: "map", Page: "map", RawCalls: "map", Record: "__init__",
    ContactChange: "__init__", MappedEvent: "__init__", MappedVisit: "__init__", HttpRequest: "__init__",
    Buffered: "add",
}  # fmt: skip
"""Where rows, and what they ask for, come in."""

KNOWN: Final[tuple[type[Any], ...]] = (StreamShape, StreamColumns, Config, Field)
"""What holds names that may be said: of streams, columns, fields and settings."""

HEARD = pytest.StashKey["Heard"]()
_COLLECTED = pytest.StashKey["Heard"]()


@dataclass(slots=True)
class Heard:
    """What a test had the connector tell, and the texts of the rows that it must not tell."""

    told: set[str] = field(default_factory=set)
    rows: RowTexts = field(default_factory=RowTexts)
    errors: dict[object, BaseException] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget all."""
        self.told.clear()
        self.errors.clear()
        self.rows = RowTexts()

    def texts(self) -> set[str]:
        """Return all that was told, also by what caused an error or came before it, where a traceback would show it."""
        told = set(self.told)
        for error in self.errors.values():
            seen: set[int] = set()
            each: BaseException | None = error
            while each is not None and id(each) not in seen:
                seen.add(id(each))
                told |= {str(each), repr(each), *map(str, getattr(each, "__notes__", ()))}
                each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        return told


class Listener(logging.Handler):
    """Keeps what is logged, as `LogHandler` would send it."""

    def __init__(self, told: set[str]) -> None:
        super().__init__(logging.DEBUG)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._told.add(record.getMessage())
        if record.exc_info and record.exc_info[1]:
            self._told.add(frames(record.exc_info[1]))


@contextmanager
def overheard(heard: Heard) -> Iterator[None]:
    """Note the texts of log lines, of errors and of outcomes from where they are made, and the texts of rows."""
    listener = Listener(heard.told)
    listened = [
        (logging.getLogger(name), logging.getLogger(name).level) for name in ("airbyte", "destination_activecampaign")
    ]
    noting: list[tuple[type[Any], str, Callable[..., None]]] = [
        *((kind, "__init__", functools.partial(_note_told, heard)) for kind in TOLD),
        *((kind, name, functools.partial(_note_row, heard)) for kind, name in ROWS.items()),
        *((kind, "__init__", functools.partial(_note_known, heard)) for kind in KNOWN),
    ]
    plain = [(kind, name, getattr(kind, name)) for kind, name, _ in noting]
    logging.getLogger().addHandler(listener)
    for logger, level in listened:
        logger.setLevel(level or logging.INFO)
    for kind, name, note in noting:
        setattr(kind, name, _noted(getattr(kind, name), note))
    try:
        yield
    finally:
        for kind, name, method in plain:
            setattr(kind, name, method)
        for logger, level in listened:
            logger.setLevel(level)
        logging.getLogger().removeHandler(listener)


def _noted(method: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
    @functools.wraps(method)
    def noted(self: Any, *arguments: Any, **named: Any) -> Any:
        if method.__name__ != "__init__":
            note(self, *arguments, **named)
            return method(self, *arguments, **named)
        method(self, *arguments, **named)
        return note(self, *arguments, **named)

    return noted


def _note_told(heard: Heard, self: Any, *_: Any, **__: Any) -> None:
    heard.told.update(str(getattr(self, name)) for name in ("reason", "field", "message") if hasattr(self, name))
    if isinstance(self, BaseException):
        # One of each place is enough: a test may make thousands.
        caller = sys._getframe(2)
        heard.errors.setdefault((type(self), str(self), caller.f_code, caller.f_lineno), self)
    if isinstance(self, HttpRequest):
        shown = (value for name, value in self.headers.items() if name.lower() != "api-token")
        heard.told.update([repr(self), self.route, *shown])


def _note_row(heard: Heard, self: Any, *arguments: Any, **_: Any) -> None:
    rows = heard.rows
    match self:
        case Record():
            rows.add(self.data)
        case ContactChange():
            rows.add(
                [self.email, list(self.basics.values()), list(self.fields.values()), list(self.tags.added.values())]
            )
        case MappedEvent():
            rows.add([self.email, self.user_id, self.event, self.value, self.message_id])
        case MappedVisit():
            rows.add([self.email, self.user_id, self.url, self.referrer, self.message_id])
        case HttpRequest():
            rows.add_request(self.url, self.body)
        case Buffered():
            rows.add_lines([arguments[1]])
        case _:
            rows.add(arguments[0])


def _note_known(heard: Heard, self: Any, *_: Any, **__: Any) -> None:
    known = heard.rows.known
    match self:
        case Field():
            known |= {self.title, self.perstag}
        case _:
            known.add(repr(self))
    if isinstance(self, StreamColumns):
        heard.rows.constants |= {value for _, value in self.constants}


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Hear of fields and streams that modules make when they are imported."""
    heard = session.config.stash[_COLLECTED] = Heard()
    with overheard(heard):
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin with what names the collection told: fixtures may add to it."""
    heard = item.stash[HEARD] = Heard()
    heard.rows.known |= item.config.stash[_COLLECTED].rows.known


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Listen while a test runs."""
    with overheard(item.stash[HEARD]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test in which something confidential was told or printed."""
    report = yield
    if report.when == "call" and report.passed:
        heard = item.stash[HEARD]
        printed = [text for title, text in report.sections if title.startswith(("Captured stdout", "Captured stderr"))]
        wrong = told_wrongly([*heard.texts(), *printed], heard.rows)
        heard.errors.clear()
        if wrong:
            report.outcome = "failed"
            report.longrepr = "\n".join(wrong[:20])
    return report


def told_wrongly(texts: Iterable[str], rows: RowTexts) -> list[str]:
    """Return what is told in *texts* that may not be, and what of *rows* could be told without being seen."""
    hidden = rows.hidden()
    lines = sorted({line for text in texts for line in text.splitlines()})
    return [
        *(f"could be told without being seen, sow it with a canary: {text!r}" for text in sorted(hidden.unseen)),
        *(f"told {leaks}: {line[:300]}" for line in lines if (leaks := confidential.leaks(line, SECRETS, hidden))),
    ]
