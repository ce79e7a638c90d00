"""The accounts and the input of the benchmarks: contacts as a warehouse holds them, and Airbyte's messages of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

TAGS: Final = tuple(f"segment-{number}" for number in range(1, 21))
PLANS: Final = ("Free", "Starter", "Team", "Enterprise")
EVENT: Final = "Order Completed"
DOMAIN: Final = "shop.example.com"

ACCOUNT: Final[Json] = {
    "fields": [
        {"title": "Company name", "perstag": "COMPANY_NAME", "type": "text"},
        {"title": "Plan tier", "perstag": "PLAN_TIER", "type": "dropdown", "options": list(PLANS)},
        {"title": "Signed up on", "perstag": "SIGNED_UP_ON", "type": "date"},
    ],
    "lists": [{"name": "Newsletter", "stringid": "newsletter"}],
    "tags": list(TAGS),
    "event_names": [EVENT],
    "domains": [DOMAIN],
}
"""An account with the fields, the list and the tags that the rows name, and no contacts."""

_TEXT: Final[Json] = {"type": ["null", "string"]}
_COLUMNS: Final[dict[str, Json]] = {
    "tags": {"type": ["null", "array"], "items": {"type": "string"}},
    "tags_reset": {"type": ["null", "boolean"]},
    "lists": {"type": ["null", "array"], "items": {"type": "object"}},
    "signed_up_on": {"type": ["null", "string"], "format": "date"},
    "timestamp": {"type": ["null", "string"], "format": "date-time"},
}


@dataclass(frozen=True, slots=True)
class Lines:
    """What a connector reads: the rows of one stream, with a numbered STATE after every few and after the last.

    `configured`: what its entry of the catalog says beside the usual.
    """

    stream: str
    rows: Iterable[Json]
    rows_per_state: int = 250
    configured: Json = field(default_factory=dict)

    @property
    def catalog(self) -> Json:
        """Return the configured catalog."""
        first = next(iter(self.rows))
        properties = {name: _COLUMNS.get(name, _TEXT) for name in first}
        return {
            "streams": [
                {
                    "stream": {
                        "name": self.stream,
                        "json_schema": {"type": "object", "properties": properties},
                        "supported_sync_modes": ["full_refresh", "incremental"],
                    },
                    "sync_mode": "incremental",
                    "destination_sync_mode": "append",
                    "generation_id": 1,
                    "minimum_generation_id": 0,
                    "sync_id": 1,
                    **self.configured,
                }
            ]
        }

    def lines(self) -> Iterator[bytes]:
        """Yield the messages, a line each."""
        emitted = int(datetime.now(UTC).timestamp() * 1000)
        place = states = 0
        for place, row in enumerate(self.rows, start=1):
            yield _line({"type": "RECORD", "record": {"stream": self.stream, "emitted_at": emitted, "data": row}})
            if place % self.rows_per_state == 0:
                states += 1
                yield self._state(states, place, self.rows_per_state)
        if place % self.rows_per_state:
            yield self._state(states + 1, place, place % self.rows_per_state)

    def _state(self, number: int, cursor: int, records: int) -> bytes:
        stream = {"stream_descriptor": {"name": self.stream}, "stream_state": {"cursor": cursor}}
        counted = {"id": number, "sourceStats": {"recordCount": float(records)}}
        return _line({"type": "STATE", "state": {"type": "STREAM", "stream": stream, **counted}})


def _line(message: Json) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class Made:
    """Rows that are made anew each time they are gone through: a million of them are held by nobody."""

    def __init__(self, numbers: Iterable[int], make: Callable[..., Json], *arguments: Any) -> None:
        self._numbers = numbers
        self._make = make
        self._arguments = arguments

    def __iter__(self) -> Iterator[Json]:
        return (self._make(number, *self._arguments) for number in self._numbers)


def email(number: int, group: str = "person") -> str:
    """Return a person's address."""
    return f"{group}{number:07}@example.com"


def tags(number: int) -> list[str]:
    """Return the two tags of a person."""
    return [TAGS[number % len(TAGS)], TAGS[(number * 7 + 1) % len(TAGS)]]


def identify(number: int, group: str = "person") -> Json:
    """Return a row of `identifies`: a contact with two tags, three custom fields and one list."""
    return {
        "email": email(number, group),
        "first_name": f"Ada{number % 997}",
        "last_name": f"Lovelace{number % 1009}",
        "tags": tags(number),
        "company_name": f"Company {number % 499}",
        "plan_tier": PLANS[number % len(PLANS)],
        "signed_up_on": f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "lists": [{"id": "1", "status": "active"}],
    }


def existing(number: int) -> Json:
    """Return the contact that `identify` makes of the same number, as the emulator takes it."""
    row = identify(number)
    return {
        "email": row["email"],
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "tags": row["tags"],
        "fields": {name.upper(): row[name] for name in ("company_name", "plan_tier", "signed_up_on")},
        "lists": {"1": 1},
    }
