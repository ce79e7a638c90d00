"""What a user of PyAirbyte meets when the settings or the rows are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import airbyte as ab
from shared import activecampaign, answer, faker

IDENTIFY = {"stream": "users", "mapping": "identify"}
source = faker(30, ["users"])


def write(**settings: Any) -> None:
    """Sync the users."""
    activecampaign(**settings).write(source, cache=False, state_cache=False)


def replace() -> None:
    """Ask for the table to be replaced, as PyAirbyte does by itself for a stream without key and cursor."""
    activecampaign(mappings=[IDENTIFY]).write(source, cache=False, state_cache=False, write_strategy="replace")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "wrong key": lambda: activecampaign(api_key="no-such-key").check(),
    "setting of a wrong type": lambda: activecampaign(requests_per_second="four").validate_config(),
    "no mapping": lambda: activecampaign().write(faker(30, ["products"]), cache=False, state_cache=False),
    "replace": replace,
    "rows rejected": lambda: write(
        mappings=[
            {
                **IDENTIFY,
                "columns": [{"column": "occupation", "field": "email"}, {"column": "email", "field": "ignore"}],
            }
        ]
    ),
    "too many rejected": lambda: write(
        mappings=[{**IDENTIFY, "columns": [{"column": "gender", "field": "%GENDER%"}]}],
        invalid_values="reject",
        max_rejected_percent=0,
    ),
}

met = {}
for name, attempt in ATTEMPTS.items():
    try:
        attempt()
    except ab.exceptions.PyAirbyteError as error:
        met[name] = [type(error).__name__, str(error)]
answer(met)
