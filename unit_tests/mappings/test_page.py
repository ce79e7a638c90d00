"""How a row becomes a visit."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import TOO_OLD, MappedVisit
from destination_activecampaign.mappings.page import Page, PageSettings
from unit_tests.mappings.factories import a_stream, rules

NOW = 1_738_317_600.0
URL = "https://Shop.example.com:8443/a?b=c#d"


def visited(**columns: Any) -> MappedVisit:
    """Return the visit of a row."""
    visit = Page(a_stream()).map({"email": "a@b.co", **columns}, NOW)
    assert isinstance(visit, MappedVisit)
    return visit


def test_a_row_is_a_visit() -> None:
    """The domain is lower case and has no port; the url stays as it is."""
    row = {"user_id": "u", "url": URL, "referrer": "https://x.com", "messageId": "m", "timestamp": NOW}
    assert visited(**row) == MappedVisit("a@b.co", "u", URL, "https://x.com", "m", NOW, "shop.example.com")


@pytest.mark.parametrize(
    "row",
    [
        {"context_page_url": URL, "context_page_referrer": "r"},
        {"context": {"page": {"url": URL, "referrer": "r"}}},
        {"properties": {"url": URL, "referrer": "r"}},
        {"properties_url": URL, "REFERRER": "r"},
    ],
)
def test_the_url_may_be_in_many_places(row: dict[str, Any]) -> None:
    """Warehouses keep it where Segment put it."""
    assert (visited(**row).url, visited(**row).referrer) == (URL, "r")


def test_a_row_without_a_url_is_told_with_its_column() -> None:
    """The one that an entry of `mappings` names."""
    page = Page(a_stream("link"), rules(link="url"))
    with pytest.raises(RecordRejected) as error:
        page.map({"email": "a@b.co", "link": None}, NOW)
    assert (error.value.reason, error.value.field) == ("url_missing", "link")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"url": None}, "url_missing"),
        ({}, "url_missing"),
        ({"url": "shop.example.com"}, "url_invalid"),
        ({"url": "ftp://x.com"}, "url_invalid"),
        ({"url": "https:///a"}, "url_invalid"),
        ({"url": "https://[::1"}, "url_invalid"),
        ({"url": "https://x.com:abc/"}, "url_invalid"),
        ({"url": "https://x.com/a b"}, "url_invalid"),
        ({"url": "https://x.com/\n"[:-1] + "\x00"}, "url_invalid"),
        ({"url": {"a": 1}}, "url_invalid"),
        ({"url": URL, "email": None}, "contact_key_missing"),
        ({"url": URL, "email": "x"}, "email_invalid"),
    ],
)
def test_what_is_missing_or_wrong_rejects_the_row(row: dict[str, Any], reason: str) -> None:
    """Each with its reason."""
    with pytest.raises(RecordRejected) as rejected:
        visited(**row)
    assert rejected.value.reason == reason


@pytest.mark.parametrize("referrer", ["https://x.com/\x00", "\ud800", {"a": 1}])
def test_a_referrer_that_is_no_text_is_told(referrer: object) -> None:
    """The visit is sent without it."""
    visit = visited(url=URL, REFERRER=referrer)
    assert visit.referrer == ""
    assert [(part.reason, part.field) for part in visit.refused] == [("invalid_value", "REFERRER")]


def test_old_visits_are_skipped() -> None:
    """As events are."""
    page = Page(a_stream(), settings=PageSettings(skip_events_older_than=1))
    assert page.map({"email": "a@b.co", "url": URL, "timestamp": NOW - 90_000}, NOW) == TOO_OLD


def test_a_page_has_no_unmatched_columns() -> None:
    """A visit has no more than its url and referrer."""
    page = Page(a_stream("email", "url", "title"))
    assert dict(page.columns()) == {"email": "email", "url": "url"}
    assert (page.unmatched, page.notes, page.feeds("url")) == ({}, [], True)
