"""Many rows of one contact among others: the same end as one by one, in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from integration_tests import expectations, harness
from integration_tests.harness import as_platform, catalog_of, connection, emulated_account, record, state, write

COLUMNS = ("email", "first_name", "plan", "tags", "tagsReset", "lists")
SEED = {"fields": [{"title": "Plan", "perstag": "PLAN"}], "lists": [{"name": "News"}]}
UNSUBSCRIBE = [{"id": "1", "status": "unsubscribed"}]
SUBSCRIBE = [{"id": "1", "status": "active"}]


def run(
    folder: Path, lines: list[str], expected: dict[str, Any], seed: dict[str, Any], **settings: Any
) -> dict[str, Any]:
    """Sync *lines* and compare; return the summary of the account's requests, with the seconds that it took."""
    sent = as_platform(lines)
    started = time.monotonic()
    with emulated_account({}, seed) as server:
        tracks = {"tracks": ("email", "event")} if "event_key" in settings else {}
        output = write(folder, connection(server, **settings), catalog_of(identifies=COLUMNS, **tracks), sent)
        seconds = time.monotonic() - started
        assert expectations.differences({"about": "", **expected}, sent, output, server) == []
        return {**harness.control(server, "GET", "summary"), "seconds": seconds}


def test_one_email_a_thousand_times(tmp_path: Path) -> None:
    """One email 1,000 times among 2,000 others ends with its last values, and costs hardly more than one row."""
    lines = []
    for number in range(2000):
        lines.append(record({"email": f"other{number}@example.com", "first_name": f"O{number}"}))
        if number % 2:
            lines.append(record({"email": "same@example.com", "first_name": f"zqx-S{number}", "plan": f"p{number}"}))
        if number % 500 == 499:
            lines.append(state(number))
    summary = run(
        tmp_path,
        lines,
        {
            "streams": {"identifies": {"written": 3000}},
            "contacts": {"same@example.com": {"firstName": "zqx-S1999", "fields": {"PLAN": "p1999"}}},
            "total": 2001,
        },
        SEED,
    )
    assert summary["requests"]["POST /import/bulk_import"]["200"] <= 16
    assert summary["seconds"] < 60


def test_one_email_alternates(tmp_path: Path) -> None:
    """300 rows of one email that take turns end as if they had been written one by one; the unsubscribe sticks."""
    kinds: list[dict[str, Any]] = [
        {"plan": "zqx-gold", "tags": ["zqx-plain"]},
        {"tags": ["zqx-reset"], "tagsReset": 1},
        {"lists": UNSUBSCRIBE},
        {"lists": SUBSCRIBE, "tags": ["zqx-last"]},
    ]
    lines = [record({"email": "same@example.com", "first_name": f"zqx-S{n}", **kinds[n % 4]}) for n in range(300)]
    lines.insert(150, state(1))
    lines.append(state(2))
    seed = {**SEED, "contacts": [{"email": "same@example.com", "tags": ["old"], "lists": {"1": 1}}]}
    summary = run(
        tmp_path,
        lines,
        {
            "streams": {"identifies": {"written": 300}},
            "contacts": {
                "same@example.com": {
                    "firstName": "zqx-S299",
                    "tags": ["zqx-last", "zqx-reset"],
                    "lists": {"1": 2},
                    "fields": {"PLAN": "zqx-gold"},
                }
            },
        },
        seed,
    )
    assert summary["seconds"] < 60


def test_one_email_identified_and_tracked_in_turns(tmp_path: Path) -> None:
    """Rows of one email that alternate between contact and event, beside others, all arrive in under a minute."""
    lines = []
    for number in range(150):
        lines.append(record({"email": "same@example.com", "first_name": "S", "plan": f"p{number}"}))
        lines.append(record({"email": "same@example.com", "event": "zqx-Turn"}, "tracks"))
        lines.append(record({"email": f"other{number}@example.com", "first_name": "O"}))
    lines += [state(1), state(1, "tracks")]
    summary = run(
        tmp_path,
        lines,
        {
            "streams": {"identifies": {"written": 300}, "tracks": {"written": 150}},
            "contacts": {
                "same@example.com": {
                    "fields": {"PLAN": "p149"},
                    "events": [{"event": "zqx-Turn", "eventdata": ""}] * 150,
                }
            },
        },
        SEED,
        event_key=harness.EVENT_KEY,
    )
    assert summary["seconds"] < 60


def test_events_by_user_id_are_looked_up_once(tmp_path: Path) -> None:
    """2,000 events of 50 users, named by user id only, cost at most 110 requests of look-up."""
    users = [{"email": f"u{n}@example.com", "firstName": "U", "fields": {"EXTERNAL_ID": f"id-{n}"}} for n in range(50)]
    seed = {"fields": [{"title": "External id", "perstag": "EXTERNAL_ID"}], "contacts": users}
    lines = [
        *(record({"user_id": f"id-{n % 50}", "event": "zqx-Turn"}, "tracks") for n in range(2000)),
        state(1, "tracks"),
    ]
    sent = as_platform(lines)
    with emulated_account({}, seed) as server:
        catalog = catalog_of(tracks=("user_id", "event"))
        output = write(tmp_path, connection(server, event_key=harness.EVENT_KEY), catalog, sent)
        expected = {
            "about": "",
            "streams": {"tracks": {"written": 2000}},
            "contacts": {"u7@example.com": {"events": [{"event": "zqx-Turn", "eventdata": ""}] * 40}},
        }
        assert expectations.differences(expected, sent, output, server) == []
        requests = harness.control(server, "GET", "summary")["requests"]
    looked_up = sum(sum(requests.get(f"GET {route}", {}).values()) for route in ("/fieldValues", "/contacts/<number>"))
    assert looked_up <= 110


def test_nameless_rows_are_looked_up_together(tmp_path: Path) -> None:
    """1,500 nameless rows in an account of 2,000 contacts cost at most 0.06 requests a row."""
    seed = {**SEED, "contacts": [{"email": f"p{n}@example.com", "firstName": "P"} for n in range(2000)]}
    lines = [*(record({"email": f"p{n * 2}@example.com", "plan": "gold"}) for n in range(1500)), state(1)]
    summary = run(
        tmp_path,
        lines,
        {
            "streams": {"identifies": {"written": 1000, "rejected": 500}},
            "contacts": {"p1998@example.com": {"fields": {"PLAN": "gold"}}, "p1999@example.com": {"fields": {}}},
            "total": 2000,
        },
        seed,
    )
    assert summary["requests_total"] <= 0.06 * 1500
