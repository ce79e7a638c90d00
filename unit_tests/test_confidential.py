"""The look-out for what is confidential sees it, however it is spelled, and is looking in every test."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import pytest

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.outcome import PartRefused
from unit_tests.confidential import leaks, secrets_of, texts_of
from unit_tests.conftest import overheard

ROOT = Path(__file__).parent.parent


def a_row(**data: object) -> str:
    """Return a RECORD line."""
    return json.dumps({"type": "RECORD", "record": {"stream": "people", "data": data}})


@pytest.mark.parametrize(
    "said",
    ["Row 3: Ada@Shop.example", "GET /contacts?email=ada%40shop.example", '{"message": "ada\\u0040shop.example"}'],
)
def test_emails_are_seen(said: str) -> None:
    """Plain, in a URL, in JSON."""
    assert leaks(said) == ["ada@shop.example"]


def test_canaries_and_secrets_are_seen() -> None:
    """Inside other text too."""
    assert leaks("x=ZQX-Name; key k-123!", ["k-123"]) == ["k-123", "zqx-name"]


def test_texts_of_rows_are_seen() -> None:
    """Nested ones too; a word only as a whole."""
    texts = texts_of([a_row(first_name="Augusta", traits={"city": "Marylebone Road"}), "no message"])
    assert leaks("Column first_name: Augusta", row_texts=texts) == ["augusta"]
    assert leaks("marylebone road", row_texts=texts) == ["marylebone road"]
    assert leaks("Augustan", row_texts=texts) == []


def test_what_the_connector_says_itself_is_no_leak() -> None:
    """Its example address, its own words, and names of columns and settings."""
    assert leaks("Addresses such as name@example.com") == []
    assert texts_of([a_row(status="unsubscribed", plan="Plan tier")], known='"plan tier"') == set()


def test_secrets_are_those_that_the_spec_declares() -> None:
    """Wherever they stand in the settings."""
    config = {"api_key": "a", "api_url": "b", "object_storage_config": {"secret_access_key": "c", "path": "d"}}
    assert secrets_of(config) == {"a", "c"}


def test_what_is_logged_and_made_is_overheard() -> None:
    """Log lines with their arguments, and texts of errors and outcomes that nobody shows."""
    told: set[str] = set()
    with overheard(told):
        logging.getLogger("airbyte").info("Row of %s", "overheard one")
        RecordRejected("reason", "column", "overheard two")
        PartRefused("reason", "column", "overheard three")
    RecordRejected("reason", "column", "said later")
    assert {"Row of overheard one", "overheard two", "overheard three"} <= told
    assert "said later" not in told


def test_one_module_starts_the_connector_in_the_integration_tests() -> None:
    """It is the one whose output is looked through after each test."""
    starting = {
        path.name
        for path in (ROOT / "integration_tests").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and "subprocess" in {alias.name for alias in node.names}
    }
    assert starting == {"process.py"}
