"""What `discover` publishes leads back to the fields it came from."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from destination_activecampaign.api.account import ContactList, Directory, Field
from destination_activecampaign.mappings.base import NO_RULES, MappedContact, StreamShape
from destination_activecampaign.mappings.identify import Identify, IdentifySettings
from destination_activecampaign.mappings.schemas import contact_schema, operations

DIRECTORY = Directory(
    fields=(
        Field(1, "Plan", "text", "PLAN"),
        Field(2, "Colour", "dropdown", "COLOUR", ("zqx-red", "blue")),
        Field(3, "Sizes", "checkbox", "SIZES", ("S", "M")),
        Field(4, "Born", "date", "BORN"),
        Field(5, "Company", "text", "COMPANY"),
        Field(6, "E-mail", "text", "EMAIL"),
        Field(7, "Customer number", "text", "EXTERNAL_ID"),
    ),
    lists=(ContactList(1, "News", "news"),),
)


def test_schemas_are_valid() -> None:
    """Each is a JSON schema."""
    for operation in operations(DIRECTORY, 7):
        Draft7Validator.check_schema(operation["json_schema"])


def test_each_object_has_its_operations() -> None:
    """Contacts can be upserted, updated and soft-deleted; events and visits happen."""
    assert [(each["object_name"], each["sync_mode"]) for each in operations(DIRECTORY, 7)] == [
        ("contact", "append_dedup"),
        ("contact", "update"),
        ("contact", "soft_delete"),
        ("event", "append"),
        ("page_view", "append"),
    ]


@pytest.mark.parametrize(("field", "keys"), [(7, [["email"], ["userId"]]), (None, [["email"]])])
def test_contacts_are_matched_by_user_id_where_the_account_keeps_it(field: int | None, keys: list[list[str]]) -> None:
    """Each key is a property, too."""
    for operation in operations(DIRECTORY, field)[:3]:
        assert operation["matching_keys"] == keys
        assert all(key in operation["json_schema"]["properties"] for (key,) in keys)


def test_only_a_new_contact_needs_an_email() -> None:
    """A key is chosen for the others; what a soft delete takes is its key alone."""
    upsert, update, soft_delete = (each["json_schema"] for each in operations(DIRECTORY, 7)[:3])
    assert (upsert["required"], update["required"], soft_delete["required"]) == (["email"], [], [])
    assert update["properties"] == upsert["properties"]
    assert list(soft_delete["properties"]) == ["email", "userId"]


def test_the_field_of_the_user_id_is_published_once() -> None:
    """As userId, with its title."""
    properties = contact_schema(DIRECTORY, 7)["properties"]
    assert "EXTERNAL_ID" not in properties
    assert "Customer number" in properties["userId"]["description"]


def test_options_and_formats_are_told() -> None:
    """The mapping page shows what a field takes."""
    properties = contact_schema(DIRECTORY)["properties"]
    assert properties["COLOUR"]["enum"] == ["zqx-red", "blue"]
    assert properties["SIZES"]["items"]["enum"] == ["S", "M"]
    assert properties["BORN"]["format"] == "date"


def test_a_field_that_reads_like_an_input_goes_by_its_id() -> None:
    """A column of that name would land in the input, or nowhere."""
    properties = contact_schema(DIRECTORY)["properties"]
    assert {"field_5", "field_6"} <= set(properties)
    assert not {"COMPANY", "EMAIL"} & set(properties)


def test_every_property_of_a_field_is_mapped_to_it() -> None:
    """Columns that are named as published write the field they were published for."""
    properties = contact_schema(DIRECTORY, 7)["properties"]
    row = {
        "email": "a@example.com",
        "firstName": "Ann",
        "userId": "u-1",
        "PLAN": "gold",
        "COLOUR": "zqx-red",
        "SIZES": ["S"],
    }
    row |= {"BORN": "2001-02-03", "field_5": "Acme", "field_6": "b"}
    mapping = Identify(StreamShape("any", None, properties), NO_RULES, DIRECTORY, IdentifySettings())
    mapped = mapping.map(row)
    assert isinstance(mapped, MappedContact)
    expected = {1: "gold", 2: "zqx-red", 3: "||S||", 4: "2001-02-03", 5: "Acme", 6: "b", 7: "u-1"}
    assert (mapped.change.fields, mapped.refused) == (expected, ())
