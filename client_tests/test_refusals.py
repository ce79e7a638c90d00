"""What is wrong reaches a user of PyAirbyte as an exception, and the connector's own words as output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from client_tests.clients import Ran, run, settings
from integration_tests.harness import emulated_account

GENDER: Final = {"fields": [{"title": "Gender", "perstag": "GENDER", "type": "dropdown", "options": ["Male"]}]}
FAILED: Final = "AirbyteConnectorWriteError"


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Try everything once."""
    folder: Path = tmp_path_factory.mktemp("refusals")
    with emulated_account({}, GENDER) as server:
        yield run("refusals", folder, settings=settings(server))


def test_failed_check_carries_the_connector_s_message(met: Ran) -> None:
    """`check` raises with the reason in the exception itself."""
    kind, text = met.answer["wrong key"]
    assert kind == "AirbyteConnectorCheckFailedError"
    assert "ActiveCampaign does not accept the API key" in text


def test_settings_are_held_to_the_spec(met: Ran) -> None:
    """PyAirbyte's own validation finds the setting by the spec."""
    kind, text = met.answer["setting of a wrong type"]
    assert kind == "AirbyteConnectorValidationFailedError"
    assert "requests_per_second" in text


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        ("no mapping", 'Add an entry to mappings: {"stream": "products"'),
        ("replace", "sync mode overwrite is not supported"),
        ("rows rejected", "as a wrong mapping or setting would do"),
        ("too many rejected", "`max_rejected_percent` allows (0 %)"),
    ],
)
def test_failed_write_is_told(met: Ran, attempt: str, words: str) -> None:
    """`write` raises without the reason; the reason is printed whole, as nothing in it is taken for markup."""
    assert met.answer[attempt][0] == FAILED
    assert words in " ".join(met.printed.split())
