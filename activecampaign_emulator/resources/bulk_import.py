"""The bulk import's three routes. What an import writes is in `import_rows`, when in `imports`."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator import clock
from activecampaign_emulator.import_rows import is_importable, refusal
from activecampaign_emulator.imports import Job, seconds_needed, shown_status
from activecampaign_emulator.replies import HTML_TYPE, ApiError, Reply, import_refused, json_reply
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

CONTACTS_LIMIT: Final = 250
BYTES_LIMIT: Final = 400_000


@emulates("POST", "/import/bulk_import", evidence="recorded", note="texts of refusals beyond emails are assumed")
def submit(account: Account, request: Request) -> Reply:
    """Queue up to 250 contacts; one bad row refuses them all."""
    payload = request.parsed
    rows = payload.get("contacts") if isinstance(payload, dict) else None
    account.quotas.take_import(account.options, len(rows) if isinstance(rows, list) else 0, account.uptime)
    _check_whole(request, rows)
    emails = frozenset(
        row["email"].lower() for row in rows or () if isinstance(row, dict) and isinstance(row.get("email"), str)
    )
    _check_rows(account, rows or [], emails)
    if account.faults.emails("always_500_email", emails, account.random):
        raise ApiError(500, {"message": "Internal Server Error"})
    job = _job(account, payload, emails)
    account.imports.submit(job)
    queued = sum(is_importable(account, row["email"]) for row in job.rows)
    body = {"success": 1, "queued_contacts": queued, "batchId": job.batch_id, "message": "Contact import queued"}
    # JSON, but this is the content type it was recorded with.
    return json_reply(200, body, HTML_TYPE)


def _check_whole(request: Request, rows: object) -> None:
    if len(request.body) >= BYTES_LIMIT:
        raise import_refused([f"The request body must be smaller than {BYTES_LIMIT} bytes."])
    if request.parsed is None:
        raise import_refused(["The JSON payload could not be parsed."])
    if not isinstance(rows, list) or not rows:
        raise import_refused(["Field 'contacts' not found"])
    if len(rows) > CONTACTS_LIMIT:
        raise import_refused([f"Up to {CONTACTS_LIMIT} contacts may be included in a single request."])


def _check_rows(account: Account, rows: list[Any], emails: frozenset[str]) -> None:
    scripted = account.faults.emails("refuse_email", emails, account.random)
    reasons = []
    for place, row in enumerate(rows, start=1):
        reason = refusal(row)
        if reason is None and row["email"].lower() in scripted:
            reason = "Field 'email' incorrect format"
        if reason is not None:
            reasons.append({"contact": place, "failureReason": reason})
    if reasons:
        raise import_refused(reasons)


def _job(account: Account, payload: dict[str, Any], emails: frozenset[str]) -> Job:
    rows = payload["contacts"]
    job = Job(
        batch_id=str(uuid.UUID(int=account.random.getrandbits(128), version=4)),
        rows=rows,
        # Where the switch belongs is open: the vendor shows it inside each contact, others send it at the top.
        excluded=payload.get("exclude_automations") in (True, 1, "1", "true"),
        day=clock.day(account.now, account.options.account_timezone_offset),
        submitted=account.uptime,
        seconds=seconds_needed(account.options, len(rows), account.random),
        failing=account.faults.emails("fail_email", emails, account.random),
    )
    fault = account.faults.ending(account.random)
    if fault is None:
        return job
    if fault.kind == "import_takes":
        job.seconds = fault.seconds or 0.0
    elif fault.kind == "import_waits":
        job.held_until = account.uptime + (math.inf if fault.seconds is None else fault.seconds)
    else:
        job.ending = "failed" if fault.kind == "import_fails" else "interrupted"
    return job


@emulates("GET", "/import/bulk_import", evidence="documented", note="days are those of submission (assumed)")
def overview(account: Account, _request: Request) -> Reply:
    """Give daily sums of what is outstanding and what is done."""
    imports = account.imports
    return json_reply(
        200,
        {"outstanding": imports.by_day("waiting", "active"), "recentlyCompleted": imports.by_day("completed")},
    )


@emulates("GET", "/import/info", evidence="documented", note="the answer to an unknown batchId is assumed")
def info(account: Account, request: Request) -> Reply:
    """Give an import's status, the ids it wrote and the emails it did not."""
    batch_id = request.argument("batchId")
    if not batch_id:
        raise ApiError(400, {"success": 0, "message": "'batchId' is a required field."})
    job = account.imports.jobs.get(batch_id)
    if job is None:
        return json_reply(200, {"status": False, "success": [], "failure": []})
    success = [str(number) for number in job.success]
    return json_reply(
        200, {"status": shown_status(job, account.uptime), "success": success, "failure": list(job.failure)}
    )
