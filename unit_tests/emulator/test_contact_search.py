"""GET /contacts: filters and pages."""

from typing import Any

import pytest

from unit_tests.emulator.account import Driver


def ids(account: Driver, **query: Any) -> list[str]:
    """Give the ids that a search finds."""
    return [contact["id"] for contact in account.get("/contacts", **query)["contacts"]]


@pytest.fixture
def five(account: Driver) -> Driver:
    """Give an account of five contacts."""
    account.seed(
        lists=[{"name": "L"}, {"name": "M"}],
        contacts=[
            {"email": "e1@b.co", "firstName": "Zoe", "tags": ["t"], "lists": {"1": 1}},
            {"email": "d2@b.co", "lists": {"1": 2}},
            {"email": "c3@x.co", "phone": "555", "lists": {"2": 1}},
            {"email": "b+4@b.co"},
            {"email": "a5@b.co"},
        ],
    )
    return account


def test_by_email_is_exact_and_without_case(five: Driver) -> None:
    """One email finds one contact; the total is text."""
    body = five.get("/contacts", email="E1@b.co")
    assert [contact["id"] for contact in body["contacts"]] == ["1"]
    assert body["meta"]["total"] == "1"
    assert body["meta"]["page_input"]["limit"] == 20
    assert set(body) == {"contacts", "scoreValues", "meta"}


def test_a_plus_must_be_encoded(five: Driver) -> None:
    """A bare + is a space and finds nothing."""
    headers = {"Api-Token": five.key}
    bare = five.emulator.handle("GET", "/api/3/contacts", "email=b+4@b.co", headers).json()
    encoded = five.emulator.handle("GET", "/api/3/contacts", "email=b%2B4@b.co", headers).json()
    assert (len(bare["contacts"]), len(encoded["contacts"])) == (0, 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"email_like": "b.co"}, ["1", "2", "4", "5"]),
        ({"search": "zoe"}, ["1"]),
        ({"search": "555"}, ["3"]),
        ({"listid": 1}, ["1", "2"]),
        ({"listid": 1, "status": 2}, ["2"]),
        ({"listid": 1, "status": -1}, ["1", "2"]),
        ({"status": 1}, ["1", "3"]),
        ({"tagid": 1}, ["1"]),
        ({"ids[]": 3}, ["3"]),
        ({"id_greater": 3}, ["4", "5"]),
        ({"id_less": 3}, ["1", "2"]),
        ({"orders[id]": "DESC"}, ["5", "4", "3", "2", "1"]),
        ({"orders[email]": "ASC"}, ["5", "4", "3", "2", "1"]),
        ({"limit": 2, "offset": 1}, ["2", "3"]),
        ({"filters[created_after]": "2001-01-01T00:00:00Z"}, ["1", "2", "3", "4", "5"]),
        ({"filters[created_before]": "2001-01-01"}, []),
        ({"filters[updated_after]": "2100-01-01T00:00:00Z"}, []),
        ({"filters[updated_before]": "2100-01-01T00:00:00Z"}, ["1", "2", "3", "4", "5"]),
    ],
)
def test_filters(five: Driver, query: dict[str, Any], expected: list[str]) -> None:
    """Each documented filter does what its name says."""
    assert ids(five, **query) == expected


def test_unknown_filters_are_ignored(five: Driver) -> None:
    """A misspelled filter gives everything, without a word."""
    assert len(ids(five, **{"e_mail": "e1@b.co", "filters[email]": "e1@b.co"})) == 5


def test_a_page_is_20_and_at_most_100(account: Driver) -> None:
    """A larger limit is capped silently."""
    account.seed(contacts=[{"email": f"u{number}@b.co"} for number in range(130)])
    assert len(ids(account)) == 20
    assert len(ids(account, limit=500)) == 100
    assert len(ids(account, limit=100, offset=100)) == 30


def test_keyset_paging_skips_the_deleted(five: Driver) -> None:
    """The total counts what is left after the id."""
    five.send("DELETE", "/contacts/4")
    body = five.get("/contacts", **{"orders[id]": "ASC", "id_greater": 2, "limit": 1})
    assert [contact["id"] for contact in body["contacts"]] == ["3"]
    assert body["meta"]["total"] == "2"
