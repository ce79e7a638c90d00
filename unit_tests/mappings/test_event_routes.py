"""How events and visits are sent, and what their answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.clock import Stop
from destination_activecampaign.api.once import Once
from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.errors import TransientError
from destination_activecampaign.mappings.base import MappedEvent, MappedVisit
from destination_activecampaign.mappings.event_routes import PAGE_VIEW, EventRoutes, EventRouteSettings
from destination_activecampaign.mappings.outcome import Rejected, Written
from unit_tests.simulation import ACCOUNT, EmulatorTransport, Simulation, dump

ADA = "ada@example.com"
EVENT = MappedEvent(ADA, None, "zqx-Order", "12", None, None)
VISIT = MappedVisit(
    ADA, None, "https://www.example.com/a", "https://from.example", None, 1_700_000_000.0, "www.example.com"
)


class Scene:
    """An account with one contact, and the routes to it."""

    def __init__(self, *, domains: tuple[str, ...] | None = ("example.com",), **settings: Any) -> None:
        seed = {**ACCOUNT, "contacts": [{"email": ADA}], "event_names": ["zqx-Known"], "domains": list(domains or ())}
        self.simulation = Simulation(account=seed)
        client, self.transport = self.simulation.client(Stop())
        tracking = Tracking(
            client,
            actid="25000001",
            event_key="emulated-event-key",
            base_url="http://127.0.0.1",
            clock=self.simulation.clock,
        )
        self.routes = EventRoutes(
            tracking,
            EventRouteSettings(**settings),
            Once(client, {"zqx-Known": None}),
            None if domains is None else Once(client, dict.fromkeys(domains)),
        )

    @property
    def contact(self) -> dict[str, Any]:
        """Her."""
        return dump(self.simulation.emulator)[0]


def reason(outcome: object) -> str:
    """Why it was rejected."""
    assert isinstance(outcome, Rejected)
    return outcome.reason


def paths(transport: EmulatorTransport) -> list[str]:
    """Where requests went."""
    return [path.removeprefix("/api/3") for _, path in transport.requests]


def test_an_event_is_sent() -> None:
    """Its name is registered first, once."""
    scene = Scene()
    assert [scene.routes.send(ADA, EVENT) for _ in range(2)] == [Written(), Written()]
    assert paths(scene.transport) == ["/eventTrackingEvents", "/event", "/event"]
    assert [(each["event"], each["eventdata"]) for each in scene.contact["events"]] == [("zqx-Order", "12")] * 2


def test_a_registered_name_is_not_registered_again() -> None:
    """The account had it when the sync began."""
    scene = Scene()
    scene.routes.send(ADA, MappedEvent(ADA, None, "zqx-Known", "", None, None))
    assert paths(scene.transport) == ["/event"]


def test_new_names_are_limited() -> None:
    """Those that were made may go on."""
    scene = Scene(max_new_event_names=1)
    assert scene.routes.send(ADA, EVENT) == Written()
    assert (
        reason(scene.routes.send(ADA, MappedEvent(ADA, None, "zqx-Other", "", None, None)))
        == "too_many_new_event_names"
    )
    assert scene.routes.send(ADA, EVENT) == Written()


def test_an_event_that_is_refused_is_rejected() -> None:
    """The sync goes on."""
    scene = Scene()
    scene.simulation.faults(
        {"path": "/event", "kind": "status", "status": 200, "body": {"success": 0, "message": "no"}}
    )
    assert reason(scene.routes.send(ADA, EVENT)) == "event_refused"


@pytest.mark.parametrize("event", [EVENT, VISIT])
def test_an_unknown_delivery_is_rejected_where_nothing_may_repeat(event: MappedEvent | MappedVisit) -> None:
    """It is not sent again."""
    scene = Scene(repeat_lost=False)
    scene.simulation.faults(
        {"path": "/event", "kind": "cut_after"},
        {"path": "/visit", "kind": "cut_after"},
    )
    assert reason(scene.routes.send(ADA, event)) == "delivery_unknown"
    assert len(scene.contact["events"]) + len(scene.contact["visits"]) == 1


def test_an_unknown_delivery_is_repeated_until_its_deadline() -> None:
    """Then the sync ends as transient."""
    scene = Scene()
    scene.simulation.faults({"path": "/event", "kind": "cut_before", "times": -1})
    with pytest.raises(TransientError):
        scene.routes.send(ADA, EVENT)


def test_a_visit_is_unconfirmed() -> None:
    """Its answer says nothing; `www.` belongs to its domain."""
    scene = Scene()
    assert scene.routes.send(ADA, VISIT) == Written(unconfirmed=True)
    assert scene.contact["visits"][0]["url"] == VISIT.url


def test_a_visit_can_keep_its_time() -> None:
    """By another route."""
    scene = Scene(page_delivery="local_event")
    assert scene.routes.send(ADA, VISIT) == Written()
    assert scene.contact["visits"][0]["tstamp"].startswith("2023-11-14")


def test_a_visit_without_a_time_is_now() -> None:
    """That route needs one."""
    scene = Scene(page_delivery="local_event")
    visit = MappedVisit(ADA, None, VISIT.url, "", None, None, VISIT.domain)
    assert scene.routes.send(ADA, visit) == Written()


def test_a_visit_can_be_an_event() -> None:
    """Any domain."""
    scene = Scene(page_delivery="event", domains=None)
    assert scene.routes.send(ADA, VISIT) == Written()
    assert [(each["event"], each["eventdata"]) for each in scene.contact["events"]] == [(PAGE_VIEW, VISIT.url)]


@pytest.mark.parametrize("delivery", ["visit", "local_event"])
def test_a_domain_that_is_not_whitelisted_is_rejected(delivery: str) -> None:
    """Nothing is sent."""
    scene = Scene(domains=("other.org",), page_delivery=delivery)
    assert reason(scene.routes.send(ADA, VISIT)) == "domain_not_whitelisted"
    assert scene.transport.requests == []


def test_an_account_that_does_not_tell_its_domains_refuses_none() -> None:
    """The visit is sent."""
    scene = Scene(domains=None)
    assert scene.routes.send(ADA, VISIT) == Written(unconfirmed=True)
    assert paths(scene.transport) == ["/visit"]


def test_a_domain_is_whitelisted_where_asked() -> None:
    """Once."""
    scene = Scene(domains=("other.org",), whitelist_domains=True)
    for _ in range(2):
        assert scene.routes.send(ADA, VISIT) == Written(unconfirmed=True)
    assert paths(scene.transport) == ["/prism/urlWhitelistings", "/visit", "/visit"]
