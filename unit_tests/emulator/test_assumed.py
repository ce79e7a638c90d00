"""Behaviour that no public source settles: each switch, both ways."""

import json

import pytest

from activecampaign_emulator.options import ASSUMED
from unit_tests.emulator.account import Driver

LEFT = {"lists": [{"name": "L"}, {"name": "M"}], "contacts": [{"email": "a@b.co", "lists": {"1": 2}}]}
WANTED = {"email": "a@b.co", "phone": "1", "subscribe": [{"listid": 1}, {"listid": 2}]}


def test_every_assumed_switch_is_tested_here() -> None:
    """A new assumption needs a test of both settings in this module."""
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(ASSUMED) <= tested


def test_import_unsubscribed() -> None:
    """Skip the contact with its email in `failure`, or skip only the list."""
    whole, part = Driver(), Driver(import_unsubscribed="skip_list")
    for account in (whole, part):
        account.seed(**LEFT)
    assert whole.imported(WANTED)["failure"] == ["a@b.co"]
    assert (whole.contact("a@b.co")["phone"], whole.contact("a@b.co")["lists"]) == ("", {"1": 2})
    assert part.imported(WANTED)["failure"] == []
    assert (part.contact("a@b.co")["phone"], part.contact("a@b.co")["lists"]) == ("1", {"1": 2, "2": 1})


@pytest.mark.parametrize("status", [0, 3])
def test_import_other_statuses(status: int) -> None:
    """Leave statuses 0 and 3 as they are, or make the contact active."""
    for setting, expected in (("leave", status), ("set_active", 1)):
        account = Driver(import_other_statuses=setting)
        account.seed(lists=[{"name": "L"}], contacts=[{"email": "a@b.co", "lists": {"1": status}}])
        done = account.imported({"email": "a@b.co", "phone": "1", "subscribe": [{"listid": 1}]})
        contact = account.contact("a@b.co")
        assert (done["failure"], contact["phone"], contact["lists"]) == ([], "1", {"1": expected})


def test_sync_matches_phone() -> None:
    """An unknown email makes a new contact, or takes over the one with the phone."""
    for setting, total in ((False, 2), (True, 1)):
        account = Driver(sync_matches_phone=setting)
        account.seed(contacts=[{"email": "a@b.co", "phone": "555"}])
        account.send("POST", "/contact/sync", {"contact": {"email": "new@b.co", "phone": "555"}})
        assert len(account.emulator.account.contacts) == total
        assert account.contact("new@b.co")["id"] == str(total)


def test_empty_string() -> None:
    """An empty value empties the field or leaves it, in imports and in contact/sync."""
    for setting, expected in (("clears", {}), ("keeps", {"F": "v"})):
        account = Driver(empty_string=setting)
        account.seed(fields=[{"title": "F"}], contacts=[{"email": f"{x}@b.co", "fields": {"F": "v"}} for x in "ab"])
        account.imported({"email": "a@b.co", "fields": [{"id": 1, "value": ""}]})
        values = [{"field": "1", "value": ""}]
        account.send("POST", "/contact/sync", {"contact": {"email": "b@b.co", "fieldValues": values}})
        assert [account.contact(f"{x}@b.co")["fields"] for x in "ab"] == [expected, expected]


def test_unknown_contact_events() -> None:
    """Events of an email that no contact has are dropped, or kept under the email without making a contact."""
    for setting, expected in (("drop", []), ("keep", ["bought"])):
        account = Driver(unknown_contact_events=setting)
        account.seed(event_names=["bought"])
        assert account.event("Who@b.co", "bought").json()["success"] == 1
        kept = account.control("GET", "dump")["unknown"].get("who@b.co", {"events": []})
        assert [event["event"] for event in kept["events"]] == expected
        assert account.contact("who@b.co") is None
        assert account.fired() == {}


def test_unknown_event_names() -> None:
    """An event of a name that is not registered is dropped, or kept and its name with it."""
    for setting, expected in (("drop", []), ("keep", ["bought"])):
        account = Driver(unknown_event_names=setting)
        account.seed(contacts=[{"email": "a@b.co"}])
        assert account.event("a@b.co", "bought").json()["success"] == 1
        assert [event["event"] for event in account.contact("a@b.co")["events"]] == expected


def test_trackcmp_reply() -> None:
    """An answer is a JSON object, or a digit."""
    good, bad = Driver(), Driver(trackcmp_reply="digit")
    assert good.event("a@b.co", "x").json() == {"success": 1, "message": "Event spawned"}
    assert bad.event("a@b.co", "x").body == b"1"
    assert bad.event("a@b.co", "x" * 33).body == b"0"


def test_import_success_ids() -> None:
    """`success` lists the contacts that are new, or all that were written."""
    for setting, expected in (("new", ["2"]), ("all", ["1", "2"])):
        account = Driver(import_success_ids=setting)
        account.seed(contacts=[{"email": "a@b.co"}])
        assert account.imported({"email": "a@b.co"}, {"email": "new@b.co"})["success"] == expected


def test_tag_duplicate() -> None:
    """A tag that exists is given back, is an SQL error, or is refused."""
    tag = {"tag": {"tag": "GOLD", "tagType": "contact"}}
    for setting, status in (("existing", 200), ("sql_error", 500), ("refused_422", 422)):
        account = Driver(tag_duplicate=setting)
        account.seed(tags=["Gold"])
        reply = account.send("POST", "/tags", tag)
        assert reply.status == status
        assert account.get("/tags")["meta"]["total"] == "1"
        if setting == "sql_error":
            assert reply.json()["error"] == "Duplicate entry 'contact-Gold' for key 'typetag'"


def test_wrong_key() -> None:
    """A wrong key, and none, is 200 with a login page, or 403."""
    for setting, status, start in (("html_200", 200, b"<!DOCTYPE"), ("403", 403, b"{")):
        account = Driver(wrong_key=setting)
        account.key = "wrong"
        for method, path in (("GET", "/users/me"), ("POST", "/contact/sync")):
            reply = account.send(method, path, {})
            assert (reply.status, reply.body[: len(start)]) == (status, start)
        assert account.emulator.handle("GET", "/api/3/users/me").status == status


def test_bulk_counts_general() -> None:
    """Imports take from the 5 a second, or have only their own quota."""
    for setting, expected in ((True, 429), (False, 200)):
        account = Driver(requests_per_second=2, bulk_counts_general=setting)
        statuses = [account.submit({"email": "a@b.co"}).status for _ in range(3)]
        assert statuses == [200, 200, expected]


def test_contact_sideloads() -> None:
    """`include` brings tags, values and lists of the contacts with them, or is ignored as unknown filters are."""
    for setting, tags, values in ((True, ["1", "2"], ["1"]), (False, None, None)):
        account = Driver(contact_sideloads=setting)
        account.seed(fields=[{"title": "F"}], contacts=[{"email": "a@b.co", "tags": ["t", "u"], "fields": {"F": "v"}}])
        body = account.get("/contacts", email="a@b.co", include="contactTags.tag,fieldValues,unknown")
        assert (body["contacts"][0].get("contactTags"), body["contacts"][0].get("fieldValues")) == (tags, values)
        assert [(one["contact"], one["tag"]) for one in body.get("contactTags", [])] == [("1", "1"), ("1", "2")][
            : len(tags or [])
        ]
        assert "contactLists" not in body


def test_visits_need_whitelist() -> None:
    """A visit of a domain that is not whitelisted is dropped, or kept."""
    for setting, expected in ((True, 0), (False, 1)):
        account = Driver(visits_need_whitelist=setting)
        account.seed(contacts=[{"email": "a@b.co"}], domains=["mine.example"])
        account.visit("a@b.co", "https://other.example/x")
        assert len(account.contact("a@b.co")["visits"]) == expected


def test_a_switch_can_be_thrown_at_run_time(account: Driver) -> None:
    """The options change at once and can be read."""
    shown = account.control("POST", "switches", {"tag_duplicate": "refused_422", "import_seconds": 1})
    assert (shown["tag_duplicate"], shown["import_seconds"]) == ("refused_422", 1.0)


@pytest.mark.parametrize("change", [{"nope": 1}, {"port": 1}, {"tag_duplicate": "x"}, {"seed": "1"}, {"seed": True}])
def test_a_wrong_switch_is_refused(account: Driver, change: dict[str, object]) -> None:
    """Names, types and values must exist."""
    reply = account.emulator.handle("POST", "/_emulator/switches", "", {}, json.dumps(change).encode())
    assert reply.status == 400
