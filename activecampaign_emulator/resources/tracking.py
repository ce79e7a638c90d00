"""What trackcmp takes: events and visits, and the one route of the API that records a visit.

On the vendor's side `/event` and `/visit` are on a host of their own; here they are at the server's root.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from activecampaign_emulator import clock
from activecampaign_emulator.records import TrackingLog
from activecampaign_emulator.replies import ApiError, Reply, json_reply, text_reply
from activecampaign_emulator.request import as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

NAME_LIMIT: Final = 32
PAGE_VISIT: Final = "__pagevisit"


@emulates("POST", "/event", tracking=True, evidence="documented", note="only one failure's text is known; see switches")
def event(account: Account, request: Request) -> Reply:
    """Take an event as a form; a JSON body is not understood, parameters in the query are (a client's issue)."""
    given = dict([*request.query, *_form(request)])
    problem = _problem(account, given)
    if problem is not None:
        return _answer(account, 0, problem)
    _store_event(account, given, json.loads(given["visit"])["email"])
    # Whether the event was stored does not show.
    return _answer(account, 1, "Event spawned")


def _form(request: Request) -> list[tuple[str, str]]:
    kind = (request.header("content-type") or "").lower()
    if not kind.startswith("application/x-www-form-urlencoded"):
        return []
    return parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)


def _problem(account: Account, given: dict[str, str]) -> str | None:
    """Give the reason not to take an event; only the first text is known."""
    if not given.get("actid"):
        return "An account ID must be provided."
    if given["actid"] != account.options.actid or given.get("key") != account.options.event_key:
        return "The account ID or key is not valid."
    if not given.get("event"):
        return "An event name must be provided."
    if len(given["event"]) > NAME_LIMIT:
        return f"An event name must not be longer than {NAME_LIMIT} characters."
    if _email_of(given.get("visit", "")) is None:
        return "A visit with an email must be provided."
    return None


def _email_of(visit: str) -> str | None:
    try:
        email = json.loads(visit).get("email")
    except (ValueError, AttributeError):
        return None
    return email if isinstance(email, str) and email else None


def _store_event(account: Account, given: dict[str, str], email: str) -> None:
    if not account.tracking.events_enabled:
        return
    if given["event"] not in account.tracking.event_names:
        if account.options.unknown_event_names == "drop":
            return
        account.tracking.event_names[given["event"]] = None
    entry = TrackingLog("event", given["event"], given.get("eventdata", ""), account.now)
    if _log(account, email, entry):
        account.automations.fired["event"] += 1


def _log(account: Account, email: str, entry: TrackingLog) -> bool:
    """Keep an event or visit, and say whether it is a contact's; those of unknown emails are as switched."""
    contact = account.contact_by_email(email)
    if contact is not None or account.options.unknown_contact_events == "keep":
        account.tracking.add(contact, email, entry)
    return contact is not None


def _answer(account: Account, success: int, message: str) -> Reply:
    if account.options.trackcmp_reply == "digit":
        return text_reply(200, str(success), "text/plain")
    return json_reply(200, {"success": success, "message": message})


@emulates("GET", "/visit", tracking=True, evidence="assumed", note="seen on public pages; its answer tells nothing")
def visit(account: Account, request: Request) -> Reply:
    """Take the visit of a page: `actid`, `e` (email), `u` (URL), `r` (referrer)."""
    if request.argument("actid") == account.options.actid and request.argument("e"):
        entry = TrackingLog("visit", request.argument("u"), request.argument("r"), account.now)
        _store_visit(account, request.argument("e"), entry)
    return text_reply(200, "", "text/javascript")


def _store_visit(account: Account, email: str, entry: TrackingLog) -> None:
    if not account.tracking.site_enabled or not entry.name:
        return
    if not account.options.visits_need_whitelist or _is_whitelisted(account, entry.name):
        _log(account, email, entry)


def _is_whitelisted(account: Account, url: str) -> bool:
    """Say whether the page's domain, or one that it is below, is on either whitelist (the second part is assumed)."""
    host = (urlsplit(url if "://" in url else f"//{url}").hostname or "").lower()
    return any(host == domain or host.endswith(f".{domain}") for domain in account.tracking.whitelisted())


@emulates("POST", "/localevent", evidence="documented", note="made for the tracker; whether usual keys may is open")
def local_event(account: Account, request: Request) -> Reply:
    """Record a visit with its own time; `input` is JSON as text."""
    entity = request.entity("localEvent")
    details = _details(entity.get("input"))
    email = as_text(entity.get("email"))
    time = clock.parse(as_text(entity.get("tstamp")), account.options.account_timezone_offset)
    if not email or time is None or details is None:
        raise ApiError(403, {"message": "Email, tstamp and input must be provided"})
    if details.get("event") == PAGE_VISIT:
        entry = TrackingLog("visit", as_text(details.get("url")), as_text(details.get("referrer")), time)
        _store_visit(account, email, entry)
    return json_reply(201, {})


def _details(text: object) -> dict[str, Any] | None:
    try:
        details = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return details if isinstance(details, dict) else None
