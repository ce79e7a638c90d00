"""Reads lists page by page to their end, and notices a list that has none. What one request does is `client`'s."""

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
MOST_PAGES = 2_500
"""Of one list: 250,000 tags, or what else an account has; they take ten minutes at four requests a second."""

CONTACTS_PAGES = 100_000
"""Of a list with all contacts of an account: ten million."""

_TAIL = "Sync again later; if it stays, tell ActiveCampaign's support what was sent for this list."


def objects(
    client: Client, request: Request, key: str, deadline_seconds: float | None = None, *, most: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the objects under *key* of all pages."""
    for answer in answers(client, request, key, deadline_seconds, most=most):
        yield from answer[key]


def answers(
    client: Client, request: Request, key: str, deadline_seconds: float | None = None, *, most: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield all pages as they came: what stands beside *key* belongs to its objects.

    `meta.total` is text on most routes, a number on some, missing on some (observed); where it is missing, or less than
    what came, the first page that is not full is the last. `most`: see `Turning`.

    A page begins with the last object of the page before: what is deleted meanwhile moves the rest of the list up, and
    would be passed by. Where a page does not join, reading goes back; an object may come twice then. Raises
    UnexpectedResponse where a page comes again although more were due.
    """
    offset = read = 0
    before: frozenset[str] = frozenset()
    goes_on = False
    turning = Turning(request.name, most)
    while True:
        params = (*request.params, ("limit", str(PAGE)), ("offset", str(offset)))
        answer = client.send(replace(request, params=params, expects=key), deadline_seconds)
        page = _objects(answer[key], request.name)
        total = total_of(answer)
        names = frozenset(map(_name, page))
        if 0 < offset < read and not names & before:
            turning.count()
            goes_on = bool(page)
            offset = max(offset - PAGE, 0)
            continue
        if page and not turning.turn(page, total, more_due=goes_on or (total is not None and total > read)):
            return
        yield {**answer, key: [item for item in page if _name(item) not in before]}
        read = offset + len(page)
        if not page or (read >= total if total is not None and total >= read else len(page) < PAGE):
            return
        before, goes_on = names, False
        offset = read - 1 if len(page) > 1 else read


class Turning:
    """Counts the pages of one list and knows them again.

    `most`: so many pages at most, MOST_PAGES where it is None. More than those only up to twice as many as the first
    page says: contacts may be added meanwhile.
    """

    def __init__(self, route: str, most: int | None) -> None:
        self._route = route
        self._most = MOST_PAGES if most is None else most
        self._last = 0
        self._count = 0
        # Eight bytes a page, not the page: it may be one of many thousands.
        self._known: set[int] = set()

    def turn(self, page: list[dict[str, Any]], total: int | None, *, more_due: bool) -> bool:
        """Take a page; False for the one before again, which is the end where no more are due.

        A route that takes no offset (assumed for some below /contacts/{id}) sends everything each time. Raises
        UnexpectedResponse for every other page that came before, and for one too many.
        """
        if not self._known and total is not None:
            self._most = min(self._most, max(MOST_PAGES, 2 * -(-total // len(page))))
        # Its objects, in any order.
        this = hash(frozenset(map(_name, page)))
        if this == self._last and this in self._known and not more_due:
            return False
        if this in self._known:
            raise UnexpectedResponse(
                f"{self._route}: ActiveCampaign sends the same page again, and its list should go on. {_TAIL}"
            )
        self.count()
        self._known.add(this)
        self._last = this
        return True

    def count(self) -> None:
        """Count a page. Raises UnexpectedResponse where it is one too many."""
        if self._count >= self._most:
            raise UnexpectedResponse(
                f"{self._route}: more than {self._most} pages came, and no end, or a filter is ignored. {_TAIL}"
            )
        self._count += 1


def total_of(answer: dict[str, Any]) -> int | None:
    """Return how many objects the list has, None where the answer does not tell."""
    meta = answer.get("meta")
    try:
        return int(meta["total"]) if isinstance(meta, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def _name(item: dict[str, Any]) -> str:
    """Return what an object is known again by."""
    return str(item.get("id") or item)


def _objects(found: object, route: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UnexpectedResponse(f"{route}: ActiveCampaign's answer is not a list of objects.")
    return found
