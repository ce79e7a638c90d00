"""GET /contacts: filters, order and paging. Filters that are not known are ignored without a word (seen live)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator import clock
from activecampaign_emulator.bodies import contact_tag_body, field_value_body, membership_body
from activecampaign_emulator.replies import Reply, json_reply
from activecampaign_emulator.resources.contacts import shown
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from activecampaign_emulator.records import Contact
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

ANY_STATUS: Final = "-1"
SORTS: Final[dict[str, Callable[[Contact], Any]]] = {
    "email": lambda contact: contact.email.lower(),
    "first_name": lambda contact: contact.first_name.lower(),
    "last_name": lambda contact: contact.last_name.lower(),
    "cdate": lambda contact: contact.created,
}


@emulates("GET", "/contacts", evidence="recorded", note="filters as documented; offset and keyset paging")
def search(account: Account, request: Request) -> Reply:
    """Give a page of the contacts that meet every filter."""
    page = request.page()
    tests = _tests(account, request)
    after = request.argument_number("id_greater") or 0
    sort, descending = _order(request)
    if request.argument("email"):
        found = account.contact_by_email(request.argument("email"))
        candidates: Iterator[Contact] = iter([found] if found is not None and found.id > after else [])
    else:
        candidates = account.contacts.after(after)
    if tests or sort is not None or descending or request.argument("email"):
        matches = [contact for contact in candidates if all(test(contact) for test in tests)]
        if sort is not None:
            matches.sort(key=sort)
        if descending:
            matches.reverse()
        total, contacts = len(matches), matches[page.offset : page.offset + page.limit]
    else:
        # The common case, walking through the account, must not look at every contact for every page.
        total = account.contacts.count_after(after)
        contacts = list(islice(candidates, page.offset, page.offset + page.limit))
    given, shown_contacts = _sideloads(account, request, contacts)
    body = {
        "scoreValues": [],
        **given,
        "contacts": shown_contacts,
        "meta": {"total": str(total), "page_input": _page_input(request)},
    }
    return json_reply(200, body)


def _sideloads(
    account: Account, request: Request, contacts: list[Contact]
) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Give what `include` names beside the contacts, and the contacts with the ids of it.

    Not documented; seen in many clients, as `include=contactTags.tag,fieldValues`.
    """
    names = {name.partition(".")[0] for name in request.argument("include").split(",")}
    bodies = [shown(account, contact) for contact in contacts]
    if not account.options.contact_sideloads:
        return {}, bodies
    offset = account.options.account_timezone_offset
    given: dict[str, list[dict[str, Any]]] = {}
    for contact, body in zip(contacts, bodies, strict=True):
        hanging = {
            "contactTags": [contact_tag_body(link, offset) for link in contact.tags.values()],
            "fieldValues": [field_value_body(value, offset) for value in contact.values.values()],
            "contactLists": [membership_body(one, contact, offset) for one in contact.lists.values()],
        }
        for name in names & hanging.keys():
            given.setdefault(name, []).extend(hanging[name])
            body[name] = [one["id"] for one in hanging[name]]
    return given, bodies


def _order(request: Request) -> tuple[Callable[[Contact], Any] | None, bool]:
    for key, value in request.query:
        if key.startswith("orders["):
            return SORTS.get(key.removeprefix("orders[").rstrip("]")), value.upper() == "DESC"
    return None, False


def _tests(account: Account, request: Request) -> list[Callable[[Contact], bool]]:
    tests: list[Callable[[Contact], bool]] = [*_text_tests(request), *_time_tests(account, request)]
    ids = {int(text) for name in ("ids[]", "ids") for text in request.arguments(name) if text.isdigit()}
    if ids:
        tests.append(lambda contact: contact.id in ids)
    below = request.argument_number("id_less")
    if below is not None:
        tests.append(lambda contact: contact.id < below)
    tag = request.argument_number("tagid")
    if tag:
        tests.append(lambda contact: tag in contact.tags)
    list_test = _list_test(request)
    return [*tests, list_test] if list_test else tests


def _text_tests(request: Request) -> Iterator[Callable[[Contact], bool]]:
    like = request.argument("email_like").lower()
    if like:
        yield lambda contact: like in contact.email.lower()
    wanted = request.argument("search").lower()
    if wanted:
        yield lambda contact: any(
            wanted in text.lower() for text in (contact.email, contact.first_name, contact.last_name, contact.phone)
        )


def _time_tests(account: Account, request: Request) -> Iterator[Callable[[Contact], bool]]:
    for attribute in ("created", "updated"):
        for word, sign in (("after", 1), ("before", -1)):
            text = request.argument(f"filters[{attribute}_{word}]")
            limit = clock.parse(text, account.options.account_timezone_offset) if text else None
            if limit is not None:
                yield _is_past(attribute, limit, sign)


def _is_past(attribute: str, limit: float, sign: int) -> Callable[[Contact], bool]:
    return lambda contact: (getattr(contact, attribute) - limit) * sign > 0


def _list_test(request: Request) -> Callable[[Contact], bool] | None:
    """Filter by `listid` and `status` (-1 any, 0 unconfirmed, 1 active, 2 unsubscribed, 3 bounced) together."""
    number = request.argument_number("listid")
    text = request.argument("status", ANY_STATUS)
    status = int(text) if text.isdigit() else None
    if not number and status is None:
        return None

    def is_there(contact: Contact) -> bool:
        return any(
            (not number or membership.list == number) and status in {None, membership.status}
            for membership in contact.lists.values()
        )

    return is_there


def _page_input(request: Request) -> dict[str, Any]:
    """Repeat how the request was understood, with integers (recorded)."""
    page = request.page()
    return {
        "segmentid": 0,
        "formid": 0,
        "listid": request.argument_number("listid") or 0,
        "tagid": request.argument_number("tagid") or 0,
        "limit": page.limit,
        "offset": page.offset,
        "search": request.argument("search") or None,
        "sort": None,
        "seriesid": 0,
        "waitid": 0,
        "status": -1,
        "forceQuery": 0,
        "cacheid": "0" * 32,
    }
