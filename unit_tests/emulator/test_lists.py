"""Lists, memberships and the exclusion list."""

import pytest

from unit_tests.emulator.account import Driver

NEWS = {"name": "News", "stringid": "news", "sender_url": "https://b.co", "sender_reminder": "You signed up."}


def status(account: Driver, wanted: object, contact: str = "1") -> int:
    """Set a status and give that of the answer."""
    body = {"contactList": {"list": 1, "contact": contact, "status": wanted}}
    return account.send("POST", "/contactLists", body).status


@pytest.fixture
def left(account: Driver) -> Driver:
    """Give an account whose contact has left its list."""
    account.seed(lists=[{"name": "News"}], contacts=[{"email": "a@b.co", "lists": {"1": 2}}])
    return account


def test_create_needs_its_four_keys(account: Driver) -> None:
    """201 with all, 422 without one of them."""
    assert account.send("POST", "/lists", {"list": NEWS}).status == 201
    for key in NEWS:
        assert account.send("POST", "/lists", {"list": {**NEWS, key: ""}}).status == 422


def test_lists_are_read_changed_and_deleted(left: Driver) -> None:
    """A deleted list takes its memberships along; the API calls it _List."""
    assert left.send("PUT", "/lists/1", {"list": {"name": "Paper"}}).status == 200
    assert left.get("/lists/1")["list"]["name"] == "Paper"
    assert left.send("DELETE", "/lists/1").json() == {}
    assert left.contact("a@b.co")["lists"] == {}
    assert left.send("GET", "/lists/1").json() == {"message": "No Result found for _List with id 1"}


def test_lists_are_filtered_by_name(account: Driver) -> None:
    """The plain filter contains, eq is exact, both without case."""
    account.seed(lists=[{"name": "News"}, {"name": "Newsletter"}, {"name": "Other"}])
    assert account.get("/lists", **{"filters[name]": "news"})["meta"]["total"] == "2"
    assert account.get("/lists", **{"filters[name][eq]": "news"})["meta"]["total"] == "1"


def test_status_1_resubscribes(left: Driver) -> None:
    """Even who left on their own; integers in the answer, text on reads."""
    body = {"contactList": {"list": "1", "contact": "1", "status": "1"}}
    reply = left.send("POST", "/contactLists", body)
    assert (reply.status, reply.json()["contactList"]["status"]) == (200, 1)
    assert left.get("/contacts/1/contactLists")["contactLists"][0]["status"] == "1"
    assert left.fired() == {"list_subscribed": 1}


def test_a_new_membership_is_201(account: Driver) -> None:
    """As recorded; the second time is 200 and starts no automations."""
    account.seed(lists=[{"name": "News"}], contacts=[{"email": "a@b.co"}])
    assert [status(account, 2), status(account, 2)] == [201, 200]
    assert account.fired() == {"list_unsubscribed": 1}


@pytest.mark.parametrize("wanted", [0, 1, 2, 3, "3"])
def test_four_statuses_are_taken(left: Driver, wanted: object) -> None:
    """Two are documented, the others are accepted too."""
    assert status(left, wanted) == 200


@pytest.mark.parametrize("wanted", [4, -1, "active", None, True])
def test_other_statuses_are_refused(left: Driver, wanted: object) -> None:
    """With a text that does not name the key."""
    assert status(left, wanted) == 422


def test_list_and_contact_must_exist(left: Driver) -> None:
    """The answer names what is missing."""
    body = {"contactList": {"list": 9, "contact": 9, "status": 1}}
    reply = left.send("POST", "/contactLists", body)
    assert reply.status == 400
    assert [error["error"] for error in reply.json()["errors"]] == ["list_not_exist", "contact_not_exist"]


def test_exclusions_are_found_by_phrase(account: Driver) -> None:
    """They are read-only."""
    account.seed(exclusions=["No@b.co", "never@b.co"])
    found = account.get("/lists/exclusions", **{"filters[matchPhrase]": "no@b.co"})
    assert [entry["matchPhrase"] for entry in found["exclusions"]] == ["no@b.co"]
    assert account.get("/lists/exclusions")["meta"]["total"] == "2"
