"""Lists are read to their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from destination_activecampaign.api import pages
from destination_activecampaign.api.request import Request
from destination_activecampaign.errors import UnexpectedResponse
from unit_tests.api.fakes import FakeTransport, answer

if TYPE_CHECKING:
    from destination_activecampaign.api.client import Client


@pytest.mark.parametrize("total", ["250", 250])
def test_pages_are_read_to_the_last(client: Client, transport: FakeTransport, total: object) -> None:
    """`meta.total` is text or a number."""
    for start, count in ((0, 100), (100, 100), (200, 50)):
        tags = [{"id": str(start + number)} for number in range(count)]
        transport.script.append(answer(200, {"tags": tags, "meta": {"total": total}}))
    assert len(list(pages.objects(client, Request("GET", "/tags"), "tags"))) == 250
    assert [sent.url.partition("?")[2] for sent in transport.sent] == [
        "limit=100&offset=0",
        "limit=100&offset=100",
        "limit=100&offset=200",
    ]


def test_a_server_with_smaller_pages_is_followed(client: Client, transport: FakeTransport) -> None:
    """A short page is not the last while the total says more."""
    for start in (0, 20):
        transport.script.append(answer(200, {"tags": [{"id": start + i} for i in range(20)], "meta": {"total": "40"}}))
    assert len(list(pages.objects(client, Request("GET", "/tags"), "tags"))) == 40


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
