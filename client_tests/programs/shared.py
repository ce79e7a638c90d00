"""What every program of PyAirbyte here begins and ends with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import airbyte as ab

GIVEN: dict[str, Any] = json.load(sys.stdin)


def faker(count: int, streams: list[str] | None = None) -> ab.Source:
    """Return Airbyte's source of invented people, whose rows change only when they are new."""
    return ab.get_source(
        "source-faker",
        config={"count": count, "seed": 1, "parallelism": 1, "always_updated": False},
        local_executable=GIVEN["sources"]["source-faker"],
        streams=streams or ["users", "purchases", "products"],
    )


def activecampaign(**settings: Any) -> ab.Destination:
    """Return the connector, with *settings* on top of the given ones."""
    return ab.get_destination(
        "destination-activecampaign", config={**GIVEN["settings"], **settings}, local_executable=GIVEN["connector"]
    )


def answer(value: Any) -> None:
    """Hand the answer to the test."""
    Path("answer.json").write_text(json.dumps(value, default=str), "utf-8")
