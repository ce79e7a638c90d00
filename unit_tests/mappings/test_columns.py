"""Which column goes where."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings import columns as module
from destination_activecampaign.mappings.base import ColumnRule, StreamColumns, StreamShape
from destination_activecampaign.mappings.columns import Columns
from destination_activecampaign.mappings.names import Target, input_finder
from unit_tests.mappings.factories import a_stream, rules

FIND = input_finder(("email", "firstName", "userId", "url", "plan"))


def resolve(name: str) -> Target | None:
    """Return the target that a setting names."""
    return None if name == "ignore" else FIND(name).target or name


def columns_of(*names: str, entry: StreamColumns | None = None, shape: StreamShape | None = None) -> Columns:
    """Return the columns of a stream with these names."""
    return Columns(shape or a_stream(*names), FIND, resolve, str, entry or rules())


def read(row: dict[str, Any], columns: Columns | None = None) -> dict[Target, Any]:
    """Return target → value."""
    return {target: value for target, (_, value) in (columns or columns_of()).read(row).items()}


def test_letters_of_any_script_part_no_names() -> None:
    """Else an undeclared key would be taken for a warehouse form of what it ends with, and told as such."""
    columns = columns_of()
    assert read({"traits": {"plan": "zqx-a"}, "traits Иван Петров plan": "zqx-b"}, columns) == {"plan": "zqx-a"}
    assert columns.notes == []


@pytest.mark.parametrize("name", ["firstName", "FIRST_NAME", "first name", "First-Name"])
def test_names_match_by_letters_and_digits(name: str) -> None:
    """Case and punctuation differ from source to source."""
    assert read({name: "Ada"}) == {"firstName": "Ada"}


@pytest.mark.parametrize("blank", ["", "  \n", None])
def test_blank_text_is_null(blank: Any) -> None:
    """The column is still there."""
    assert read({"email": blank}) == {"email": None}


def test_the_exact_spelling_wins() -> None:
    """Of two columns that normalise alike; said once."""
    columns = columns_of("first_name", "firstName")
    for _ in range(2):
        assert read({"first_name": "x", "firstName": "y"}, columns) == {"firstName": "y"}
    assert columns.notes == ["columns firstName and first_name go to firstName alike: firstName is used"]


def test_else_the_first_in_the_schema_wins() -> None:
    """Whatever the order in a row, and even where it is null."""
    columns = columns_of("FIRST_NAME", "first_name")
    assert read({"first_name": "x", "FIRST_NAME": None}, columns) == {"firstName": None}


def test_an_undeclared_column_is_mapped_by_the_same_rules() -> None:
    """Its decision is made once."""
    columns = columns_of("email")
    assert read({"email": "a", "USER_ID": 1}, columns) == {"email": "a", "userId": 1}


@pytest.mark.parametrize(
    "row",
    [
        {"traits": {"email": "a"}},
        {"context": {"traits": {"email": "a"}}},
        {"properties": {"email": "a"}},
        {"traits": '{"email": "a"}'},
        {"context": '{"traits": {"email": "a"}}'},
        {"traits_email": "a"},
        {"CONTEXT_TRAITS_EMAIL": "a"},
        {"context.traits.email": "a"},
        {"properties_email": "a"},
        {"context_traits": '{"email": "a"}'},
    ],
)
def test_nested_values_and_their_warehouse_forms_are_found(row: dict[str, Any]) -> None:
    """As if they were flat."""
    assert read(row)["email"] == "a"


def test_the_top_level_comes_first() -> None:
    """A null there lets the next level speak."""
    columns = columns_of("context_traits_email", "email")
    nested = {"properties": {"email": "p"}, "context_traits_email": "c"}
    assert read({**nested, "email": "top"}, columns)["email"] == "top"
    assert read({**nested, "email": None}, columns)["email"] == "c"
    assert columns.notes == []


def test_a_page_gives_its_url_only() -> None:
    """Its title is no one's name."""
    assert read({"context": {"page": {"url": "u", "plan": "x"}}, "context_page_plan": "y"}) == {"url": "u"}


@pytest.mark.parametrize("text", ['{"email": ', "[1", "{'email': 'a'}"])
def test_broken_json_rejects_the_row(text: str) -> None:
    """With the column in its reason."""
    with pytest.raises(RecordRejected) as rejected:
        read({"traits": text})
    assert (rejected.value.reason, rejected.value.field) == ("traits_unreadable", "traits")


def test_a_nested_object_that_is_none_is_unmatched() -> None:
    """A column may be called traits and hold a text."""
    columns = columns_of("traits")
    assert read({"traits": "friendly"}, columns) == {}
    assert columns.unmatched == {"traits": 1}


def test_the_platforms_own_columns_never_match() -> None:
    """Not even by a mapping entry."""
    columns = columns_of(entry=rules(_airbyte_raw_id="email"))
    assert read({"_airbyte_raw_id": "x", "_ab_email": "y", "_AIRBYTE_EMAIL": "z"}, columns) == {}
    assert columns.unmatched == {}


def test_a_mapping_entry_names_a_column() -> None:
    """And its target takes nothing else then; said once."""
    columns = columns_of("PLAN_TIER", "plan", entry=rules(plan_tier="plan"))
    assert read({"PLAN_TIER": "gold", "plan": "x"}, columns) == {"plan": "gold"}
    assert columns.notes == ["column plan is not used: the setting mappings gives plan another source"]


def test_a_mapping_entry_names_a_nested_column() -> None:
    """By its path, by its warehouse form, or by its name."""
    for column in ("traits.tier", "traits_tier", "tier"):
        assert read({"traits": {"tier": "gold"}}, columns_of(entry=rules(None, **{column: "plan"}))) == {"plan": "gold"}


def test_a_mapping_entry_drops_a_column() -> None:
    """It is not told as unmatched either."""
    columns = columns_of("email", "noise", entry=rules(email="ignore", noise="ignore"))
    assert read({"email": "a", "noise": "b"}, columns) == {}
    assert columns.unmatched == {}


def test_a_mapping_entry_names_a_nested_object() -> None:
    """A table may keep its properties under another name."""
    columns = columns_of(entry=rules(payload="properties"))
    assert read({"payload": '{"email": "a"}'}, columns)["email"] == "a"


def test_a_mapping_entry_cannot_name_a_column_twice() -> None:
    """A column goes to one field."""
    twice = StreamColumns((ColumnRule("a", "email"), ColumnRule("a", "plan")))
    with pytest.raises(ConfigError):
        columns_of(entry=twice)


def test_columns_of_a_mapping_entry_that_are_not_declared_are_known() -> None:
    """Also those that stand for a nested object, and those that a nested object may hold."""
    entry = rules(PLAN_TEIR="plan", plan="ignore", payload="properties", hat="properties")
    assert columns_of("Plan", "hat", "traits", entry=entry).absent == ["PLAN_TEIR", "payload"]
    assert columns_of("Plan", "hat", entry=rules(plan="plan", HAT="properties")).absent == []


def test_declared_columns_are_known_with_their_path() -> None:
    """Nested objects are not among them, nor is a column that only a row brings."""
    columns = columns_of(shape=a_stream("email", traits={"properties": {"plan": {}}}))
    read({"more": 1}, columns)
    assert columns.known == ["email", "traits.plan"]


@pytest.mark.parametrize(
    ("schema", "known"),
    [
        ({"type": "string"}, (["properties"], "opaque")),
        ({"type": "object", "properties": {}}, (["properties"], "opaque")),
        ({"properties": {"plan": {}}, "additionalProperties": True}, (["properties"], "")),
        ({"properties": {"plan": {}}, "additionalProperties": {"type": "string"}}, (["properties"], "")),
        ({"properties": {"plan": {}}, "additionalProperties": False}, ([], "")),
        ({"properties": {"plan": {}}}, ([], "")),
    ],
)
def test_nested_objects_that_may_hold_more_than_is_declared_are_known(
    schema: dict[str, Any], known: tuple[list[str], str]
) -> None:
    """By the path that their columns have, whatever the stream calls them."""
    columns = columns_of(shape=a_stream("email", payload=schema), entry=rules(payload="properties"))
    assert (columns.open_objects, "opaque" if columns.opaque else "") == known


def test_the_source_of_an_input_is_named() -> None:
    """By its column, also by one that only a mapping entry names; else by its own name."""
    assert columns_of("EMAIL").source("email") == "EMAIL"
    assert columns_of("plan", entry=rules(mail="email")).source("email") == "mail"
    assert columns_of("plan").source("email") == "email"


def test_a_constant_stands_for_every_row() -> None:
    """Before any column, even one that a mapping entry names."""
    columns = columns_of("plan", entry=rules({"plan": "gold"}, tier="plan"))
    assert read({"plan": "x", "tier": "y"}, columns) == {"plan": "gold"}
    assert columns.constants == {"plan"}


def test_declared_nested_columns_are_known_before_the_first_row() -> None:
    """An object that does not declare its inside is opaque."""
    nested = {"type": "object", "properties": {"traits": {"properties": {"email": {}}}}}
    assert "email" in columns_of(shape=a_stream(context=nested))
    assert not columns_of(shape=a_stream(context=nested)).opaque
    assert columns_of("traits").opaque


def test_names_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested objects may use values as keys; targets are found all the same."""
    monkeypatch.setattr(module, "MAX_NAMES", 10)
    columns = columns_of()
    for number in range(100):
        columns.read({"traits": {f"key{number}": 1}})
    assert read({"traits": {"email": "a"}}, columns) == {"email": "a"}
    assert len(columns.unmatched) == 11
    assert columns.unmatched["(more columns)"] == 90


def test_the_rest_of_a_row_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also beyond the names that are remembered; the platform's own columns are not part of it."""
    monkeypatch.setattr(module, "MAX_NAMES", 10)
    columns = columns_of("email")
    row = {"email": "a", **{f"key{number}": number for number in range(100)}, "_airbyte_raw_id": "x"}
    columns.read(row)
    assert columns.rest(row, frozenset()) == {f"key{number}": number for number in range(100)}
