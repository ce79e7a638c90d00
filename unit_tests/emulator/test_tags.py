"""Tags, and tags on contacts."""

from typing import Any

import pytest

from unit_tests.emulator.account import Driver


def names(account: Driver, **query: Any) -> list[str]:
    """Give the names that a search finds."""
    return [tag["tag"] for tag in account.get("/tags", **query)["tags"]]


def test_create_is_201(account: Driver) -> None:
    """A new tag has an id and no contacts."""
    reply = account.send("POST", "/tags", {"tag": {"tag": "Gold", "tagType": "contact", "description": "d"}})
    assert reply.status == 201
    assert {key: reply.json()["tag"][key] for key in ("id", "tag", "tagType", "subscriber_count")} == {
        "id": "1",
        "tag": "Gold",
        "tagType": "contact",
        "subscriber_count": "0",
    }


def test_a_tag_without_a_type_is_hidden(account: Driver) -> None:
    """It exists, but no list shows it."""
    account.send("POST", "/tags", {"tag": {"tag": "Ghost"}})
    assert names(account) == []
    assert account.get("/tags/1")["tag"]["tag"] == "Ghost"


def test_a_tag_needs_a_name(account: Driver) -> None:
    """The error points at the attribute."""
    reply = account.send("POST", "/tags", {"tag": {"tagType": "contact"}})
    assert (reply.status, reply.json()["errors"][0]["source"]) == (422, {"pointer": "/data/attributes/tag"})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["gold", "Golden", "Blue"]),
        ({"search": "GOLD"}, ["gold", "Golden"]),
        ({"filters[search][eq]": "GOLD"}, ["gold"]),
        ({"filters[search][neq]": "gold"}, ["Golden", "Blue"]),
        ({"filters[search][contains]": "ue"}, ["Blue"]),
        ({"filters[search][starts_with]": "gol"}, ["gold", "Golden"]),
        ({"filters[search][gte]": "gold", "orders[search]": "desc"}, ["Golden", "gold"]),
        ({"filters[search][lt]": "c"}, ["Blue"]),
        ({"orders[search]": "asc"}, ["Blue", "gold", "Golden"]),
    ],
)
def test_search(account: Driver, query: dict[str, str], expected: list[str]) -> None:
    """`search` contains; filters take an operator."""
    account.seed(tags=["gold", "Golden", "Blue"])
    assert names(account, **query) == expected


def test_only_20_tags_come_without_a_limit(account: Driver) -> None:
    """The defect of many clients: a tag on the second page is not seen."""
    account.seed(tags=[f"tag {number}" for number in range(25)])
    assert len(names(account)) == 20
    assert account.get("/tags")["meta"]["total"] == "25"


def test_rename_and_delete(account: Driver) -> None:
    """A tag keeps its contacts through a new name and leaves them when deleted."""
    account.seed(tags=["b"], contacts=[{"email": "a@b.co", "tags": ["a"]}])
    assert account.send("PUT", "/tags/2", {"tag": {"tag": "B"}}).status == 422
    assert account.send("PUT", "/tags/2", {"tag": {"tag": "A!"}}).status == 200
    assert account.contact("a@b.co")["tags"] == ["A!"]
    assert account.send("DELETE", "/tags/2").status == 200
    assert account.contact("a@b.co")["tags"] == []
    assert account.send("GET", "/tags/2").json() == {"message": "No Result found for Tag with id 2"}


def test_tagging_twice_is_one_link(account: Driver) -> None:
    """201 and then 200, with the same id and date; only the first starts automations."""
    account.seed(tags=["t"], contacts=[{"email": "a@b.co"}])
    body = {"contactTag": {"contact": "1", "tag": "1"}}
    first = account.send("POST", "/contactTags", body)
    account.clock.sleep(100)
    second = account.send("POST", "/contactTags", body)
    assert (first.status, second.status) == (201, 200)
    assert set(first.json()) == {"contacts", "contactTag"}
    assert first.json()["contactTag"] == second.json()["contactTag"]
    assert account.fired() == {"tag_added": 1}


@pytest.mark.parametrize(
    ("link", "status"),
    [
        ({"contact": "1", "tag": "gold"}, 400),
        ({"contact": "1"}, 400),
        ({"tag": "1"}, 422),
        ({"contact": "9", "tag": "1"}, 404),
        ({"contact": "1", "tag": "9"}, 404),
    ],
)
def test_tagging_refuses(account: Driver, link: dict[str, str], status: int) -> None:
    """Names are no ids, and both ends must exist."""
    account.seed(tags=["gold"], contacts=[{"email": "a@b.co"}])
    assert account.send("POST", "/contactTags", {"contactTag": link}).status == status


def test_untagging_is_by_the_link(account: Driver) -> None:
    """The link's id is not the tag's; a second time is a 404."""
    account.seed(tags=["a", "b"], contacts=[{"email": "a@b.co", "tags": ["b"]}])
    link = account.get("/contacts/1/contactTags")["contactTags"][0]
    assert (link["id"], link["tag"]) == ("1", "2")
    assert account.get("/contactTags/1")["contactTag"] == link
    assert account.send("DELETE", "/contactTags/1").status == 200
    again = account.send("DELETE", "/contactTags/1")
    assert again.json() == {"message": "No Result found for SubscriberTag with id 1"}
    assert account.fired() == {"tag_removed": 1}
    assert account.get("/tags/2")["tag"]["subscriber_count"] == "0"
