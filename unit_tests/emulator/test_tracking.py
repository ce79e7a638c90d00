"""Events and visits."""

import json
from typing import Any

import pytest

from unit_tests.emulator.account import Driver

FORM = {"actid": "25000001", "key": "emulated-event-key", "event": "bought", "visit": '{"email":"a@b.co"}'}


@pytest.fixture
def ready(account: Driver) -> Driver:
    """Give an account with a contact, an event's name and a domain."""
    account.seed(contacts=[{"email": "a@b.co"}], event_names=["bought"], domains=["mine.example"])
    return account


def events(account: Driver) -> list[Any]:
    """Give the events of the contact."""
    return [(event["event"], event["eventdata"]) for event in account.contact("a@b.co")["events"]]


def urls(account: Driver) -> list[str]:
    """Give the pages that the contact visited."""
    return [visit["url"] for visit in account.contact("a@b.co")["visits"]]


def test_an_event_is_logged(ready: Driver) -> None:
    """It shows at the contact and starts automations."""
    assert ready.event("A@b.co", "bought", "42").json() == {"success": 1, "message": "Event spawned"}
    (log,) = ready.get("/contacts/1/trackingLogs")["trackingLogs"]
    assert (log["type"], log["value"], log["subscriberid"]) == ("bought", "42", "1")
    assert ready.fired() == {"event": 1}


@pytest.mark.parametrize(
    "change",
    [{"actid": ""}, {"actid": "1"}, {"key": "x"}, {"event": ""}, {"event": "x" * 33}, {"visit": "{}"}, {"visit": "x"}],
)
def test_a_wrong_event_is_refused(ready: Driver, change: dict[str, str]) -> None:
    """With 200 and success 0."""
    reply = ready.track("/event", {**FORM, **change})
    assert (reply.status, reply.json()["success"]) == (200, 0)
    assert events(ready) == []


def test_no_account_has_its_known_text(ready: Driver) -> None:
    """The one text of a failure that is known; JSON is not understood, the query is."""
    known = {"success": 0, "message": "An account ID must be provided."}
    headers = {"Content-Type": "application/json"}
    assert ready.emulator.handle("POST", "/event", "", headers, json.dumps(FORM).encode()).json() == known
    query = "actid=25000001&key=emulated-event-key&event=bought&visit=%7B%22email%22%3A%22a%40b.co%22%7D"
    assert ready.emulator.handle("POST", "/event", query, headers).json()["success"] == 1


def test_events_are_not_stored_when_tracking_is_off(ready: Driver) -> None:
    """The answer does not tell."""
    assert ready.send("PUT", "/eventTracking", {"eventTracking": {"enabled": False}}).status == 200
    assert ready.get("/eventTracking") == {"eventTracking": {"enabled": False}}
    assert ready.event("a@b.co", "bought").json()["success"] == 1
    assert events(ready) == []
    assert ready.send("PUT", "/eventTracking", {"eventTracking": {"enabled": "no"}}).status == 400


def test_event_names_come_and_go(account: Driver) -> None:
    """The tracker's own are listed too; the total is an integer; names may hold spaces and slashes."""
    assert account.send("POST", "/eventTrackingEvents", {"eventTrackingEvent": {"name": "a / b"}}).status == 201
    body = account.get("/eventTrackingEvents")
    assert [one["name"] for one in body["eventTrackingEvents"]] == ["__pagevisit", "__redir", "a / b"]
    assert body["meta"] == {"total": 3}
    assert account.send("DELETE", "/eventTrackingEvents/a%20%2F%20b").status == 200
    assert account.send("DELETE", "/eventTrackingEvents/a%20%2F%20b").status == 400
    assert account.send("POST", "/eventTrackingEvents", {"eventTrackingEvent": {}}).status == 422


def test_a_visit_is_logged(ready: Driver) -> None:
    """Of a whitelisted domain and what is below it; the answer is empty."""
    for url in (
        "https://mine.example/a?b=1",
        "https://www.mine.example/",
        "mine.example/c",
        "https://notmine.example/",
    ):
        assert ready.visit("a@b.co", url).body == b""
    assert urls(ready) == ["https://mine.example/a?b=1", "https://www.mine.example/", "mine.example/c"]
    assert ready.contact("a@b.co")["visits"][0]["referrer"] == "https://from.example"
    assert ready.get("/contacts/1/trackingLogs")["trackingLogs"][0]["type"] == "__pagevisit"


def test_visits_are_not_stored_when_tracking_is_off(ready: Driver) -> None:
    """Nor of another account."""
    ready.emulator.handle("GET", "/visit", "actid=1&e=a%40b.co&u=https%3A%2F%2Fmine.example")
    assert ready.send("PUT", "/siteTracking", {"siteTracking": {"enabled": False}}).status == 200
    ready.visit("a@b.co", "https://mine.example/")
    assert urls(ready) == []
    assert ready.get("/siteTracking") == {"siteTracking": {"enabled": False}}
    assert ready.send("PUT", "/siteTracking", {"siteTracking": {}}).status == 400


def test_a_local_event_keeps_its_time(ready: Driver) -> None:
    """The one way to record a visit of the past."""
    details = json.dumps({"event": "__pagevisit", "url": "https://mine.example/old"})
    entity = {"email": "a@b.co", "tstamp": "2020-01-01T06:00:00Z", "input": details}
    reply = ready.send("POST", "/localevent", {"localEvent": entity})
    assert (reply.status, reply.json()) == (201, {})
    (visit,) = ready.contact("a@b.co")["visits"]
    assert (visit["url"], visit["tstamp"]) == ("https://mine.example/old", "2020-01-01T00:00:00-06:00")
    for key in entity:
        assert ready.send("POST", "/localevent", {"localEvent": {**entity, key: "["}}).status in {201, 403}
    assert ready.send("POST", "/localevent", {"localEvent": {**entity, "input": {}}}).status == 403
    assert ready.send("POST", "/localevent", {"localEvent": {**entity, "input": "[]"}}).status == 403


def test_the_script_names_the_account(account: Driver) -> None:
    """Plain text with the tracking id."""
    reply = account.send("GET", "/siteTracking/code")
    assert reply.headers["Content-Type"] == "text/plain"
    assert b"pgo('setAccount', '25000001')" in reply.body


def test_the_older_whitelist(account: Driver) -> None:
    """POST is 200, DELETE 204 without a body, the total an integer."""
    assert account.send("POST", "/siteTrackingDomains", {"siteTrackingDomain": {"name": "B.co"}}).status == 200
    assert account.get("/siteTrackingDomains") == {"siteTrackingDomains": [{"name": "b.co"}], "meta": {"total": 1}}
    reply = account.send("DELETE", "/siteTrackingDomains/b.co")
    assert (reply.status, reply.body) == (204, b"")
    assert account.send("DELETE", "/siteTrackingDomains/b.co").status == 404
    assert account.send("POST", "/siteTrackingDomains", {"siteTrackingDomain": {}}).status == 422


def test_the_newer_whitelist(ready: Driver) -> None:
    """POST is 201 and then 409, DELETE 204; its domains count for visits too."""
    attributes = {"whitelisted_domain": "new.example", "whitelisted_page": "*", "tracking_enabled": True}
    body = {"data": {"type": "urlWhitelistings", "attributes": attributes}}
    assert [ready.send("POST", "/prism/urlWhitelistings", body).status for _ in range(2)] == [201, 409]
    assert ready.get("/prism/urlWhitelistings")["data"][0]["attributes"] == attributes
    ready.visit("a@b.co", "https://new.example/")
    assert urls(ready) == ["https://new.example/"]
    assert ready.send("DELETE", "/prism/urlWhitelistings/1").status == 204
    assert ready.send("DELETE", "/prism/urlWhitelistings/1").status == 404
    assert ready.send("POST", "/prism/urlWhitelistings", {"data": {"attributes": {}}}).status == 422
