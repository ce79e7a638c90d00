"""Custom fields and their values."""

from typing import Any

import pytest

from unit_tests.emulator.account import Driver


@pytest.fixture
def typed(account: Driver) -> Driver:
    """Give an account with a field of every kind and one contact."""
    options = ["Red", "Blue"]
    account.seed(
        fields=[
            {"title": "Text"},
            {"title": "Drop", "type": "dropdown", "options": options},
            {"title": "Many", "type": "listbox", "options": options},
            {"title": "Day", "type": "date"},
            {"title": "Moment", "type": "datetime"},
        ],
        contacts=[{"email": "a@b.co"}],
    )
    return account


def write(account: Driver, field: Any, value: Any) -> Any:
    """Write a value of the contact."""
    return account.send("POST", "/fieldValues", {"fieldValue": {"contact": "1", "field": field, "value": value}})


def test_create_writes_the_perstag_as_the_server_does(account: Driver) -> None:
    """Upper case and no spaces; without one the title gives it."""
    field = {"title": "My Field", "type": "text"}
    assert account.send("POST", "/fields", {"field": field}).json()["field"]["perstag"] == "MY_FIELD"
    other = {"title": "Other", "type": "text", "perstag": "Personalized Tag"}
    reply = account.send("POST", "/fields", {"field": other})
    assert (reply.status, reply.json()["field"]["perstag"]) == (201, "PERSONALIZEDTAG")


def test_a_title_is_unique(account: Driver) -> None:
    """A second field of the title is a duplicate; a field needs title and type."""
    account.seed(fields=[{"title": "Plan"}])
    reply = account.send("POST", "/fields", {"field": {"title": "Plan", "type": "text"}})
    assert (reply.status, reply.json()["errors"][0]["code"]) == (422, "duplicate")
    assert account.send("POST", "/fields", {"field": {"title": "Plan 2"}}).status == 422


def test_a_page_of_fields_is_100(account: Driver) -> None:
    """Unlike other pages."""
    account.seed(fields=[{"title": f"F{number}"} for number in range(110)])
    body = account.get("/fields")
    assert (len(body["fields"]), body["meta"]["total"]) == (100, "110")
    assert len(account.get("/fields", offset=100)["fields"]) == 10


def test_fields_come_with_options_and_relations(typed: Driver) -> None:
    """The field holds their ids, the sideloads what they are."""
    body = typed.get("/fields", **{"filters[perstag]": "DROP"})
    assert [field["title"] for field in body["fields"]] == ["Drop"]
    assert body["fields"][0]["options"] == ["1", "2"]
    assert [option["value"] for option in body["fieldOptions"]] == ["Red", "Blue"]
    assert [rel["relid"] for rel in body["fieldRels"]] == ["0"]
    assert set(typed.get("/fields/2")) == {"field", "fieldOptions", "fieldRels"}


def test_options_are_made_in_bulk(account: Driver) -> None:
    """201 with text ids and the numbers as sent; no array is a plain string error."""
    account.send("POST", "/fields", {"field": {"title": "Size", "type": "dropdown"}})
    option = {"orderid": 1, "value": "L", "label": "Large", "isdefault": False, "field": "1"}
    reply = account.send("POST", "/fieldOption/bulk", {"fieldOptions": [option]})
    assert reply.status == 201
    assert reply.json()["fieldOptions"][0]["id"] == "1"
    assert reply.json()["fieldOptions"][0]["orderid"] == 1
    refused = account.send("POST", "/fieldOption/bulk", {})
    assert (refused.status, type(refused.json()["errors"])) == (422, str)
    unknown = account.send("POST", "/fieldOption/bulk", {"fieldOptions": [{"field": "9", "value": "x"}]})
    assert unknown.status == 422


def test_a_field_is_related_to_lists(account: Driver) -> None:
    """The relation comes and goes; `relid` comes back as it was sent."""
    account.send("POST", "/fields", {"field": {"title": "Size", "type": "text"}})
    reply = account.send("POST", "/fieldRels", {"fieldRel": {"field": 1, "relid": 0}})
    assert (reply.status, reply.json()["fieldRel"]["relid"]) == (201, 0)
    assert account.get("/fieldRels")["meta"]["total"] == "1"
    assert account.get("/fieldRels/1")["fieldRel"]["relid"] == "0"
    assert account.send("DELETE", "/fieldRels/1").status == 200
    assert account.send("DELETE", "/fieldRels/1").json() == {"message": "No Result found for FieldRel with id 1"}
    assert account.send("POST", "/fieldRels", {"fieldRel": {"field": 9, "relid": 0}}).status == 422
    assert account.send("POST", "/fieldRels", {"fieldRel": {"field": 1}}).status == 422


def test_a_field_goes_with_its_values(typed: Driver) -> None:
    """Deleting a field deletes its values, options and relations."""
    write(typed, "2", "Red")
    assert typed.send("PUT", "/fields/2", {"field": {"title": "Drop it", "perstag": "drop it"}}).status == 200
    assert typed.contact("a@b.co")["fields"] == {"DROPIT": "Red"}
    assert typed.send("DELETE", "/fields/2").status == 200
    assert typed.contact("a@b.co")["fields"] == {}
    assert typed.send("GET", "/fields/2").json() == {"message": "No Result found for Field with id 2"}


def test_a_value_is_written_in_place(typed: Driver) -> None:
    """201 and then 200 with the same id; only a real change starts automations."""
    first, second, third = write(typed, "1", "x"), write(typed, 1, "y"), write(typed, "1", "y")
    assert [first.status, second.status, third.status] == [201, 200, 200]
    assert first.json()["fieldValue"]["id"] == third.json()["fieldValue"]["id"]
    assert typed.fired() == {"field_changed": 2}


def test_a_perstag_is_no_id(typed: Driver) -> None:
    """Values are written by field id only, and of contacts that exist."""
    assert write(typed, "TEXT", "x").json() == {"errors": [{"title": "Field id not valid"}]}
    missing = typed.send("POST", "/fieldValues", {"fieldValue": {"contact": "9", "field": "1", "value": "x"}})
    assert missing.status == 404


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("1", "any text", "any text"),
        ("2", "Red", "Red"),
        ("2", "red", None),
        ("2", "||Red||", None),
        ("3", "||Red||Blue||", "||Red||Blue||"),
        ("3", "||Red||", "||Red||"),
        ("3", "||Red||Green||", "||Red||"),
        ("3", "||Green||", None),
        ("3", "Red", None),
        ("4", "2020-05-19", "2020-05-19"),
        ("4", "19.05.2020", None),
        ("4", "20200519", None),
        ("5", "2020-05-19T02:45:00-05:00", "2020-05-19T01:45:00-06:00"),
        ("5", "2020-05-19T07:45:00Z", "2020-05-19T01:45:00-06:00"),
        ("5", "2020-05-19T07:45:00", "2020-05-19T07:45:00-06:00"),
        ("5", "tomorrow", None),
    ],
)
def test_what_a_field_takes(typed: Driver, field: str, value: str, kept: str | None) -> None:
    """Options match exactly, dates have one form, datetimes move into the account's timezone; the rest is dropped."""
    write(typed, field, value)
    assert list(typed.contact("a@b.co")["fields"].values()) == ([] if kept is None else [kept])


def test_values_are_found_by_what_they_are(account: Driver) -> None:
    """Both filters are exact, follow every change, and find nothing without complaint."""
    account.seed(
        fields=[{"title": "Ext"}, {"title": "Other"}],
        contacts=[{"email": f"u{number}@b.co", "fields": {"EXT": f"x{number}"}} for number in range(30)],
    )

    def found(**query: Any) -> list[str]:
        return [value["contact"] for value in account.get("/fieldValues", **query)["fieldValues"]]

    one = {"filters[fieldid]": 1, "filters[val]": "x7"}
    assert found(**one) == ["8"]
    assert found(**{"filters[val]": "x7"}) == ["8"]
    assert found(**{"filters[fieldid]": 2, "filters[val]": "x7"}) == []
    assert len(found(**{"filters[fieldid]": 1, "limit": 100})) == 30
    account.send("PUT", "/fieldValues/8", {"fieldValue": {"value": "moved"}})
    assert found(**one) == []
    assert found(**{"filters[fieldid]": 1, "filters[val]": "moved"}) == ["8"]
    account.send("POST", "/fieldValues", {"fieldValue": {"contact": "1", "field": "1", "value": "x7"}})
    assert found(**one) == ["1"]
    account.send("DELETE", "/contacts/1")
    assert account.get("/fieldValues", **one)["meta"] == {"total": "0"}


def test_a_value_is_deleted_by_its_id(typed: Driver) -> None:
    """The documented way to clear a field; written again it has a new id."""
    write(typed, "1", "x")
    assert typed.get("/fieldValues/1")["fieldValue"]["value"] == "x"
    assert typed.send("DELETE", "/fieldValues/1").json() == {}
    again = typed.send("DELETE", "/fieldValues/1")
    assert again.json() == {"message": "No Result found for FieldValue with id 1"}
    assert write(typed, "1", "x").json()["fieldValue"]["id"] == "2"
    assert typed.get("/contacts/1/fieldValues")["fieldValues"][0]["id"] == "2"
