"""Rows and checks that several simulated syncs share."""

from __future__ import annotations

import json
from typing import Any

from unit_tests.simulation import ACCOUNT, LATENCY, Finished, record, state

IMPORTS = {"method": "POST", "path": "/import/bulk_import"}
LAST = state("identifies", 1)


def email_of(number: int) -> str:
    """One of many."""
    return f"c{number}@example.com"


def people(count: int, **columns: Any) -> list[dict[str, Any]]:
    """Return a row for each of so many contacts."""
    return [record("identifies", email=email_of(number), firstName="zqx-Ann", **columns) for number in range(count)]


def ada(**columns: Any) -> dict[str, Any]:
    """Return a row of one contact."""
    return record("identifies", **{"email": "ada@example.com", "firstName": "zqx-Ada", **columns})


def an_account(*contacts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the usual account with contacts."""
    return {**ACCOUNT, "contacts": list(contacts), **more}


def refusal(*rows: int, times: int = 1) -> dict[str, Any]:
    """Return a fault: imports are refused, and these rows are named (none: only a text)."""
    reasons: list[Any] = [{"contact": row, "failureReason": "bad"} for row in rows] or ["bad"]
    body = {"success": 0, "message": "JSON payload", "failureReasons": reasons}
    return {**IMPORTS, "kind": "status", "status": 400, "times": times, "body": body}


def emails_sent_twice(finished: Finished) -> set[str]:
    """Return emails that were in an import while one of them was already on its way.

    An import whose answer was lost may be there already: only the very same row may follow it.
    """
    moments: list[tuple[float, int, str, Any]] = []
    for number, exchange in enumerate(finished.exchanges):
        if exchange.is_import():
            moments.append((exchange.sent, number, "sent", exchange))
        elif exchange.path.endswith("/import/info") and exchange.status == 200:
            done = json.loads(exchange.reply)["status"] in ("completed", "failed", "interrupted")
            if done:
                batch = exchange.query.partition("batchId=")[2].partition("&")[0]
                moments.append((exchange.sent + LATENCY, number, "done", batch))
    way: dict[str, tuple[str, Any]] = {}
    twice: set[str] = set()
    for _, _, what, value in sorted(moments, key=lambda moment: moment[:2]):
        if what == "done":
            way = {email: (batch, row) for email, (batch, row) in way.items() if batch != value}
            continue
        answer = json.loads(value.reply) if value.status == 200 and value.reply.startswith(b"{") else {}
        for row in value.rows():
            batch, before = way.get(row["email"], ("", row))
            if batch or before != row:
                twice.add(row["email"])
            if value.status in (0, 200):
                way[row["email"]] = (str(answer.get("batchId", "")), row)
    return twice
