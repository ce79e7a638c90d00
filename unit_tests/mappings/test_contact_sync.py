"""One contact a request, for accounts without imports."""

from __future__ import annotations

from typing import Any

import pytest

from activecampaign_emulator import Options
from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.api.once import Once
from destination_activecampaign.mappings.contact import CLEAR, ContactChange, Membership, TagChange
from destination_activecampaign.mappings.contact_single import SingleRequests
from destination_activecampaign.mappings.contact_sync import SyncRoute
from destination_activecampaign.mappings.outcome import Rejected, Written
from unit_tests.simulation import ACCOUNT, EmulatorTransport, Simulation, dump

ADDED = {"vip": "vip", "new": "zqx-New"}
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


@pytest.mark.parametrize("tags", [TagChange(reset=True, added=ADDED), TagChange(removed={"old": "old"}, added=ADDED)])
def test_only_tags_that_are_missing_are_added(tags: TagChange) -> None:
    """They were read for what goes: one that stays is neither taken off nor added again."""
    route, simulation, transport = a_route({"email": "ada@example.com", "tags": ["old", "vip"]})
    change = ContactChange("ada@example.com", {"firstName": "Ada"}, {}, tags, {}, 0)
    assert route.write(change) == Written()
    assert dump(simulation.emulator)[0]["tags"] == ["vip", "zqx-New"]
    asked = [f"{method} {path.removeprefix('/api/3').rstrip('0123456789')}" for method, path in transport.requests]
    assert asked == [
        "POST /contact/sync",
        "GET /contacts/1/contactTags",
        "DELETE /contactTags/",
        "POST /tags",
        "POST /contactTags",
    ]


def test_tags_that_cannot_be_read_are_added_all_the_same() -> None:
    """What goes is told as refused."""
    route, simulation, _ = a_route({"email": "ada@example.com", "tags": ["old"]})
    simulation.faults(
        {"method": "GET", "path": "/contacts/{id}/contactTags", "kind": "status", "status": 422, "times": -1}
    )
    change = ContactChange("ada@example.com", {}, {}, TagChange(reset=True, added={"vip": "vip"}), {}, 0)
    outcome = route.write(change)
    assert isinstance(outcome, Written)
    assert [part.reason for part in outcome.refused] == ["request_refused"]
    assert dump(simulation.emulator)[0]["tags"] == ["old", "vip"]


def test_a_tag_whose_name_cannot_be_read_refuses_its_part_only() -> None:
    """What is new is added all the same, and the sync goes on."""
    route, simulation, _ = a_route({"email": "ada@example.com", "tags": ["old", "zqx-unread"]})
    simulation.faults({"method": "GET", "path": "/tags/{id}", "kind": "status", "status": 422, "times": -1})
    change = ContactChange("ada@example.com", {}, {}, TagChange(reset=True, added={"vip": "vip"}), {}, 0)
    outcome = route.write(change)
    assert isinstance(outcome, Written)
    assert [part.reason for part in outcome.refused] == ["request_refused"]
    assert "vip" in dump(simulation.emulator)[0]["tags"]


def test_a_tag_that_is_taken_off_and_added_stays() -> None:
    """A row's tags are applied after what it removes."""
    route, simulation, _ = a_route({"email": "ada@example.com", "tags": ["vip"]})
    tags = TagChange(removed={"vip": "vip"}, added={"vip": "vip"})
    assert route.write(ContactChange("ada@example.com", {}, {}, tags, {}, 0)) == Written()
    assert dump(simulation.emulator)[0]["tags"] == ["vip"]
