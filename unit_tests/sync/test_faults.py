"""Each route, in each way to fail, once, often and for ever: nothing lost, counts true, the right end within its deadline."""

from __future__ import annotations

import os
from typing import Any

import pytest

from activecampaign_emulator import Options
from destination_activecampaign.errors import TransientError
from unit_tests.simulation import ACCOUNT, CONTACTS, Finished, Simulation, catalog, dump, record, state

LONG = bool(os.environ.get("LONG_TESTS"))
"""Whether to run the whole matrix, as `scripts/test-long` does; half an hour of retries takes seconds each."""

FAULTS: dict[str, dict[str, Any]] = {
    "429 with Retry-After": {"kind": "status", "status": 429, "headers": {"Retry-After": "5"}},
    "429": {"kind": "status", "status": 429},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "520": {"kind": "status", "status": 520},
    "time-out": {"kind": "slow", "seconds": 500.0},
    "cut before": {"kind": "cut_before"},
    "cut after": {"kind": "cut_after"},
    "half a body": {"kind": "half_body"},
    "HTML": {"kind": "html_200"},
    "empty": {"kind": "empty_200"},
    "wrong JSON": {"kind": "wrong_json"},
}
ROUTES = {
    "import": ("POST", "/import/bulk_import"),
    "poll": ("GET", "/import/info"),
    "find": ("GET", "/contacts"),
    "tags of a contact": ("GET", "/contacts/{id}/contactTags"),
    "untag": ("DELETE", "/contactTags/{id}"),
    "fields": ("GET", "/fields"),
    "event": ("POST", "/event"),
    "visit": ("GET", "/visit"),
    "user id": ("GET", "/fieldValues"),
    "event name": ("POST", "/eventTrackingEvents"),
}
UNTOLD = {
    # What these answer is not documented, so that a body of another kind means nothing.
    ("visit", "HTML"),
    ("visit", "empty"),
    ("visit", "wrong JSON"),
    ("untag", "wrong JSON"),
    # Documented answers of the event route are taken at their word: all else is a refusal.
    ("event", "HTML"),
    ("event", "empty"),
    ("event", "wrong JSON"),
}
STREAMS = catalog(
    identifies=CONTACTS, tracks=("email", "userId", "event", "messageId"), pages=("email", "url", "messageId")
)
ROWS = [
    *(
        record("identifies", email=f"c{n}@example.com", firstName="zqx-Ann", plan=f"zqx-p{n}", tags=["vip"])
        for n in range(30)
    ),
    record("identifies", email="old@example.com", firstName="zqx-Old", tags=["vip"], tagsReset=True, plan="zqx-new"),
    state("identifies", 1),
    *(record("tracks", email=f"c{n}@example.com", event="zqx-Order", messageId=f"t{n}") for n in range(12)),
    record("tracks", userId="u-1", event="zqx-Order", messageId="by user"),
    state("tracks", 2),
    *(record("pages", email=f"c{n}@example.com", url="https://example.com/a", messageId=f"v{n}") for n in range(12)),
    state("pages", 3),
]
SEED = {
    **ACCOUNT,
    "domains": ["example.com"],
    "contacts": [
        {"email": "old@example.com", "firstName": "zqx-Old", "tags": ["old"], "fields": {"EXTERNAL_ID": "u-1"}},
    ],
}


def run(route: str, fault: str, times: int) -> tuple[Finished, list[dict[str, Any]]]:
    """Sync ROWS while *route* fails *times*; returns how it ended and the account's contacts."""
    # Where an account brings the tags with their contact, nobody asks for them.
    simulation = Simulation(Options(contact_sideloads=route != "tags of a contact"), account=SEED)
    method, path = ROUTES[route]
    simulation.faults({"method": method, "path": path, "times": times, **FAULTS[fault]})
    finished = simulation.sync(ROWS, STREAMS)
    return finished, dump(simulation.emulator)


def check_account(contacts: list[dict[str, Any]], *, twice: bool) -> None:
    """The account holds all that ROWS ask for; `twice`: an event or a visit may be there more than once."""
    by_email = {each["email"]: each for each in contacts}
    for number in range(30):
        contact = by_email[f"c{number}@example.com"]
        assert (contact["fields"]["PLAN"], contact["tags"]) == (f"zqx-p{number}", ["vip"])
    old = by_email["old@example.com"]
    assert (old["fields"]["PLAN"], old["tags"]) == ("zqx-new", ["vip"])
    for number in range(12):
        contact = by_email[f"c{number}@example.com"]
        for kind in ("events", "visits"):
            assert len(contact[kind]) == 1 or (twice and len(contact[kind]) > 1)
    assert old["events"]


@pytest.mark.parametrize("times", [1, 4] if LONG else [4])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("route", ROUTES)
def test_what_passes_leaves_no_trace(route: str, fault: str, times: int) -> None:
    """Once or a few times: all is written, every STATE is back, and only an event whose answer was lost may repeat."""
    if (route, fault) in UNTOLD:
        pytest.skip("the body of this answer means nothing")
    finished, contacts = run(route, fault, times)
    assert finished.error is None
    assert (finished.written, finished.rejected, len(finished.states)) == (56, 0, 3)
    check_account(contacts, twice=fault in ("time-out", "cut after", "half a body", "HTML", "empty", "wrong JSON"))


@pytest.mark.parametrize("fault", FAULTS if LONG else ["429", "503", "cut after", "HTML"])
@pytest.mark.parametrize("route", ROUTES)
def test_what_does_not_pass_ends_the_sync(route: str, fault: str) -> None:
    """For ever: the sync ends as transient, within its deadlines, with true STATEs alone."""
    if (route, fault) in UNTOLD:
        pytest.skip("the body of this answer means nothing")
    finished, contacts = run(route, fault, -1)
    assert isinstance(finished.error, TransientError)
    assert finished.seconds < 2 * 3600
    emails = {each["email"] for each in contacts}
    if any(each.state.stream == (None, "identifies") for each in finished.states):
        assert {f"c{number}@example.com" for number in range(30)} <= emails
