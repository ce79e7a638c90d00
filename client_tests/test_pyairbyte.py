"""PyAirbyte with Airbyte's faker: users become contacts, purchases become events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from client_tests.clients import Ran, contacts, run, settings
from integration_tests.harness import emulated_account

COUNT: Final = 60
FIELDS: Final = {"fields": [{"title": "External id", "perstag": "EXTERNAL_ID"}, {"title": "City", "perstag": "CITY"}]}
MAPPINGS: Final = [
    {
        "stream": "users",
        "mapping": "identify",
        # The address is an object: its parts are read like columns.
        "columns": [{"column": "id", "field": "userId"}, {"column": "address", "field": "traits"}],
    },
    {
        "stream": "purchases",
        "mapping": "track",
        "columns": [{"column": "user_id", "field": "userId"}, {"column": "product_id", "field": "acValue"}],
        "constants": [{"field": "event", "value": "Purchase"}],
    },
    {"stream": "products", "mapping": "ignore"},
]


@pytest.fixture(scope="module", params=["streaming", "cached"])
def synced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ran, Any]]:
    """Sync twice; return how, what the program said, and the contacts of the account."""
    folder: Path = tmp_path_factory.mktemp("pyairbyte")
    with emulated_account({}, FIELDS) as server:
        given = settings(server, mappings=MAPPINGS)
        yield request.param, run("faker", folder, mode=request.param, count=COUNT, settings=given), contacts(server)


def test_every_user_is_a_contact(synced: tuple[str, Ran, Any]) -> None:
    """Names and a value from a nested object arrive, and nobody else does."""
    _, ran, found = synced
    users = ran.answer["users"]
    assert len(users) == COUNT
    got = [
        (email, f"{one['firstName']} {one['lastName']}".strip(), one["fields"]["CITY"]) for email, one in found.items()
    ]
    assert sorted(got) == sorted((user["email"], user["name"], user["city"]) for user in users)


def test_every_purchase_is_an_event_of_its_user(synced: tuple[str, Ran, Any]) -> None:
    """The user's number finds the contact; what is read from a cache is sent whole each time."""
    mode, ran, found = synced
    purchases = ran.answer["purchases"] * (1 if mode == "streaming" else 2)
    assert purchases
    got = Counter(
        (email, event["event"], event["eventdata"]) for email, one in found.items() for event in one["events"]
    )
    assert got == Counter((row["email"], "Purchase", str(row["product_id"])) for row in purchases)


def test_streaming_goes_on_from_its_states(synced: tuple[str, Ran, Any]) -> None:
    """PyAirbyte kept the STATEs that came back: a second sync has nothing to send. Rows of a cache have no such memory."""
    mode, ran, _ = synced
    events = len(ran.answer["purchases"])
    assert ran.answer["delivered"] == ([COUNT + COUNT + events, 0] if mode == "streaming" else [COUNT, events, events])


def test_no_row_is_refused(synced: tuple[str, Ran, Any]) -> None:
    """The connector's log, which is all that tells a user of PyAirbyte, names no rejected row."""
    _, ran, _ = synced
    assert "users → identify (setting mappings)" in ran.logged
    assert "rejected:" not in ran.logged
