"""Lists are read to their end, and one without an end is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from destination_activecampaign.api import pages
from destination_activecampaign.api.contacts import FOUND_PAGES, Contacts
from destination_activecampaign.api.directory import read_fields, read_lists, read_tags
from destination_activecampaign.api.request import Request
from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.errors import UnexpectedResponse
from unit_tests.api.fakes import EMAIL, FakeTransport, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from destination_activecampaign.api.client import Client
    from destination_activecampaign.api.transport import HttpRequest, HttpResponse


def a_list(
    transport: FakeTransport,
    objects: list[dict[str, Any]],
    *,
    total: Callable[[int], object] = str,
    size: int = 100,
    deleted: int = 0,
) -> None:
    """Answer as a route does that takes an offset. After each page so many of the first objects are *deleted*."""

    def turn(sent: HttpRequest) -> HttpResponse:
        offset = int(sent.url.rpartition("offset=")[2])
        page = objects[offset : offset + size]
        told = answer(200, {"tags": page, "meta": {"total": total(len(objects))}})
        del objects[:deleted]
        return told

    transport.by = turn


def tags(count: int) -> list[dict[str, Any]]:
    """Make so many."""
    return [{"id": str(number)} for number in range(1, count + 1)]


def read(client: Client) -> list[int]:
    """Return the ids that are read."""
    return [int(tag["id"]) for tag in pages.objects(client, Request("GET", "/tags"), "tags")]


@pytest.mark.parametrize("total", [str, int])
def test_pages_are_read_to_the_last(client: Client, transport: FakeTransport, total: Callable[[int], object]) -> None:
    """`meta.total` is text or a number. Each page begins with the last object of the one before, which comes once."""
    a_list(transport, tags(250), total=total)
    assert read(client) == list(range(1, 251))
    assert [sent.url.partition("?")[2] for sent in transport.sent] == [
        "limit=100&offset=0",
        "limit=100&offset=99",
        "limit=100&offset=198",
    ]


def test_what_is_deleted_meanwhile_hides_nothing(client: Client, transport: FakeTransport) -> None:
    """A list moves up when its first objects go, a page's worth and more: what stays is read all the same."""
    for deleted in (1, 7, 99, 100, 130):
        a_list(transport, tags(1_000), deleted=deleted)
        found = read(client)
        left = 1 + deleted * sum(1 for _ in transport.sent)
        transport.sent.clear()
        assert set(found) >= set(range(left, 1_001)), deleted


def test_a_list_that_ends_with_what_was_deleted_ends(client: Client, transport: FakeTransport) -> None:
    """Nothing joins an empty page: reading goes back to the beginning, and finds it empty too."""
    a_list(transport, tags(150), deleted=150)
    assert read(client) == list(range(1, 101))
    assert len(transport.sent) == 3


def test_pages_of_one_object_come_to_an_end(client: Client, transport: FakeTransport) -> None:
    """They cannot begin with the one before."""
    a_list(transport, tags(3), size=1)
    assert read(client) == [1, 2, 3]


def test_a_server_with_smaller_pages_is_followed(client: Client, transport: FakeTransport) -> None:
    """A short page is not the last while the total says more."""
    a_list(transport, tags(40), size=20)
    assert read(client) == list(range(1, 41))


def test_without_a_total_a_short_page_is_the_last(client: Client, transport: FakeTransport) -> None:
    """Some routes tell no total."""
    transport.script.append(answer(200, {"contactTags": [{"id": 1}]}))
    assert len(list(pages.objects(client, Request("GET", "/x"), "contactTags"))) == 1


def test_a_route_that_takes_no_offset_ends(client: Client, transport: FakeTransport) -> None:
    """The same page again is the end, and counted once."""
    transport.by = lambda _: answer(200, {"contactTags": [{"id": i} for i in range(150)]})
    assert len(list(pages.objects(client, Request("GET", "/x"), "contactTags"))) == 150
    assert len(transport.sent) == 2


def test_a_page_that_comes_again_though_more_are_due_is_an_error(client: Client, transport: FakeTransport) -> None:
    """Reading half of a contact's lists could resubscribe somebody."""
    transport.by = lambda _: answer(200, {"tags": [{"id": i} for i in range(100)], "meta": {"total": "300"}})
    with pytest.raises(UnexpectedResponse, match="same page"):
        list(pages.objects(client, Request("GET", "/tags"), "tags"))


def test_a_total_that_is_too_high_ends_with_an_empty_page(client: Client, transport: FakeTransport) -> None:
    """Objects that went away meanwhile are not waited for."""
    transport.script.append(answer(200, {"tags": [{"id": 1}], "meta": {"total": "5"}}))
    transport.script.append(answer(200, {"tags": [], "meta": {"total": "5"}}))
    assert len(list(pages.objects(client, Request("GET", "/tags"), "tags"))) == 1


@pytest.mark.parametrize("found", [{"a": 1}, ["x"], "x"])
def test_what_is_no_list_of_objects_is_unexpected(client: Client, transport: FakeTransport, found: object) -> None:
    """Nothing is guessed."""
    transport.script.append(answer(200, {"tags": found}))
    with pytest.raises(UnexpectedResponse):
        list(pages.objects(client, Request("GET", "/tags"), "tags"))


# An account whose lists have no end


def repeated(_: int) -> list[dict[str, Any]]:
    """Give the first page each time."""
    return [an_object(number) for number in range(100)]


def shuffled(count: int) -> list[dict[str, Any]]:
    """Give the first page each time, in another order."""
    return repeated(count)[count % 7 :] + repeated(count)[: count % 7]


def in_turn(count: int) -> list[dict[str, Any]]:
    """Give two pages in turn."""
    return [an_object(number + count % 2 * 100) for number in range(100)]


def new(count: int) -> list[dict[str, Any]]:
    """Give what was not there before, on each page."""
    return [an_object(count * 100 + number) for number in range(100)]


def an_object(number: int) -> dict[str, Any]:
    """Make what every list takes."""
    name = f"n{number}"
    email = f"{name}@example.com"
    return {"id": number + 1, "contact": 7, "field": 3, "list": 5, "tag": 4, "email": email, "name": name, "status": 1}


LISTS: dict[str, Callable[[Client], object]] = {
    "fields": read_fields,
    "tags": read_tags,
    "lists": read_lists,
    "eventTrackingEvents": lambda client: Tracking(client).event_names(),
    "contactTags": lambda client: Contacts(client).contact_tags(7),
    "fieldValues": lambda client: Contacts(client).field_values(7),
    "contactLists": lambda client: Contacts(client).memberships(7),
    "contacts": lambda client: Contacts(client).find(EMAIL),
    "values": lambda client: Contacts(client).find_by_field(3, "u"),
    "all values": lambda client: list(Contacts(client).values_of_field(3)),
    "all contacts": lambda client: list(Contacts(client).list_emails()),
}
KEYS = {"values": "fieldValues", "all values": "fieldValues", "all contacts": "contacts"}


def endless(transport: FakeTransport, key: str, page: Callable[[int], list[dict[str, Any]]], total: object) -> None:
    """Answer every request with the next page of a list."""

    def turn(_: HttpRequest) -> HttpResponse:
        count = len(transport.sent) - 1
        told = total(count) if callable(total) else total
        return answer(200, {key: page(count), **({} if told is None else {"meta": {"total": told}})})

    transport.by = turn


@pytest.mark.parametrize("total", [10**12, "300"])
@pytest.mark.parametrize("page", [repeated, shuffled, in_turn])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_that_brings_nothing_new_ends_every_list(
    client: Client, transport: FakeTransport, name: str, page: Callable[[int], list[dict[str, Any]]], total: object
) -> None:
    """Whatever total is told, and says what to do."""
    endless(transport, KEYS.get(name, name), page, total)
    with pytest.raises(UnexpectedResponse, match=r"support|do not come in the order"):
        LISTS[name](client)
    assert len(transport.sent) <= 3


def test_pages_that_come_again_in_turn_are_no_end(client: Client, transport: FakeTransport) -> None:
    """Without a total only the page before, again, is the end: of a route that takes no offset."""
    endless(transport, "tags", in_turn, None)
    with pytest.raises(UnexpectedResponse, match="same page"):
        read_tags(client)


@pytest.mark.parametrize("total", [None, 10**12, "0", 7])
@pytest.mark.parametrize("name", [name for name in LISTS if not name.startswith("all")])
def test_a_list_without_an_end_is_given_up(
    client: Client, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch, name: str, total: object
) -> None:
    """Also where each page is new; a total that is less than what came is none."""
    monkeypatch.setattr(pages, "MOST_PAGES", 20)
    most = FOUND_PAGES if name in {"contacts", "values"} else 20
    endless(transport, KEYS.get(name, name), new, total)
    with pytest.raises(UnexpectedResponse, match=rf"more than {most} pages"):
        LISTS[name](client)
    assert len(transport.sent) == most + 1


@pytest.mark.parametrize("name", ["all values", "all contacts"])
@pytest.mark.parametrize(
    ("total", "most"), [(None, 70), (400, 20), (2900, 58), (10**12, 70)], ids=["none", "small", "some", "endless"]
)
def test_a_list_of_all_contacts_may_be_twice_as_long_as_it_says(
    client: Client,
    transport: FakeTransport,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    total: int | None,
    most: int,
) -> None:
    """Contacts are added while it is read; an account with millions is not one without end."""
    monkeypatch.setattr(pages, "MOST_PAGES", 20)
    monkeypatch.setattr(pages, "CONTACTS_PAGES", 70)
    endless(transport, KEYS[name], new, lambda count: 10**12 if count and total else total)
    with pytest.raises(UnexpectedResponse, match=rf"more than {most} pages"):
        LISTS[name](client)
    assert len(transport.sent) == most + 1


def test_a_list_of_domains_without_an_end_is_none(client: Client, transport: FakeTransport) -> None:
    """Whether a domain is whitelisted is then not known."""
    transport.by = lambda sent: answer(
        200, {("data" if "prism" in sent.url else "siteTrackingDomains"): repeated(0), "meta": {"total": 10**12}}
    )
    assert Tracking(client).whitelisted_domains() is None
    assert len(transport.sent) == 4
