"""Reads lists page by page, to their end. What one request does is `client`'s."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from destination_activecampaign.api.client import Client
from destination_activecampaign.api.request import Request
from destination_activecampaign.errors import UnexpectedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

# The most that one page holds; a larger limit is capped without a word (observed).
PAGE = 100


def objects(
    client: Client, request: Request, key: str, deadline_seconds: float | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the objects under *key* of all pages."""
    for answer in answers(client, request, key, deadline_seconds):
        yield from answer[key]


def answers(
    client: Client, request: Request, key: str, deadline_seconds: float | None = None
) -> Iterator[dict[str, Any]]:
    """Yield all pages as they came: what stands beside *key* belongs to its objects.

    `meta.total` is text on most routes, a number on some, missing on some (observed); where it is missing the first
    page that is not full is the last. Raises UnexpectedResponse where a page comes again although more were due.
    """
    seen = 0
    previous: list[dict[str, Any]] | None = None
    while True:
        params = (*request.params, ("limit", str(PAGE)), ("offset", str(seen)))
        answer = client.send(replace(request, params=params, expects=key), deadline_seconds)
        page = _objects(answer[key], request.name)
        total = _total(answer)
        if page and page == previous:
            # A route that takes no offset (assumed for some below /contacts/{id}) sends everything each time.
            if total is not None and total > seen:
                raise UnexpectedResponse(f"{request.name}: the same page came twice.")
            return
        yield answer
        seen += len(page)
        if not page or (seen >= total if total is not None else len(page) < PAGE):
            return
        previous = page


def _objects(found: object, route: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UnexpectedResponse(f"{route}: ActiveCampaign's answer is not a list of objects.")
    return found


def _total(answer: dict[str, Any]) -> int | None:
    meta = answer.get("meta")
    try:
        return int(meta["total"]) if isinstance(meta, dict) else None
    except (KeyError, TypeError, ValueError):
        return None
