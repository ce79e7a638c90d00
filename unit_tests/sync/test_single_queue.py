"""When contacts that need single requests are read together."""

from __future__ import annotations

from typing import Any

import pytest

from activecampaign_emulator import Options
from unit_tests.simulation import Finished, Simulation, record, state


def sync_resets(rows: int, contacts: int, *, sideloads: bool = True, **fault: Any) -> Finished:
    """Sync so many rows with a reset into an account of so many contacts, each with a tag that is to go."""
    known = [{"email": f"c{n}@example.com", "firstName": "C", "tags": ["old"]} for n in range(contacts)]
    simulation = Simulation(Options(contact_sideloads=sideloads), account={"tags": ["old", "vip"], "contacts": known})
    if fault:
        simulation.faults(fault)
    messages = [
        record("identifies", email=f"c{n}@example.com", firstName="C", tags=["vip"], tagsReset=True)
        for n in range(rows)
    ]
    return simulation.sync([*messages, state("identifies", 1)])


def all_reset(finished: Finished, rows: int) -> bool:
    """Whether all rows were written and their contacts have exactly their tag."""
    contacts = [finished.contact(f"c{n}@example.com") for n in range(rows)]
    return (finished.error, finished.written) == (None, rows) and all(
        one and one["tags"] == ["vip"] for one in contacts
    )


@pytest.mark.parametrize("sideloads", [True, False])
def test_many_are_read_together(*, sideloads: bool) -> None:
    """The index and a request for each hundred, instead of one for each."""
    finished = sync_resets(250, 300, sideloads=sideloads)
    assert all_reset(finished, 250)
    assert finished.count("GET", "/contacts") <= 1 + 4 + 3
    assert finished.count("GET", "/contacts/*/contactTags") == (0 if sideloads else 250)


def test_contacts_that_the_sync_makes_are_read_together_too() -> None:
    """The index goes on."""
    finished = sync_resets(250, 0)
    assert all_reset(finished, 250)
    assert finished.count("GET", "/contacts") <= 1 + 1 + 4 + 3


def test_few_of_a_large_account_are_read_one_by_one() -> None:
    """Its index would take more requests."""
    finished = sync_resets(30, 2_000)
    assert all_reset(finished, 30)
    assert finished.count("GET", "/contacts") == 1 + 30


def test_what_an_index_would_take_is_not_asked_for_a_few() -> None:
    """That is a request of its own."""
    finished = sync_resets(20, 10)
    assert all_reset(finished, 20)
    assert finished.count("GET", "/contacts") == 20


def test_it_is_asked_for_one_more() -> None:
    """Though those are still too few for an index."""
    finished = sync_resets(21, 10)
    assert all_reset(finished, 21)
    assert finished.count("GET", "/contacts") == 1 + 21


@pytest.mark.parametrize("kind", ["cut_after", "status"])
def test_trouble_while_they_are_read_passes(kind: str) -> None:
    """Nothing is lost, and nothing is done twice that shows."""
    finished = sync_resets(120, 200, method="GET", path="/contacts", kind=kind, status=503, times=3)
    assert all_reset(finished, 120)
