"""One contact a request, for accounts without imports."""

from __future__ import annotations

from typing import Any

from activecampaign_emulator import Options
from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.api.once import Once
from destination_activecampaign.mappings.contact import CLEAR, ContactChange, Membership, TagChange
from destination_activecampaign.mappings.contact_single import SingleRequests
from destination_activecampaign.mappings.contact_sync import SyncRoute
from destination_activecampaign.mappings.outcome import Rejected, Written
from unit_tests.simulation import ACCOUNT, EmulatorTransport, Simulation, dump

CHANGE = ContactChange(
    "ada@example.com",
    {"firstName": "Ada", "phone": "+1"},
    {1: "Gold", 2: CLEAR},
    TagChange(removed={"old": "old"}, added={"vip": "vip", "zqx-new": "zqx-New"}),
    {1: Membership.SUBSCRIBE, 2: Membership.UNSUBSCRIBE},
    0,
)


def a_route(*contacts: dict[str, Any], **options: Any) -> tuple[SyncRoute, Simulation, EmulatorTransport]:
    """Return the route to an account."""
    simulation = Simulation(Options(**options), {**ACCOUNT, "contacts": list(contacts)})
    client, transport = simulation.client()
    known = Contacts(client)
    singles = SingleRequests(known, Once(client, {1: "old", 2: "vip"}), frozenset(), run_automations=True)
    return SyncRoute(known, singles, Once(client, {"old": 1, "vip": 2})), simulation, transport


def test_a_whole_change_is_written() -> None:
    """Values, then lists, then tags, so that an automation that starts with a tag sees the rest."""
    route, simulation, transport = a_route({"email": "ada@example.com", "tags": ["old"]})
    assert route.write(CHANGE) == Written()
    [contact] = dump(simulation.emulator)
    assert (contact["firstName"], contact["phone"], contact["fields"]) == ("Ada", "+1", {"PLAN": "Gold"})
    assert (contact["lists"], contact["tags"]) == ({"1": 1, "2": 2}, ["vip", "zqx-New"])
    writes = [path.removeprefix("/api/3") for method, path in transport.requests if method == "POST"]
    assert writes == ["/contact/sync", "/contactLists", "/contactLists", "/contactTags", "/tags", "/contactTags"]


def test_the_phone_is_not_in_the_upsert() -> None:
    """It may match another contact, who must not be touched."""
    other = {"email": "bob@example.com", "firstName": "Bob", "phone": "+1"}
    route, simulation, _ = a_route(other, sync_matches_phone=True)
    assert isinstance(route.write(CHANGE), Written)
    names = {each["email"]: each["firstName"] for each in dump(simulation.emulator)}
    assert names == {"ada@example.com": "Ada", "bob@example.com": "Bob"}


def test_a_contact_that_left_a_list_is_not_subscribed_again() -> None:
    """It is told."""
    route, simulation, _ = a_route({"email": "ada@example.com", "lists": {"1": 2}})
    outcome = route.write(CHANGE)
    assert isinstance(outcome, Written)
    assert [part.reason for part in outcome.refused] == ["not_resubscribed"]
    assert dump(simulation.emulator)[0]["lists"] == {"1": 2, "2": 2}


def test_a_refused_contact_is_rejected() -> None:
    """Nothing else is tried."""
    route, simulation, transport = a_route()
    simulation.faults({"path": "/contact/sync", "kind": "status", "status": 422})
    outcome = route.write(CHANGE)
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, len(transport.requests)) == ("row_refused", 1)


def test_refused_parts_are_left_out() -> None:
    """The contact is written."""
    route, simulation, _ = a_route()
    simulation.faults(
        {"method": "PUT", "path": "/contacts/{id}", "kind": "status", "status": 422},
        {"method": "POST", "path": "/contactTags", "kind": "status", "status": 422},
    )
    outcome = route.write(CHANGE)
    assert isinstance(outcome, Written)
    assert {(part.reason, part.field) for part in outcome.refused} == {
        ("request_refused", "phone"),
        ("request_refused", "tags"),
    }
    assert dump(simulation.emulator)[0]["tags"] == ["zqx-New"]
