"""Events and site visits: trackcmp.net, which takes them, and the routes of the API that govern them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from destination_activecampaign.api import answers, pages
from destination_activecampaign.api.api_url import normalise_api_url
from destination_activecampaign.api.classify import classify_event, classify_visit, is_duplicate
from destination_activecampaign.api.client import Client, Request
from destination_activecampaign.api.clock import Clock, SystemClock
from destination_activecampaign.api.quotas import Lane
from destination_activecampaign.errors import (
    AuthenticationError,
    ConfigError,
    RequestRefused,
    ServerError,
    TransientError,
    UnexpectedResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.api.transport import HttpResponse

TRACKING_URL = "https://trackcmp.net"
_ACTID = re.compile(r"setAccount['\"]\s*,\s*['\"]?(\d+)")
_FORM = "application/x-www-form-urlencoded"
# A route that may be missing is not waited for.
_OPTIONAL_SECONDS = 30.0


class Tracking:
    """Events and visits of one account.

    `actid`: the account's number at trackcmp.net; `event_key`: the key of events, which is not the API key.
    """

    def __init__(
        self,
        client: Client,
        *,
        actid: str = "",
        event_key: str = "",
        base_url: str = TRACKING_URL,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._actid = actid
        self._event_key = event_key
        try:
            self._base = normalise_api_url(base_url)
        except ConfigError:
            raise ConfigError(
                f"`tracking_url` is not where events can be sent: it begins with https:// and ends after the host. "
                f"Leave it at {TRACKING_URL} unless you use a proxy."
            ) from None
        self._clock = clock or SystemClock()

    def __repr__(self) -> str:
        return f"Tracking({self._base!r}, actid={self._actid!r}, event_key='***')"

    def event(self, email: str, event: str, eventdata: str | None = None, *, safe_to_repeat: bool = True) -> None:
        """Record an event of the contact (`POST /event`, documented: a form, no time, no batch).

        `event`: at most 32 characters (documented). Raises RequestRefused where it is not taken, and TransientError
        where that is unknown: with `safe_to_repeat` an event whose answer was lost is sent again, and may count twice.
        """
        form = {
            "actid": self._actid,
            "key": self._event_key,
            "event": event,
            "visit": json.dumps({"email": email}, ensure_ascii=False),
        }
        if eventdata is not None:
            form["eventdata"] = eventdata
        request = Request(
            "POST",
            "/event",
            body=urlencode(form, quote_via=quote, safe="").encode(),
            content_type=_FORM,
            lane=Lane.TRACKING,
            safe_to_repeat=safe_to_repeat,
            base=self._base,
        )

        def read(route: str, response: HttpResponse) -> None:
            classify_event(route, response, now=self._clock.time())

        self._client.perform(request, read)

    def visit(self, email: str, url: str, referrer: str = "", *, safe_to_repeat: bool = True) -> None:
        """Send a page visit (`GET /visit`, observed: the browser's beacon). Any 2xx is all that can be known."""
        request = Request(
            "GET",
            "/visit",
            params=(("actid", self._actid), ("e", email), ("r", referrer), ("u", url)),
            lane=Lane.TRACKING,
            safe_to_repeat=safe_to_repeat,
            base=self._base,
        )

        def read(route: str, response: HttpResponse) -> None:
            classify_visit(route, response, now=self._clock.time())

        self._client.perform(request, read)

    def local_event(self, email: str, when: str, url: str, referrer: str = "", *, safe_to_repeat: bool = True) -> None:
        """Record a page visit with its own time (`POST /localevent`, documented; its use by an ordinary key assumed).

        `when`: ISO-8601 with an offset. The place of `referrer` inside `input` is assumed.
        """
        visited = {"event": "__pagevisit", "url": url}
        if referrer:
            visited["referrer"] = referrer
        recorded = {"email": email, "tstamp": when, "input": json.dumps(visited, ensure_ascii=False)}
        body = answers.body({"localEvent": recorded})
        self._client.send(Request("POST", "/localevent", body=body, safe_to_repeat=safe_to_repeat))

    def event_tracking_enabled(self) -> bool:
        """Tell whether the account stores events (`GET /eventTracking`, documented)."""
        return self._enabled("/eventTracking", "eventTracking")

    def site_tracking_enabled(self) -> bool:
        """Tell whether the account stores visits (`GET /siteTracking`, documented)."""
        return self._enabled("/siteTracking", "siteTracking")

    def event_names(self) -> tuple[str, ...]:
        """Return the registered event names (`GET /eventTrackingEvents`, documented; paging assumed)."""
        request = Request("GET", "/eventTrackingEvents", lane=Lane.LOOKUP)
        found = (answers.text(item, "name") for item in pages.objects(self._client, request, "eventTrackingEvents"))
        return tuple(dict.fromkeys(found))

    def create_event_name(self, name: str) -> None:
        """Register an event name (`POST /eventTrackingEvents`, documented). It exists: success (its answer assumed)."""
        body = answers.body({"eventTrackingEvent": {"name": name}})
        try:
            self._client.send(Request("POST", "/eventTrackingEvents", body=body, expects="eventTrackingEvent"))
        except (RequestRefused, ServerError) as error:
            if not is_duplicate(error) and name not in self.event_names():
                raise

    def actid_from_code(self) -> str:
        """Return the account's number at trackcmp.net, from `GET /siteTracking/code` (text, documented)."""
        request = Request("GET", "/siteTracking/code", lane=Lane.LOOKUP)
        found = _ACTID.search(self._client.text(request).replace("\\", ""))
        if found is None:
            raise UnexpectedResponse(f"{request.name}: the tracking code holds no account number.")
        return found[1]

    def whitelisted_domains(self) -> set[str] | None:
        """Return the domains whose visits are stored, lower case, of both lists of the API; None if none can be read.

        `GET /prism/urlWhitelistings` (documented) is the present list, `GET /siteTrackingDomains` (documented) the
        older one.
        """
        read = [found for found in (self._url_whitelistings(), self._site_tracking_domains()) if found is not None]
        return set().union(*read) if read else None

    def whitelist_domain(self, name: str) -> None:
        """Have visits of a domain stored. It is whitelisted already: success (409, documented).

        An account without the present list takes it on the older one.
        """
        attributes = {"whitelisted_domain": name, "whitelisted_page": "*", "tracking_enabled": True}
        body = answers.body({"data": {"type": "urlWhitelistings", "attributes": attributes}})
        try:
            self._client.send(Request("POST", "/prism/urlWhitelistings", body=body, optional=True))
        except RequestRefused as error:
            if not is_duplicate(error):
                raise
        except (ConfigError, TransientError):
            older = answers.body({"siteTrackingDomain": {"name": name}})
            self._client.send(Request("POST", "/siteTrackingDomains", body=older))

    def _enabled(self, route: str, key: str) -> bool:
        request = Request("GET", route, lane=Lane.LOOKUP, expects=key)
        enabled = answers.member(self._client.send(request), key, request.name).get("enabled")
        return str(enabled).lower() in ("true", "1")

    def _url_whitelistings(self) -> set[str] | None:
        """JSON:API, `data[].attributes` (documented for its POST, assumed for its GET)."""
        items = self._optional("/prism/urlWhitelistings", "data")
        if items is None:
            return None
        attributes = (item.get("attributes") for item in items)
        return _domains(answers.text(found, "whitelisted_domain") for found in attributes if isinstance(found, dict))

    def _site_tracking_domains(self) -> set[str] | None:
        items = self._optional("/siteTrackingDomains", "siteTrackingDomains")
        return None if items is None else _domains(answers.text(item, "name") for item in items)

    def _optional(self, route: str, key: str) -> list[dict[str, object]] | None:
        request = Request("GET", route, lane=Lane.LOOKUP, optional=True)
        try:
            return list(pages.objects(self._client, request, key, deadline_seconds=_OPTIONAL_SECONDS))
        except (AuthenticationError, ConfigError, RequestRefused, TransientError, UnexpectedResponse):
            return None


def _domains(names: Iterator[str]) -> set[str]:
    """Return host names: an entry may have been typed with a scheme or a path."""
    hosts = (urlsplit(name if "//" in name else f"//{name}").netloc.lower() for name in names)
    return {host for host in hosts if host}
