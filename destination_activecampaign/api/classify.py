"""What an answer means: its parsed JSON, or the error it stands for. The only place that looks at a status.

Messages hold the method, the route's template, the status and ActiveCampaign's own error codes; never text of a body,
which may hold values of a row.
"""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from destination_activecampaign.errors import (
    ActiveCampaignError,
    AuthenticationError,
    ConfigError,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerError,
    TransientError,
)

if TYPE_CHECKING:
    from destination_activecampaign.api.transport import HttpResponse

IMPORTS_PAUSE = 60.0
_CODE = re.compile(r"[a-z_]{1,40}")
_AC_ERROR = re.compile(r"[A-Za-z0-9: ]{1,40}")
_PAGE = re.compile(rb"<(!doctype|html)", re.IGNORECASE)
_NOT_JSON = object()
_SUCCESS, _REDIRECT, _SERVER_ERROR = 2, 3, 5


class HtmlAnswer(TransientError):
    """2xx without JSON: a wrong key's login page (observed), or a passing failure. Only `users/me` tells them apart."""


class Forbidden(AuthenticationError):
    """403: a wrong key (documented), a missing right (documented), or a passing hiccup (observed)."""


class NoSuchRoute(ConfigError):
    """404 without ActiveCampaign's JSON: a wrong API URL (observed), or a route this account does not have."""


class ImportsLimited(RateLimited):
    """The quota of imports, which answers 400 rather than 429 (documented)."""


def classify(request_route: str, response: HttpResponse, expects: str | None, *, now: float) -> dict[str, Any]:
    """Return the JSON object of a 2xx answer.

    `request_route`: method and route template; `expects`: the key the object must have, None where any answer will do
    (`{}` for an empty one); `now`: the wall clock, for a Retry-After that is a date. Raises every error of this module,
    AuthenticationError, ConfigError, RateLimited, ServerError, NotFound and RequestRefused.
    """
    raise_for_status(request_route, response, now=now)
    soft_failure = response.headers.get("X-Ac-Error")
    if not response.body.strip():
        if expects is None and soft_failure is None:
            return {}
        # 200 with an empty body and X-Ac-Error is a failure (observed).
        named = f" ({soft_failure})" if soft_failure and _AC_ERROR.fullmatch(soft_failure) else ""
        raise ServerError(f"{request_route}: ActiveCampaign answered with an empty body{named}.")
    parsed = _json(response.body)
    if parsed is _NOT_JSON:
        raise HtmlAnswer(f"{request_route}: ActiveCampaign answered with a page instead of JSON.")
    if expects is None:
        # `{}` is also written `[]` (assumed: PHP writes an empty object so).
        return parsed if isinstance(parsed, dict) else {}
    if not isinstance(parsed, dict) or expects not in parsed:
        raise ServerError(f"{request_route}: ActiveCampaign's answer has no {expects!r}.")
    return parsed


def classify_text(request_route: str, response: HttpResponse, *, now: float) -> str:
    """Return the text of a 2xx answer that is not JSON (`siteTracking/code`, documented)."""
    raise_for_status(request_route, response, now=now)
    if _PAGE.match(response.body.lstrip()):
        raise HtmlAnswer(f"{request_route}: ActiveCampaign answered with a page.")
    return response.body.decode("utf-8", "replace")


def classify_event(request_route: str, response: HttpResponse, *, now: float) -> None:
    """Return if trackcmp.net took the event: JSON `success` 1, "1" or true (documented), or a bare `1` (reported once).

    Everything else is a failure, whatever the status: `{"success":0}` comes with 200 (observed).
    """
    _raise_if_passing(request_route, response, now)
    parsed = _json(response.body)
    success = parsed.get("success") if isinstance(parsed, dict) else parsed
    if _family(response.status) == _SUCCESS and success in (1, "1", True):
        return
    raise_for_status(request_route, response, now=now, key_is_judged=False)
    said = str(parsed.get("message", "")).lower() if isinstance(parsed, dict) else ""
    raise RequestRefused(
        f"{request_route}: the event was not taken{_EVENT_REASONS.get(_first(said, _EVENT_REASONS), '')}.",
        response.status,
        body=None if parsed is _NOT_JSON else parsed,
    )


def classify_visit(request_route: str, response: HttpResponse, *, now: float) -> None:
    """Return for any 2xx: the beacon's answer is not documented and says nothing."""
    raise_for_status(request_route, response, now=now, key_is_judged=False)


# What trackcmp.net's message is about → our words: its own could repeat the event's name.
_EVENT_REASONS = {
    "key": ": check `event_key` and `actid`",
    "account": ": check `actid` and `event_key`",
    "enabled": ": event tracking is off (Settings > Tracking > Event Tracking)",
    "disabled": ": event tracking is off (Settings > Tracking > Event Tracking)",
}


def _first(text: str, words: dict[str, str]) -> str:
    return next((word for word in words if word in text), "")


def raise_for_status(route: str, response: HttpResponse, *, now: float, key_is_judged: bool = True) -> None:
    """Raise what a status outside 2xx means. `key_is_judged`: False where no API key was sent (trackcmp.net)."""
    status = response.status
    if _family(status) == _SUCCESS:
        return
    if _family(status) == _REDIRECT:
        raise ConfigError(
            f"{route}: the server redirects (HTTP {status}). Use https and the exact URL from Settings > Developer."
        )
    _raise_if_passing(route, response, now)
    parsed = _json(response.body)
    if status == HTTPStatus.BAD_REQUEST and _says_rate_limit(parsed):
        raise ImportsLimited(f"{route}: the account's imports per minute are used up.", IMPORTS_PAUSE)
    if key_is_judged:
        _raise_if_account(route, status)
        if status == HTTPStatus.NOT_FOUND and not isinstance(parsed, dict):
            raise NoSuchRoute(
                f"{route}: there is no ActiveCampaign API at this URL (HTTP 404). "
                "Check the API URL: paste it from Settings > Developer."
            )
    codes = _codes(parsed)
    named = f", {', '.join(codes)}" if codes else ""
    refused = NotFound if status == HTTPStatus.NOT_FOUND else RequestRefused
    raise refused(
        f"{route}: ActiveCampaign refused the request (HTTP {status}{named}).",
        status,
        codes,
        None if parsed is _NOT_JSON else parsed,
    )


def is_duplicate(error: ActiveCampaignError) -> bool:
    """Tell whether a refusal says that the object exists already (`duplicate`, documented; or 409, documented)."""
    return isinstance(error, RequestRefused) and ("duplicate" in error.codes or error.status == HTTPStatus.CONFLICT)


def _family(status: int) -> int:
    """Return the first digit; what lies above 5xx (proxies have their own) fails like it."""
    return min(status // 100, _SERVER_ERROR)


def _raise_if_account(route: str, status: int) -> None:
    if status == HTTPStatus.UNAUTHORIZED:
        raise AuthenticationError(f"{route}: ActiveCampaign does not accept the API key (HTTP 401).")
    if status == HTTPStatus.PAYMENT_REQUIRED:
        # Found in no documentation; reported for a lapsed account.
        raise ConfigError(f"{route}: the account's plan or billing does not allow this (HTTP 402).")
    if status == HTTPStatus.FORBIDDEN:
        raise Forbidden(f"{route}: ActiveCampaign does not allow this (HTTP 403).")


def _raise_if_passing(route: str, response: HttpResponse, now: float) -> None:
    status = response.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(f"{route}: the account's requests per second are used up.", _retry_after(response, now))
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY) or _family(status) == _SERVER_ERROR:
        raise ServerError(f"{route}: ActiveCampaign failed (HTTP {status}).", _retry_after(response, now))


def _says_rate_limit(parsed: object) -> bool:
    return isinstance(parsed, dict) and str(parsed.get("message")).lower().startswith("rate limit exceeded")


def _retry_after(response: HttpResponse, now: float) -> float | None:
    """Return the seconds to wait: `Retry-After` (seconds, documented; or a date) or Cloudflare's `retry_after`."""
    asked: object = response.headers.get("Retry-After")
    if asked is None:
        parsed = _json(response.body)
        asked = parsed.get("retry_after") if isinstance(parsed, dict) else None
    try:
        seconds = float(str(asked))
    except ValueError:
        try:
            seconds = parsedate_to_datetime(str(asked)).timestamp() - now
        except ValueError:
            return None
    # A number that is none (nan, inf) asks for nothing.
    return max(0.0, seconds) if seconds < float("inf") else None


def _codes(parsed: object) -> tuple[str, ...]:
    """Return the codes of `{"errors":[{"code":…}]}` that look like codes; other shapes have none."""
    errors = parsed.get("errors") if isinstance(parsed, dict) else None
    if not isinstance(errors, list):
        return ()
    found = [error.get("code") for error in errors if isinstance(error, dict)]
    return tuple(dict.fromkeys(code for code in found if isinstance(code, str) and _CODE.fullmatch(code)))


def _json(body: bytes) -> Any:
    """Parse *body*, whatever its content type: JSON comes as text/html and text/plain too (observed)."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _NOT_JSON
