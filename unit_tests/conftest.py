"""In every test, all that the connector would tell is looked through: no test can forget it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from destination_activecampaign.errors import ActiveCampaignError
from destination_activecampaign.mappings.outcome import PartRefused, Rejected, Skipped
from destination_activecampaign.protocol.emitter import frames
from unit_tests import confidential
from unit_tests.api.fakes import KEY

SECRETS = (
    "emulated-api-key",
    "emulated-event-key",
    "canary-event-key",
    KEY,
    "AKIAPLANTEDCANARY0001",
    "planted/canary/secret/access/key",
)
"""What the tests give as secrets of the settings; the last two are those of the S3 server, which is slow to import."""

_TOLD = pytest.StashKey[set[str]]()


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
def overheard(told: set[str]) -> Iterator[None]:
    """Note the texts of log lines, of errors and of outcomes from where they are made: also those that nobody shows."""
    listener = Listener(told)
    listened = [
        (logging.getLogger(name), logging.getLogger(name).level) for name in ("airbyte", "destination_activecampaign")
    ]
    kinds: tuple[type[Any], ...] = (ActiveCampaignError, PartRefused, Rejected, Skipped)
    made = [(kind, kind.__init__) for kind in kinds]
    logging.getLogger().addHandler(listener)
    for logger, level in listened:
        logger.setLevel(level or logging.INFO)
    for kind, init in made:
        kind.__init__ = _noting(init, told)
    try:
        yield
    finally:
        for kind, init in made:
            kind.__init__ = init
        for logger, level in listened:
            logger.setLevel(level)
        logging.getLogger().removeHandler(listener)


def _noting(init: Callable[..., None], told: set[str]) -> Callable[..., None]:
    @functools.wraps(init)
    def noted(self: Any, *arguments: Any, **named: Any) -> None:
        init(self, *arguments, **named)
        # `detail` holds ActiveCampaign's own words and is for the store of refused rows alone.
        told.update(str(getattr(self, name)) for name in ("reason", "field", "message") if hasattr(self, name))

    return noted


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Listen while a test runs."""
    told = item.stash[_TOLD] = set()
    with overheard(told):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test in which something confidential was told or printed."""
    report = yield
    if report.when == "call" and report.passed:
        printed = [text for title, text in report.sections if title.startswith(("Captured stdout", "Captured stderr"))]
        texts = {line for text in (*item.stash[_TOLD], *printed) for line in text.splitlines()}
        told = [f"told {leaks}: {text[:300]}" for text in sorted(texts) if (leaks := confidential.leaks(text, SECRETS))]
        if told:
            report.outcome = "failed"
            report.longrepr = "\n".join(told[:20])
    return report
