"""What `discover` tells of the demo's account is what docs/destination_catalog.json shows, and what the protocol declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airbyte_protocol_dataclasses.models import AirbyteMessage, DestinationCatalog
from jsonschema import Draft7Validator
from serpyco_rs import Serializer

from examples.discover import destination_catalog

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def discovered() -> dict[str, Any]:
    """Discover an account like the sample's."""
    return destination_catalog()


def test_the_document_shows_what_is_discovered(discovered: dict[str, Any]) -> None:
    """It has not gone stale."""
    shown = json.loads((ROOT / "docs" / "destination_catalog.json").read_text("utf-8"))
    assert shown == discovered, "run python -m examples.discover"


def test_the_protocol_knows_such_a_catalog(discovered: dict[str, Any]) -> None:
    """Its models take all of it, and drop nothing."""
    catalog = Serializer(DestinationCatalog, omit_none=True)
    assert catalog.dump(catalog.load(discovered)) == discovered
    message = {"type": "DESTINATION_CATALOG", "destination_catalog": discovered}
    assert Serializer(AirbyteMessage, omit_none=True).load(message).destination_catalog is not None


def test_every_schema_is_one(discovered: dict[str, Any]) -> None:
    """As JSON schema draft 7 has it, and columns are named at its top level only."""
    for operation in discovered["operations"]:
        Draft7Validator.check_schema(operation["json_schema"])
        assert operation["json_schema"]["additionalProperties"] is False
