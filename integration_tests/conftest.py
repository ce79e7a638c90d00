"""After each test, everything that the connector's processes said is looked through: no test can forget it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration_tests.process import Connector


@pytest.fixture(autouse=True)
def nothing_confidential_is_told() -> Iterator[None]:
    """Fail a test in which a process told an email, a canary, a secret of the settings or a text of a row."""
    yield
    told = [line for run in Connector.started for line in run.leaks()]
    Connector.started.clear()
    Connector.known.clear()
    if told:
        pytest.fail("\n".join(told[:20]), pytrace=False)
