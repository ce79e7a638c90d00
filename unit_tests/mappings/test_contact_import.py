"""A contact as an import takes it, and what the answer means."""

from __future__ import annotations

import json

import pytest

from destination_activecampaign.api.imports import Imports
from destination_activecampaign.mappings.contact import CLEAR, ContactChange, Membership, TagChange
from destination_activecampaign.mappings.contact_import import Accepted, ImportRoute, Refused, import_body
from unit_tests.simulation import EmulatorTransport, Simulation

NONE: frozenset[int] = frozenset()
CHANGE = ContactChange(
    "ada@example.com",
    {"firstName": "Ada", "lastName": CLEAR, "phone": "+1"},
    {1: "Gold", 2: CLEAR},
    TagChange(reset=False, removed={"old": "old"}, added={"vip": "VIP"}),
    {1: Membership.SUBSCRIBE, 2: Membership.UNSUBSCRIBE, 3: Membership.SUBSCRIBE},
    0,
)
PLAIN = ContactChange("bob@example.com", {}, {}, TagChange(), {}, 0)


def a_route(
    *, run_automations: bool = True, resubscribe: frozenset[int] = NONE
) -> tuple[ImportRoute, EmulatorTransport, Simulation]:
    """Return the route to an account."""
    simulation = Simulation()
    client, transport = simulation.client()
    return ImportRoute(Imports(client), resubscribe, run_automations=run_automations), transport, simulation


def test_a_body_holds_what_is_set_or_added() -> None:
    """In snake case; what is taken away is not there."""
    assert import_body(CHANGE, NONE) == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "phone": "+1",
        "tags": ["VIP"],
        "fields": [{"id": 1, "value": "Gold"}],
        "subscribe": [{"listid": 1}, {"listid": 3}],
        "unsubscribe": [{"listid": 2}],
    }


def test_an_email_alone_is_a_body() -> None:
    """Nothing is sent that says nothing."""
    assert import_body(PLAIN, NONE) == {"email": "bob@example.com"}


def test_a_list_that_is_forced_is_left_out() -> None:
    """An import never resubscribes."""
    assert import_body(CHANGE, frozenset({3}))["subscribe"] == [{"listid": 1}]


def test_a_contact_can_go_without_its_subscriptions() -> None:
    """Its unsubscribes stay."""
    body = import_body(CHANGE, NONE, subscribes=False)
    assert "subscribe" not in body
    assert body["unsubscribe"] == [{"listid": 2}]


@pytest.mark.parametrize("run_automations", [True, False])
def test_the_measure_is_what_the_body_takes(*, run_automations: bool) -> None:
    """Its comma included, so that the whole never exceeds the limit."""
    route, transport, _ = a_route(run_automations=run_automations)
    route.submit([(CHANGE, True), (PLAIN, True)], 45.0)
    measured = route.measure(CHANGE) + route.measure(PLAIN)
    body = transport.exchanges[-1].body
    contacts = body[body.index(b"[") + 1 : body.rindex(b"]")]
    assert measured == len(contacts) + 1


def test_an_import_is_accepted() -> None:
    """Queued, not written."""
    route, _, simulation = a_route()
    accepted = route.submit([(CHANGE, True), (PLAIN, True)], 45.0)
    assert isinstance(accepted, Accepted)
    assert accepted.queued == 2
    assert route.outstanding() == 2
    assert route.poll(accepted.batch_id).state == "pending"
    simulation.clock.sleep(60.0)
    assert route.poll(accepted.batch_id).state == "completed"


def test_an_import_that_is_refused_names_its_rows() -> None:
    """From 0, as entries are counted here."""
    route, _, simulation = a_route()
    simulation.faults({"kind": "refuse_email", "emails": ["bob@example.com"]})
    refused = route.submit([(CHANGE, True), (PLAIN, True)], 45.0)
    assert isinstance(refused, Refused)
    assert list(refused.rows) == [1]


def test_automations_are_excluded_in_both_places() -> None:
    """Where the switch belongs is told in two ways."""
    route, transport, _ = a_route(run_automations=False)
    route.submit([(CHANGE, True)], 45.0)
    body = json.loads(transport.exchanges[-1].body)
    assert (body["exclude_automations"], body["contacts"][0]["exclude_automations"]) == (True, True)
