"""Events and visits, and what governs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.errors import ConfigError, ConnectionFailed, RequestRefused, UnexpectedResponse
from unit_tests.api.fakes import EMAIL, KEY, FakeClock, FakeTransport, answer

if TYPE_CHECKING:
    from destination_activecampaign.api.client import Client

EVENT_KEY = "canary-event-key"
OK = answer(200, {"success": 1, "message": "Event spawned"})


@pytest.fixture
def tracking(client: Client, clock: FakeClock) -> Tracking:
    """Give the tracking of the scripted account."""
    return Tracking(client, actid="123", event_key=EVENT_KEY, clock=clock)


def test_an_event_is_a_form(tracking: Tracking, transport: FakeTransport, clock: FakeClock) -> None:
    """Account, key, name, contact as JSON text, data; without the API key and without the quota."""
    transport.script.append(OK)
    tracking.event(EMAIL, "Ördered +1", "a=b&c")
    sent = transport.sent[0]
    form = {key: values[0] for key, values in parse_qs((sent.body or b"").decode(), strict_parsing=True).items()}
    assert json.loads(form.pop("visit")) == {"email": EMAIL}
    assert form == {"actid": "123", "key": EVENT_KEY, "event": "Ördered +1", "eventdata": "a=b&c"}
    assert sent.url == "https://trackcmp.net/event"
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert KEY not in str(sent.headers)
    assert clock.slept == 0


def test_an_event_without_data_sends_none(tracking: Tracking, transport: FakeTransport) -> None:
    """Data is optional."""
    transport.script.append(OK)
    tracking.event(EMAIL, "x")
    assert b"eventdata" not in (transport.sent[0].body or b"")


def test_an_event_that_was_not_taken_is_refused(tracking: Tracking, transport: FakeTransport) -> None:
    """The message repeats neither the event, the person nor the key."""
    transport.script.append(answer(200, {"success": 0, "message": f"Secret Event {EMAIL} {EVENT_KEY}"}))
    with pytest.raises(RequestRefused) as caught:
        tracking.event(EMAIL, "Secret Event")
    assert not [value for value in ("Secret", EMAIL, EVENT_KEY) if value in repr(caught.value)]


def test_an_event_whose_answer_was_lost_is_repeated_if_asked(tracking: Tracking, transport: FakeTransport) -> None:
    """At least once."""
    transport.script.extend([ConnectionFailed("x"), OK])
    tracking.event(EMAIL, "x")
    assert len(transport.sent) == 2


def test_an_event_whose_answer_was_lost_is_told(tracking: Tracking, transport: FakeTransport) -> None:
    """At most once."""
    transport.script.append(ConnectionFailed("x"))
    with pytest.raises(ConnectionFailed):
        tracking.event(EMAIL, "x", safe_to_repeat=False)


def test_a_visit_is_a_beacon(tracking: Tracking, transport: FakeTransport) -> None:
    """Every value is percent-encoded; any 2xx will do."""
    transport.script.append(answer(200, "whatever"))
    tracking.visit(EMAIL, "https://shop.example/a?b=c&d", "https://r.example/")
    assert transport.sent[0].url == (
        "https://trackcmp.net/visit?actid=123&e=canary.person%2Btag%40example.com"
        "&r=https%3A%2F%2Fr.example%2F&u=https%3A%2F%2Fshop.example%2Fa%3Fb%3Dc%26d"
    )


@pytest.mark.parametrize(("referrer", "more"), [("", {}), ("https://r", {"referrer": "https://r"})])
def test_a_local_event_keeps_its_time(
    tracking: Tracking, transport: FakeTransport, referrer: str, more: dict[str, str]
) -> None:
    """`input` is JSON text."""
    transport.script.append(answer(201, {}))
    tracking.local_event(EMAIL, "2024-01-01T00:00:00+00:00", "https://u", referrer)
    sent = transport.body()["localEvent"]
    assert json.loads(sent.pop("input")) == {"event": "__pagevisit", "url": "https://u", **more}
    assert sent == {"email": EMAIL, "tstamp": "2024-01-01T00:00:00+00:00"}


@pytest.mark.parametrize(("enabled", "on"), [(True, True), ("1", True), (1, True), (False, False), ("0", False)])
def test_whether_tracking_is_on(tracking: Tracking, transport: FakeTransport, enabled: object, *, on: bool) -> None:
    """Booleans come as text and numbers too."""
    transport.script.append(answer(200, {"eventTracking": {"enabled": enabled}}))
    transport.script.append(answer(200, {"siteTracking": {"enabled": enabled}}))
    assert (tracking.event_tracking_enabled(), tracking.site_tracking_enabled()) == (on, on)


def test_event_names_are_listed(tracking: Tracking, transport: FakeTransport) -> None:
    """The total is a number here."""
    names = [{"name": "__pagevisit"}, {"name": "Ordered"}]
    transport.script.append(answer(200, {"eventTrackingEvents": names, "meta": {"total": 2}}))
    assert tracking.event_names() == ("__pagevisit", "Ordered")


def test_an_event_name_is_created(tracking: Tracking, transport: FakeTransport) -> None:
    """Before its first use."""
    transport.script.append(answer(201, {"eventTrackingEvent": {"name": "Ordered"}}))
    tracking.create_event_name("Ordered")
    assert transport.body() == {"eventTrackingEvent": {"name": "Ordered"}}


@pytest.mark.parametrize("refused", [{"errors": [{"code": "duplicate"}]}, {"errors": "exists"}])
def test_an_event_name_that_exists_is_fine(tracking: Tracking, transport: FakeTransport, refused: object) -> None:
    """By the code, or because it is listed."""
    transport.script.append(answer(422, refused))
    transport.script.append(answer(200, {"eventTrackingEvents": [{"name": "Ordered"}], "meta": {"total": 1}}))
    tracking.create_event_name("Ordered")


def test_an_event_name_that_is_refused_is_told(tracking: Tracking, transport: FakeTransport) -> None:
    """It is not in the account."""
    transport.script.extend([answer(400, {}), answer(200, {"eventTrackingEvents": [], "meta": {"total": 0}})])
    with pytest.raises(RequestRefused):
        tracking.create_event_name("Ordered")


@pytest.mark.parametrize(
    "code",
    [
        "<script>pgo('setAccount', 98765);</script>",
        'vgo("setAccount", "98765")',
        "\"vgo(\\'setAccount\\', \\'98765\\')\"",
    ],
)
def test_the_account_number_is_in_the_code(tracking: Tracking, transport: FakeTransport, code: str) -> None:
    """Old and new snippets."""
    transport.script.append(answer(200, code))
    assert tracking.actid_from_code() == "98765"


def test_a_code_without_a_number_is_unexpected(tracking: Tracking, transport: FakeTransport) -> None:
    """The setting must name it."""
    transport.script.append(answer(200, "<script></script>"))
    with pytest.raises(UnexpectedResponse):
        tracking.actid_from_code()


def whitelists(present: Any, older: Any) -> Any:
    """Answer both lists."""
    return lambda sent: present if "prism" in sent.route else older


PRESENT = answer(200, {"data": [{"attributes": {"whitelisted_domain": "https://Shop.example/x"}}, {"id": 1}]})
OLDER = answer(200, {"siteTrackingDomains": [{"name": "old.example"}, {"name": ""}], "meta": {"total": 2}})


@pytest.mark.parametrize(
    ("present", "older", "domains"),
    [
        (PRESENT, OLDER, {"shop.example", "old.example"}),
        (PRESENT, answer(403), {"shop.example"}),
        (answer(404, "<html>"), OLDER, {"old.example"}),
        (answer(404, {"message": "x"}), OLDER, {"old.example"}),
        (answer(200, {"data": []}), answer(403), set()),
        (answer(403), answer(200, "<html>"), None),
    ],
)
def test_both_lists_of_domains_are_joined(
    tracking: Tracking, transport: FakeTransport, present: Any, older: Any, domains: set[str] | None
) -> None:
    """None only where neither can be read."""
    transport.by = whitelists(present, older)
    assert tracking.whitelisted_domains() == domains


@pytest.mark.parametrize("reply", [answer(201, {"data": {}}), answer(409, {"errors": []})])
def test_a_domain_is_whitelisted(tracking: Tracking, transport: FakeTransport, reply: Any) -> None:
    """It is there already: fine."""
    transport.script.append(reply)
    tracking.whitelist_domain("shop.example")
    assert transport.body()["data"]["attributes"]["whitelisted_domain"] == "shop.example"


def test_an_account_without_the_present_list_takes_the_older(tracking: Tracking, transport: FakeTransport) -> None:
    """The route may be missing."""
    transport.script.extend([answer(404, "<html>"), answer(200, {"siteTrackingDomain": {"name": "shop.example"}})])
    tracking.whitelist_domain("shop.example")
    assert transport.body() == {"siteTrackingDomain": {"name": "shop.example"}}


def test_a_domain_that_is_refused_is_told(tracking: Tracking, transport: FakeTransport) -> None:
    """The user must look at it."""
    transport.script.append(answer(422, {"errors": []}))
    with pytest.raises(RequestRefused):
        tracking.whitelist_domain("shop.example")


def test_the_event_key_is_masked(tracking: Tracking) -> None:
    """It may be printed."""
    assert EVENT_KEY not in repr(tracking)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "https://[fe80::1]", "http://trackcmp.net", "https://x.example/canary"]
)
def test_where_nothing_can_be_sent_is_told_as_the_setting_it_is(client: Client, url: str) -> None:
    """The user pasted it into `tracking_url`, not into the API's URL."""
    with pytest.raises(ConfigError, match="tracking_url") as caught:
        Tracking(client, base_url=url)
    assert "canary" not in str(caught.value)
