"""Days on which several things go wrong at once, each once met in a review: whole syncs on the simulation."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from activecampaign_emulator import Options
from destination_activecampaign.errors import PauseTooLong, TransientError
from unit_tests.simulation import ACCOUNT, CONTACTS, Simulation, catalog, record, state

STREAMS = catalog(identifies=CONTACTS, tracks=("email", "event", "messageId"))


def people(count: int, **data: Any) -> list[dict[str, Any]]:
    """Rows of so many people."""
    return [record("identifies", email=f"p{n}@example.com", firstName="zqx-Ann", **data) for n in range(count)]


def test_an_event_whose_contact_is_looked_up_goes_once() -> None:
    """Although a contact row of its email is settled meanwhile, which frees what waits."""
    simulation = Simulation(account={**ACCOUNT, "contacts": [{"email": "q@example.com", "firstName": "Q"}]})
    slow = {"method": "GET", "path": "/contacts", "kind": "status", "status": 429, "headers": {"Retry-After": "30"}}
    simulation.faults(slow)
    messages = [
        record("tracks", email="q@example.com", event="zqx-Order", messageId="1"),
        record("identifies", email="q@example.com", firstName="zqx-Q", plan="zqx-new"),
        *people(30),
        state("tracks", 1),
        state("identifies", 2),
    ]
    finished = simulation.sync(messages, STREAMS, unknown_contacts="reject")
    contact = finished.contact("q@example.com")
    assert (finished.error, len(finished.states)) == (None, 2)
    assert contact is not None
    assert len(contact["events"]) == 1


def test_an_outage_after_a_good_start_rejects_nobody() -> None:
    """That imports were accepted before it says nothing about the rows that meet it."""
    simulation = Simulation()
    simulation.faults(
        {"method": "POST", "path": "/import/bulk_import", "kind": "status", "status": 503, "skip": 2, "times": -1}
    )
    finished = simulation.sync([*people(501), state("identifies", 1)])
    assert isinstance(finished.error, TransientError)
    assert (finished.states, finished.rejected) == ([], 0)


def test_a_long_fold_of_a_refused_email_rejects_that_email_alone() -> None:
    """It is halved until each of its rows stands alone; the others are written."""
    simulation = Simulation()
    simulation.faults({"kind": "refuse_email", "emails": ["bad@example.com"]})
    bad = [record("identifies", email="bad@example.com", firstName="zqx-Bad", plan=str(n)) for n in range(40)]
    finished = simulation.sync([*people(60), *bad, state("identifies", 1)])
    assert (finished.error, finished.written, finished.rejected) == (None, 60, 40)


def test_a_reset_to_tags_that_may_not_be_made_takes_none_away() -> None:
    """A wrong column must not cost a contact its tags."""
    old = {"email": "t@example.com", "firstName": "T", "tags": ["vip", "old"]}
    simulation = Simulation(account={**ACCOUNT, "contacts": [old]})
    row = record("identifies", email="t@example.com", firstName="zqx-T", tags=["brandnew"], tagsReset=True)
    finished = simulation.sync([row, state("identifies", 1)], max_new_tags=0)
    contact = finished.contact("t@example.com")
    assert contact is not None
    assert (finished.error, sorted(contact["tags"])) == (None, ["old", "vip"])


def test_a_pause_of_twenty_minutes_ends_the_sync() -> None:
    """Also when it is asked of an import: the next sync goes on."""
    simulation = Simulation()
    pause = {"kind": "status", "status": 429, "headers": {"Retry-After": "1200"}}
    simulation.faults({"method": "POST", "path": "/import/bulk_import", **pause})
    finished = simulation.sync([*people(5), state("identifies", 1)])
    assert isinstance(finished.error, PauseTooLong)
    assert finished.seconds < 120


def test_a_contact_that_is_deleted_while_it_is_read_stops_nobody() -> None:
    """What could not be read is told as a refused part."""
    simulation = Simulation(Options(contact_sideloads=False))
    simulation.faults({"method": "GET", "path": "/contacts/{id}/contactTags", "kind": "status", "status": 404})
    reset = record("identifies", email="r@example.com", firstName="zqx-R", tags=["vip"], tagsReset=True)
    finished = simulation.sync([*people(20), reset, state("identifies", 1)])
    assert (finished.error, finished.written) == (None, 21)
    assert sum(each.counts.refused_parts for each in finished.states) == 1


def test_a_small_bad_stream_does_not_hold_global_states_for_ever() -> None:
    """Once enough rows of all streams are settled, what is true leaves."""
    simulation = Simulation()
    messages = [record("tracks", email="zqx-nobody", event="zqx-Order", messageId="1"), *people(1_200), state(None, 1)]
    simulation.faults({"method": "POST", "path": "/event", "kind": "status", "status": 503, "times": -1})
    late = record("tracks", email="p1@example.com", event="zqx-Order", messageId="2")
    finished = simulation.sync([*messages, late, state(None, 2)], STREAMS)
    assert isinstance(finished.error, TransientError)
    assert [each.state.message["state"]["id"] for each in finished.states] == [1]


def test_names_that_only_rows_tell_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Keys of a nested object can be anything, an email too."""
    caplog.set_level(logging.INFO)
    simulation = Simulation()
    row = record("identifies", email="a@example.com", firstName="zqx-A", traits={"zqx-canary@example.com": "x"})
    finished = simulation.sync([row, state("identifies", 1)], catalog(identifies=(*CONTACTS, "traits")))
    assert finished.error is None
    assert "1 column that the schema does not declare matches no field" in caplog.text
    assert "zqx-canary" not in caplog.text
