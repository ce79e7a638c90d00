"""Scripted faults."""

import json
from typing import Any

import pytest

from unit_tests.emulator.account import Driver

SYNC = {"contact": {"email": "a@b.co"}}


def sync(account: Driver) -> Any:
    """Upsert one contact."""
    return account.send("POST", "/contact/sync", SYNC)


def test_a_status_comes_so_many_times(account: Driver) -> None:
    """With its headers and body, in place of the write."""
    account.fault("status", path="/contact/sync", times=2, status=429, headers={"Retry-After": "30"}, body={"a": 1})
    replies = [sync(account) for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 201]
    assert (replies[0].headers["Retry-After"], replies[0].json()) == ("30", {"a": 1})


def test_a_status_may_come_after_the_write(account: Driver) -> None:
    """A gateway may fail when the work is done."""
    account.fault("status", status=502, after_write=True)
    assert sync(account).status == 502
    assert account.contact("a@b.co") is not None


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("html_200", 200, b"<!DOCTYPE"),
        ("html_status", 503, b"<!DOCTYPE"),
        ("empty_200", 200, b""),
        ("wrong_json", 200, b"[]"),
        ("status", 503, b"{"),
    ],
)
def test_wrong_answers(account: Driver, kind: str, status: int, body: bytes) -> None:
    """Nothing is written, and the answer is of another kind."""
    account.fault(kind)
    reply = sync(account)
    assert (reply.status, reply.body[: len(body) or 1]) == (status, body)
    assert ("X-Ac-Error" in reply.headers) == (kind == "empty_200")
    assert account.contact("a@b.co") is None


@pytest.mark.parametrize(
    ("kind", "cut", "written"),
    [("cut_before", "before", False), ("cut_after", "after", True), ("half_body", "half", True)],
)
def test_cut_connections(account: Driver, kind: str, cut: str, written: bool) -> None:  # noqa: FBT001 - a parameter
    """The reply says where to cut; only a cut before comes before the write."""
    account.fault(kind)
    assert sync(account).cut == cut
    assert (account.contact("a@b.co") is not None) is written


def test_slow_adds_to_the_delay(account: Driver) -> None:
    """The core does not sleep; it tells how long the network takes."""
    account.fault("slow", seconds=5)
    assert sync(account).delay == pytest.approx(5.08)
    assert sync(account).delay == pytest.approx(0.08)


def test_faults_meet_by_method_and_path(account: Driver) -> None:
    """Templates, patterns and the vendor's {id} all name a route."""
    account.fault("status", method="GET", path="/contacts/*", status=500, times=-1)
    account.fault("status", method="DELETE", path="/contacts/{id}", status=502, times=-1)
    account.fault("status", path="/tags/<number>", status=504, times=-1)
    account.fault("status", path="/event", status=503, times=-1)
    account.seed(contacts=[{"email": "a@b.co"}])
    asked = [
        ("GET", "/contacts/1"),
        ("DELETE", "/contacts/1"),
        ("GET", "/tags/7"),
        ("GET", "/contacts"),
        ("GET", "/tags"),
    ]
    assert [account.send(method, path).status for method, path in asked] == [500, 502, 504, 200, 200]
    assert account.event("a@b.co", "x").status == 503


def test_skip_lets_the_first_through(account: Driver) -> None:
    """The third request fails, and only it."""
    account.fault("status", skip=2)
    assert [sync(account).status for _ in range(4)] == [201, 200, 503, 200]


def test_probability_is_seeded(account: Driver) -> None:
    """Some fail, and the same ones each time."""

    def run(driver: Driver) -> list[int]:
        driver.fault("status", probability=0.5, times=-1)
        return [sync(driver).status for _ in range(20)]

    first = run(account)
    assert 0 < first.count(503) < 20
    assert run(Driver()) == first


@pytest.mark.parametrize(("kind", "status"), [("import_fails", "failed"), ("import_interrupted", "interrupted")])
def test_imports_end_badly(account: Driver, kind: str, status: str) -> None:
    """A failed one wrote nothing, an interrupted one a part; neither lists ids."""
    account.fault(kind)
    done = account.imported({"email": "a@b.co"}, {"email": "c@b.co"})
    assert done == {"status": status, "success": [], "failure": []}
    assert (account.contact("a@b.co") is not None) is (kind == "import_interrupted")
    assert account.contact("c@b.co") is None
    assert account.imported({"email": "c@b.co"})["status"] == "completed"


def test_an_import_waits(account: Driver) -> None:
    """For a time, or for ever; others go past it."""
    account.fault("import_waits", seconds=100)
    account.fault("import_waits")
    batches = [account.submit({"email": f"u{number}@b.co"}).json()["batchId"] for number in range(3)]

    def states() -> list[Any]:
        return [account.get("/import/info", batchId=batch)["status"] for batch in batches]

    account.clock.sleep(50)
    assert states() == ["waiting", "waiting", "completed"]
    account.clock.sleep(100)
    assert states() == ["completed", "waiting", "completed"]


def test_certain_emails_go_wrong(account: Driver) -> None:
    """Refused by name, in `failure`, or the death of the whole request, until the script is cleared."""
    account.fault("refuse_email", emails=["Refuse@b.co"])
    account.fault("fail_email", emails=["fail@b.co"])
    account.fault("always_500_email", emails=["boom@b.co"])
    good = {"email": "a@b.co"}
    refused = account.submit(good, {"email": "refuse@b.co"})
    assert (refused.status, refused.json()["failureReasons"][0]["contact"]) == (400, 2)
    assert account.imported(good, {"email": "Fail@b.co"})["failure"] == ["Fail@b.co"]
    assert [account.submit(good, {"email": "boom@b.co"}).status for _ in range(2)] == [500, 500]
    account.control("DELETE", "faults")
    assert account.imported({"email": "fail@b.co"})["failure"] == []


@pytest.mark.parametrize(
    "fault", ["x", {"kind": "x"}, {"kind": "slow"}, {"kind": "fail_email"}, {"kind": "status", "tims": 1}]
)
def test_a_wrong_script_is_refused(account: Driver, fault: object) -> None:
    """What cannot be understood is a 400, and nothing is scripted."""
    reply = account.emulator.handle("POST", "/_emulator/faults", "", {}, json.dumps([fault]).encode())
    assert reply.status == 400
    assert account.control("GET", "faults") == {"faults": []}


def test_a_refused_request_uses_up_no_fault() -> None:
    """Quota and key come first."""
    account = Driver(requests_per_second=1)
    account.fault("status")
    sync(account)
    account.fault("status", status=500)
    assert sync(account).status == 429
    account.clock.sleep(1)
    assert sync(account).status == 500
    assert account.control("GET", "summary")["faults_hit"] == 2
