"""Bulk imports: what is refused, how long they take, what they write."""

import json
from typing import Any

import pytest

from unit_tests.emulator.account import Driver


def reasons(account: Driver, *rows: Any) -> Any:
    """Send an import that must be refused and give the reasons."""
    reply = account.submit(*rows)
    assert reply.status == 400
    assert reply.json()["success"] == 0
    return reply.json()["failureReasons"]


def info(account: Driver, batch: str) -> Any:
    """Read import/info."""
    return account.get("/import/info", batchId=batch)


def test_accepting_is_json_called_html(account: Driver) -> None:
    """200 with the batch's id, in the content type that was recorded."""
    reply = account.submit({"email": "a@b.co"}, {"email": "c@b.co"})
    assert reply.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert {key: reply.json()[key] for key in ("success", "queued_contacts", "message")} == {
        "success": 1,
        "queued_contacts": 2,
        "message": "Contact import queued",
    }


def test_one_bad_row_refuses_all(account: Driver) -> None:
    """Every bad row is named, counted from 1; nothing is written."""
    found = reasons(account, {"email": "a@b.co"}, {"email": "bad"}, {"first_name": "x"})
    assert found == [
        {"contact": 2, "failureReason": "Field 'email' incorrect format"},
        {"contact": 3, "failureReason": "Field 'email' not found"},
    ]
    account.clock.sleep(60)
    assert account.contact("a@b.co") is None


BAD_CHARACTERS = ('a"@b.co', "a(@b.co", "a,@b.co", "a:@b.co", "a;@b.co", "a<@b.co", "a[@b.co", "a\\@b.co", "a b@c.co")
BAD_PARTS = ("b.co", "a@b", "a@b.c", "a@b.12", "a@@b.co", "a@b..co", "a@.co", "@b.co", "a@b_.co", 7)


@pytest.mark.parametrize("email", [*BAD_CHARACTERS, *BAD_PARTS])
def test_bad_emails(account: Driver, email: object) -> None:
    """The documented rules, by example."""
    assert reasons(account, {"email": email})[0]["failureReason"] == "Field 'email' incorrect format"


@pytest.mark.parametrize("email", ["a@b.co", "A.b+c@sub.b-c.museum", "o'neil@b.co", "ü@bücher.de", "a@b.xn--p1ai"])
def test_good_emails(account: Driver, email: str) -> None:
    """What the rules do not forbid is fine."""
    assert account.submit({"email": email}).status == 200


@pytest.mark.parametrize(
    "part",
    [
        {"first_name": 1},
        {"tags": "a,b"},
        {"tags": [1]},
        {"tags": [" "]},
        {"fields": {"1": "x"}},
        {"fields": [{"id": "PLAN", "value": "x"}]},
        {"fields": [{"id": 1, "value": 5}]},
        {"fields": [{"id": 1}]},
        {"subscribe": [1]},
        {"unsubscribe": [{"list": 1}]},
    ],
)
def test_rows_of_another_shape_are_refused(account: Driver, part: dict[str, Any]) -> None:
    """A row must look as the vendor describes it."""
    assert reasons(account, {"email": "a@b.co", **part})[0]["contact"] == 1
    assert reasons(account, "a@b.co")[0]["contact"] == 1


def test_whole_requests_are_refused_with_texts(account: Driver) -> None:
    """No JSON, no contacts, too many and too large: reasons are plain strings."""
    many = [{"email": f"u{number}@b.co"} for number in range(251)]
    large = json.dumps({"contacts": [{"email": "a@b.co", "phone": "1" * 400_000}]}).encode()
    bodies: tuple[Any, ...] = (b"{", [], {}, {"contacts": []}, {"contacts": many}, large)
    for body in bodies:
        reply = account.send("POST", "/import/bulk_import", body)
        assert reply.status == 400
        assert isinstance(reply.json()["failureReasons"][0], str)
    assert account.submit(*many[:250]).json()["queued_contacts"] == 250


def test_the_largest_body_is_399_999_bytes(account: Driver) -> None:
    """One byte more is refused."""
    body = json.dumps({"contacts": [{"email": "a@b.co"}]}).encode()
    assert account.send("POST", "/import/bulk_import", body + b" " * (399_999 - len(body))).status == 200
    assert account.send("POST", "/import/bulk_import", body + b" " * (400_000 - len(body))).status == 400


def test_status_runs_from_false_to_completed(account: Driver) -> None:
    """False in the first second, then claimed, active, completed; the contact shows when it is completed."""
    account.fault("import_takes", seconds=20)
    batch = account.submit({"email": "a@b.co"}).json()["batchId"]
    seen = []
    for seconds in (0.5, 1, 10, 9):
        account.clock.sleep(seconds)
        seen.append((info(account, batch)["status"], account.contact("a@b.co") is not None))
    assert seen == [(False, False), ("claimed", False), ("active", False), ("completed", True)]


def test_an_import_takes_seconds_by_its_size() -> None:
    """6 s and 10 ms a contact, without the jitter."""
    account = Driver(import_jitter=0.0)
    batch = account.submit(*({"email": f"u{number}@b.co"} for number in range(200))).json()["batchId"]
    account.clock.sleep(7.9)
    assert info(account, batch)["status"] == "active"
    account.clock.sleep(0.2)
    assert info(account, batch)["status"] == "completed"


def test_jitter_makes_imports_finish_out_of_order(account: Driver) -> None:
    """An older import may write after a newer one."""
    account.fault("import_takes", seconds=20)
    account.submit({"email": "a@b.co", "first_name": "older"})
    account.submit({"email": "a@b.co", "first_name": "newer"})
    account.clock.sleep(15)
    assert account.contact("a@b.co")["firstName"] == "newer"
    account.clock.sleep(15)
    assert account.contact("a@b.co")["firstName"] == "older"


def test_imports_finish_at_their_own_times(account: Driver) -> None:
    """Looked at late, the account has the times at which things happened."""
    account.fault("import_takes", seconds=10, times=2)
    account.submit({"email": "a@b.co"})
    account.clock.sleep(3)
    account.submit({"email": "c@b.co"})
    account.clock.sleep(3600)
    account.control("GET", "summary")
    first, second = (account.emulator.account.contact_by_email(email) for email in ("a@b.co", "c@b.co"))
    assert first is not None
    assert second is not None
    assert second.created - first.created == pytest.approx(3)


def test_more_than_the_concurrency_wait() -> None:
    """The next import starts at the moment at which a place falls free, seen or not."""
    account = Driver(import_concurrency=2, import_seconds=10.0, import_jitter=0.0, import_seconds_per_contact=0.0)
    batches = [account.submit({"email": f"u{number}@b.co"}).json()["batchId"] for number in range(3)]
    account.clock.sleep(5)
    assert [info(account, batch)["status"] for batch in batches] == ["active", "active", "waiting"]
    account.clock.sleep(16)
    assert info(account, batches[2])["status"] == "completed"


def test_the_overview_counts_by_day(account: Driver) -> None:
    """Sums are text, outstanding and done apart."""
    account.submit({"email": "a@b.co"}, {"email": "c@b.co"})
    (day,) = account.get("/import/bulk_import")["outstanding"]
    assert (day["batches"], day["contacts"]) == ("1", "2")
    account.clock.sleep(60)
    body = account.get("/import/bulk_import")
    assert (body["outstanding"], body["recentlyCompleted"]) == ([], [day])


def test_info_needs_a_batch(account: Driver) -> None:
    """No id is a 400; an unknown one looks like one that has not begun."""
    reply = account.send("GET", "/import/info")
    assert reply.json() == {"success": 0, "message": "'batchId' is a required field."}
    assert info(account, "unknown")["status"] is False


def test_an_import_writes_everything(account: Driver) -> None:
    """Names, values, tags (made when new, found without case), both list changes."""
    account.seed(fields=[{"title": "Plan"}], lists=[{"name": "A"}, {"name": "B"}], tags=["Gold"])
    account.imported(
        {
            "email": "a@b.co",
            "first_name": "Ann",
            "last_name": "Lee",
            "phone": "1",
            "firstName": "ignored",
            "tags": ["gold", "New"],
            "fields": [{"id": 1, "value": "pro"}, {"id": 99, "value": "x"}],
            "subscribe": [{"listid": 1}, {"listid": 99}],
            "unsubscribe": [{"listid": "2"}],
        },
        {"email": "c@b.co"},
    )
    contact = account.contact("a@b.co")
    assert (contact["firstName"], contact["lastName"], contact["phone"]) == ("Ann", "Lee", "1")
    assert contact["tags"] == ["Gold", "New"]
    assert contact["fields"] == {"PLAN": "pro"}
    assert contact["lists"] == {"1": 1, "2": 2}
    expected = {"contact_created": 2, "field_changed": 4, "tag_added": 2, "list_subscribed": 1, "list_unsubscribed": 1}
    assert account.fired() == expected


def test_the_same_again_starts_no_automations(account: Driver) -> None:
    """Nothing changes, so nothing fires."""
    account.seed(fields=[{"title": "Plan"}], lists=[{"name": "A"}])
    row = {"email": "a@b.co", "first_name": "A", "tags": ["t"], "fields": [{"id": 1, "value": "x"}]}
    row["subscribe"] = [{"listid": 1}]
    account.imported(row)
    before = account.fired()
    account.imported(row)
    assert account.fired() == before


@pytest.mark.parametrize(("row", "top"), [({"exclude_automations": True}, {}), ({}, {"exclude_automations": True})])
def test_excluded_automations_are_counted_apart(account: Driver, row: dict[str, Any], top: dict[str, Any]) -> None:
    """The switch is honoured in the contact and at the top."""
    account.imported({"email": "a@b.co", "tags": ["t"], **row}, **top)
    automations = account.control("GET", "summary")["automations"]
    assert not any(automations["fired"].values())
    assert automations["excluded"]["contact_created"] == 1
    assert automations["excluded"]["tag_added"] == 1


def test_whom_an_import_skips(account: Driver) -> None:
    """Excluded and bounced emails, and new ones over the limit, end in `failure`; the first two are not queued."""
    account.control("POST", "switches", {"contact_limit": 1})
    account.seed(exclusions=["ex@b.co"], contacts=[{"email": "bo@b.co", "bounced": True}])
    rows = [{"email": email, "first_name": "x"} for email in ("EX@b.co", "bo@b.co", "new@b.co")]
    assert account.submit(*rows).json()["queued_contacts"] == 1
    assert account.imported(*rows)["failure"] == ["EX@b.co", "bo@b.co", "new@b.co"]
    assert account.contact("bo@b.co")["firstName"] == ""
    assert account.control("GET", "summary")["imports"]["rows_failed"] == 6


def test_an_email_twice_in_an_import_is_written_in_order(account: Driver) -> None:
    """The later row wins, and the contact is new only once."""
    done = account.imported({"email": "a@b.co", "phone": "1"}, {"email": "A@b.co", "phone": "2"})
    assert done["success"] == ["1"]
    assert account.contact("a@b.co")["phone"] == "2"
