"""Event tracking: its switch, and the names of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from activecampaign_emulator.paging import window
from activecampaign_emulator.replies import ApiError, Reply, json_reply, missing_attribute
from activecampaign_emulator.request import as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account


@emulates("GET", "/eventTracking", evidence="documented")
def status(account: Account, _request: Request) -> Reply:
    """Say whether event tracking is on."""
    return json_reply(200, {"eventTracking": {"enabled": account.tracking.events_enabled}})


@emulates("PUT", "/eventTracking", evidence="documented")
def switch(account: Account, request: Request) -> Reply:
    """Turn event tracking on or off."""
    enabled = request.entity("eventTracking").get("enabled")
    if not isinstance(enabled, bool):
        raise ApiError(400, {})
    account.tracking.events_enabled = enabled
    return status(account, request)


@emulates("GET", "/eventTrackingEvents", evidence="documented", note="that it is paged is assumed")
def names(account: Account, request: Request) -> Reply:
    """List the names of events, the tracker's own among them; `meta.total` is an integer here."""
    shown = [{"name": name} for name in window(request, account.tracking.event_names)]
    return json_reply(200, {"eventTrackingEvents": shown, "meta": {"total": len(account.tracking.event_names)}})


@emulates("POST", "/eventTrackingEvents", evidence="documented", note="that a name may come twice is assumed")
def create(account: Account, request: Request) -> Reply:
    """Register the name of an event."""
    name = as_text(request.entity("eventTrackingEvent").get("name"))
    if not name:
        raise missing_attribute("name")
    account.tracking.event_names[name] = None
    return json_reply(201, {"eventTrackingEvent": {"name": name}})


@emulates("DELETE", "/eventTrackingEvents/<path:name>", evidence="documented")
def delete(account: Account, request: Request) -> Reply:
    """Forget the name of an event."""
    name = request.parameters["name"]
    if name not in account.tracking.event_names:
        raise ApiError(400, {})
    del account.tracking.event_names[name]
    return json_reply(200, {})
