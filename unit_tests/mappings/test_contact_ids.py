"""The index of contacts' ids."""

from __future__ import annotations

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.mappings.contact_ids import ContactIds
from unit_tests.simulation import Simulation, control


def an_index(contacts: int) -> tuple[ContactIds, Simulation]:
    """Return the index of an account with so many contacts, and their simulation."""
    simulation = Simulation(account={"contacts": [{"email": f"C{n}@example.com"} for n in range(1, contacts + 1)]})
    client, _ = simulation.client()
    return ContactIds(Contacts(client)), simulation


def test_its_cost_is_known_before_it_is_loaded() -> None:
    """A request for each hundred."""
    ids, _ = an_index(101)
    assert ids.cost() == 2
    assert ids.find("c1@example.com") is None


def test_emails_are_found_without_case() -> None:
    """An email that no contact has is not."""
    ids, _ = an_index(101)
    ids.load()
    assert (ids.find("c1@example.com"), ids.find("c101@example.com"), ids.find("c102@example.com")) == (1, 101, None)


def test_it_goes_on_where_it_ended() -> None:
    """What is new since is read, and no more."""
    ids, simulation = an_index(101)
    ids.load()
    control(simulation.emulator, "POST", "seed", {"contacts": [{"email": "new@example.com"}]})
    before = len(simulation.emulator.journal.entries)
    ids.load()
    assert ids.find("new@example.com") == 102
    assert len(simulation.emulator.journal.entries) - before == 2
