"""Waits of a whole sync that end although what they wait for never comes."""

from __future__ import annotations

from typing import Any

import pytest

from activecampaign_emulator import Options
from destination_activecampaign.errors import PauseTooLong, TransientError, UnexpectedResponse
from destination_activecampaign.sync.writer import SETTLE_SECONDS
from unit_tests.simulation import CONTACTS, Simulation, catalog, record
from unit_tests.sync.scenes import LAST, ada, email_of, people

NEVER = Options(import_seconds=10_000_000.0)


def test_an_import_that_is_never_worked_off_ends_the_sync() -> None:
    """After its deadline, as transient, without its STATE; it is not sent again."""
    simulation = Simulation(NEVER)
    finished = simulation.sync([*people(5), LAST], import_deadline_minutes=10)
    assert isinstance(finished.error, TransientError)
    assert (finished.states, len(finished.imports)) == ([], 1)
    assert 600.0 <= finished.seconds < 600.0 + 2 * SETTLE_SECONDS


def test_imports_that_an_earlier_sync_left_are_waited_for_a_minute() -> None:
    """Then the sync begins: they may have been left by somebody else, and never end."""
    simulation = Simulation(NEVER)
    simulation.sync([*people(5), LAST], dies_after_seconds=20.0)
    began = simulation.clock.monotonic()
    finished = simulation.sync([*people(5), LAST], import_deadline_minutes=10)
    sent = next(each.sent for each in finished.exchanges if each.is_import()) - began
    assert 60.0 <= sent < 90.0


def test_a_sync_that_cannot_go_on_does_not_wait_for_imports_without_end() -> None:
    """What is on its way has a minute to settle."""
    simulation = Simulation(NEVER)
    simulation.faults(
        {
            "method": "POST",
            "path": "/event",
            "kind": "status",
            "status": 429,
            "headers": {"Retry-After": "1200"},
            "times": -1,
        }
    )
    late = record("tracks", email="late@example.com", event="zqx-Order", messageId="1")
    streams = catalog(identifies=CONTACTS, tracks=("email", "event", "messageId"))
    finished = simulation.sync([*people(300), late, LAST], streams)
    assert isinstance(finished.error, PauseTooLong)
    assert finished.seconds < 2 * SETTLE_SECONDS


@pytest.mark.parametrize(
    ("path", "key", "row"),
    [
        ("/contacts", "contacts", ada(tags_remove="vip")),
        ("/fieldValues", "fieldValues", record("tracks", userId="zqx-u1", event="zqx-Order", messageId="1")),
    ],
    ids=["a contact", "a user id"],
)
def test_a_list_without_an_end_ends_the_sync(path: str, key: str, row: dict[str, Any]) -> None:
    """In the middle of it too: nothing is done to a contact of which not all was read, and no STATE leaves."""
    simulation = Simulation()
    found = [{"id": number, "contact": 7, "field": 1, "email": email_of(number)} for number in range(100)]
    body = {key: found, "meta": {"total": "100000"}}
    simulation.faults({"method": "GET", "path": path, "kind": "status", "status": 200, "times": -1, "body": body})
    streams = catalog(identifies=CONTACTS, tracks=("userId", "event", "messageId"))
    finished = simulation.sync([row, LAST], streams)
    assert isinstance(finished.error, UnexpectedResponse)
    assert "sends the same page again" in finished.error.message
    assert (finished.states, finished.count("GET", path)) == ([], 2)
