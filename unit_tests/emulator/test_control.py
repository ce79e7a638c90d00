"""The control beside the API: seed, reset, journal, summary, dump."""

import json

import pytest

from unit_tests.emulator.account import Driver


def test_seeding_starts_no_automations(account: Driver) -> None:
    """It gives the ids of what it made and updates contacts that exist."""
    made = account.seed(
        fields=[{"title": "Plan", "perstag": "plan", "type": "dropdown", "options": ["a", "b"]}],
        lists=[{"name": "My News", "stringid": "news"}],
        tags=["t"],
        contacts=[{"email": "a@b.co", "tags": ["T", "u"], "fields": {"%PLAN%": "a"}, "lists": {"1": 3}}],
    )
    again = account.seed(contacts=[{"email": "a@b.co", "firstName": "Ann", "fields": {"1": "b"}}])
    assert made["fields"] == [{"id": "1", "title": "Plan", "perstag": "PLAN"}]
    assert made["lists"] == [{"id": "1", "name": "My News", "stringid": "news"}]
    assert made["contacts"] == again["contacts"] == ["1"]
    contact = account.contact("a@b.co")
    assert (contact["tags"], contact["fields"], contact["lists"]) == (["t", "u"], {"PLAN": "b"}, {"1": 3})
    assert account.fired() == {}


@pytest.mark.parametrize(
    "content",
    [
        {"contact": []},
        {"contacts": [{"email": "a@b.co", "fields": {"NONE": "x"}}]},
        {"contacts": [{"email": "a@b.co", "lists": {"7": 1}}]},
    ],
)
def test_seeding_what_is_not_there_is_refused(account: Driver, content: object) -> None:
    """A slip in a test's data must not pass in silence."""
    reply = account.emulator.handle("POST", "/_emulator/seed", "", {}, json.dumps(content).encode())
    assert reply.status == 400


def test_many_contacts_can_be_seeded_at_once(account: Driver) -> None:
    """As many as benchmarks begin with."""
    contacts = [{"email": f"u{n}@b.co", "tags": ["a", "b"], "fields": {"F": str(n)}} for n in range(20_000)]
    account.seed(fields=[{"title": "F"}], contacts=contacts)
    assert len(account.emulator.account.contacts) == 20_000


def test_reset_begins_again(account: Driver) -> None:
    """No contacts, no faults, no journal, the first options."""
    account.seed(contacts=[{"email": "a@b.co"}])
    account.fault("status", times=-1)
    account.control("POST", "switches", {"tag_duplicate": "sql_error"})
    account.send("GET", "/users/me")
    account.control("POST", "reset")
    assert account.contact("a@b.co") is None
    assert account.control("GET", "faults") == {"faults": []}
    assert account.control("GET", "journal") == {"entries": [], "last": 0}
    assert account.control("GET", "switches")["tag_duplicate"] == "existing"


def test_the_journal_has_every_request(account: Driver) -> None:
    """With its lane, route, status and an import's size; control requests are not in it."""
    account.send("GET", "/contacts/7")
    account.clock.sleep(2)
    account.submit({"email": "a@b.co"}, {"email": "c@b.co"})
    account.get("/import/info", batchId="x")
    account.event("a@b.co", "x")
    account.send("GET", "/nonsense")
    account.fault("cut_before")
    account.send("POST", "/tags", {})
    journal = account.control("GET", "journal")
    assert [(entry["lane"], entry["route"], entry["status"]) for entry in journal["entries"]] == [
        ("read", "/contacts/<number>", 404),
        ("import", "/import/bulk_import", 200),
        ("poll", "/import/info", 200),
        ("tracking", "/event", 200),
        ("unknown", "/nonsense", 404),
        ("write", "/tags", 0),
    ]
    assert journal["entries"][1] == {
        "seq": 2,
        "time": 2.0,
        "lane": "import",
        "method": "POST",
        "route": "/import/bulk_import",
        "status": 200,
        "in_flight": 1,
        "contacts": 2,
    }
    assert journal["entries"][5]["fault"] == "cut_before"
    assert [entry["seq"] for entry in account.control("GET", "journal", since=4)["entries"]] == [5, 6]


def test_the_summary_counts(account: Driver) -> None:
    """By route and status, with imports and what the account holds."""
    account.imported({"email": "a@b.co"})
    account.send("GET", "/contacts/7")
    summary = account.control("GET", "summary")
    assert summary["requests"] == {
        "GET /contacts/<number>": {"404": 1},
        "GET /import/info": {"200": 1},
        "POST /import/bulk_import": {"200": 1},
    }
    assert (summary["requests_total"], summary["contacts_total"], summary["max_in_flight"]) == (3, 1, 1)
    assert summary["imports"] == {
        "accepted": 1,
        "contacts_accepted": 1,
        "rows_written": 1,
        "rows_failed": 0,
        "waiting": 0,
        "active": 0,
        "completed": 1,
        "failed": 0,
        "interrupted": 0,
    }
    assert summary["options"]["import_unsubscribed"] == "skip_contact"


def test_the_dump_holds_the_account(account: Driver) -> None:
    """Contacts in full, and what else there is; in pages when asked."""
    account.seed(
        lists=[{"name": "L"}],
        exclusions=["x@b.co"],
        contacts=[{"email": "a@b.co", "bounced": True}, {"email": "c@b.co"}],
    )
    dump = account.control("GET", "dump")
    assert [contact["email"] for contact in dump["contacts"]] == ["a@b.co", "c@b.co"]
    assert dump["contacts"][0] == account.contact("a@b.co")
    assert (dump["total"], dump["exclusions"], dump["bounced"]) == (2, ["x@b.co"], ["a@b.co"])
    page = account.control("GET", "dump", after=1, limit=1)
    assert [contact["email"] for contact in page["contacts"]] == ["c@b.co"]


def test_an_unknown_control_lists_the_known(account: Driver) -> None:
    """So that a slip explains itself."""
    reply = account.emulator.handle("GET", "/_emulator/sumary")
    assert reply.status == 404
    assert "GET /_emulator/summary" in reply.json()["controls"]
