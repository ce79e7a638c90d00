"""Site tracking: its switch, its script, and the domains it takes visits of, which the API keeps in two places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activecampaign_emulator.paging import window
from activecampaign_emulator.records import UrlWhitelisting
from activecampaign_emulator.replies import (
    ApiError,
    Reply,
    errors,
    json_reply,
    missing_attribute,
    not_found,
    text_reply,
)
from activecampaign_emulator.request import as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account


@emulates("GET", "/siteTracking", evidence="documented")
def status(account: Account, _request: Request) -> Reply:
    """Say whether site tracking is on."""
    return json_reply(200, {"siteTracking": {"enabled": account.tracking.site_enabled}})


@emulates("PUT", "/siteTracking", evidence="documented")
def switch(account: Account, request: Request) -> Reply:
    """Turn site tracking on or off."""
    enabled = request.entity("siteTracking").get("enabled")
    if not isinstance(enabled, bool):
        raise ApiError(400, {})
    account.tracking.site_enabled = enabled
    return status(account, request)


@emulates("GET", "/siteTracking/code", evidence="documented", note="whether the id stands in quotes is not known")
def code(account: Account, _request: Request) -> Reply:
    """Give the script for web pages, which names the account's tracking id."""
    script = (
        '<script type="text/javascript">\n'
        f"    pgo('setAccount', '{account.options.actid}');\n"
        "    pgo('setTrackByDefault', true);\n\n"
        "    pgo('process');\n"
        "</script>"
    )
    return text_reply(200, script, "text/plain")


@emulates("GET", "/siteTrackingDomains", evidence="documented", note="that it is paged is assumed")
def domains(account: Account, request: Request) -> Reply:
    """List the domains of the older whitelist; `meta.total` is an integer here."""
    shown = [{"name": name} for name in window(request, account.tracking.domains)]
    return json_reply(200, {"siteTrackingDomains": shown, "meta": {"total": len(account.tracking.domains)}})


@emulates("POST", "/siteTrackingDomains", evidence="documented")
def add_domain(account: Account, request: Request) -> Reply:
    """Whitelist a domain in the older way; 200 and not 201."""
    name = as_text(request.entity("siteTrackingDomain").get("name")).lower()
    if not name:
        raise missing_attribute("name")
    account.tracking.domains[name] = None
    return json_reply(200, {"siteTrackingDomain": {"name": name}})


@emulates("DELETE", "/siteTrackingDomains/<path:name>", evidence="documented", note="404 for an unknown one is assumed")
def remove_domain(account: Account, request: Request) -> Reply:
    """Take a domain off the older whitelist."""
    name = request.parameters["name"].lower()
    if name not in account.tracking.domains:
        raise not_found("SiteTrackingDomain", name)
    del account.tracking.domains[name]
    return Reply(204)


def _shown(one: UrlWhitelisting) -> dict[str, Any]:
    attributes = {
        "whitelisted_domain": one.domain,
        "whitelisted_page": one.page,
        "tracking_enabled": one.tracking_enabled,
    }
    return {"type": "urlWhitelistings", "id": str(one.id), "attributes": attributes}


@emulates("GET", "/prism/urlWhitelistings", evidence="documented", note="that it comes in one piece is assumed")
def whitelistings(account: Account, _request: Request) -> Reply:
    """List the domains of the newer whitelist."""
    return json_reply(200, {"data": [_shown(one) for one in account.tracking.whitelistings]})


@emulates("POST", "/prism/urlWhitelistings", evidence="documented", note="what the 409 says is assumed")
def add_whitelisting(account: Account, request: Request) -> Reply:
    """Whitelist a domain; one that is there already is a conflict."""
    attributes = request.entity("data").get("attributes")
    if not isinstance(attributes, dict) or not attributes.get("whitelisted_domain"):
        raise missing_attribute("whitelisted_domain")
    domain = as_text(attributes["whitelisted_domain"]).lower()
    page = as_text(attributes.get("whitelisted_page", "*"))
    if any((one.domain, one.page) == (domain, page) for one in account.tracking.whitelistings):
        raise errors(409, {"status": "409", "title": "Conflict", "detail": "The URL is whitelisted already."})
    one = UrlWhitelisting(
        account.tracking.whitelistings.next_id, domain, page, attributes.get("tracking_enabled") is not False
    )
    account.tracking.whitelistings.add(one)
    return json_reply(201, {"data": _shown(one)})


@emulates("DELETE", "/prism/urlWhitelistings/<number>", evidence="documented")
def remove_whitelisting(account: Account, request: Request) -> Reply:
    """Take a domain off the newer whitelist."""
    if account.tracking.whitelistings.get(request.number()) is None:
        raise not_found("UrlWhitelisting", request.number())
    account.tracking.whitelistings.remove(request.number())
    return Reply(204)
