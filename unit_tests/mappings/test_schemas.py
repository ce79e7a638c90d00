"""What `discover` publishes leads back to the fields it came from."""

from __future__ import annotations

from jsonschema import Draft7Validator

from destination_activecampaign.api.account import ContactList, Directory, Field
from destination_activecampaign.mappings.base import NO_RULES, MappedContact, StreamShape
from destination_activecampaign.mappings.identify import Identify, IdentifySettings
from destination_activecampaign.mappings.schemas import contact_schema, event_schema, page_view_schema

DIRECTORY = Directory(
    fields=(
        Field(1, "Plan", "text", "PLAN"),
        Field(2, "Colour", "dropdown", "COLOUR", ("red", "blue")),
        Field(3, "Sizes", "checkbox", "SIZES", ("S", "M")),
        Field(4, "Born", "date", "BORN"),
        Field(5, "Company", "text", "COMPANY"),
        Field(6, "E-mail", "text", "EMAIL"),
    ),
    lists=(ContactList(1, "News", "news"),),
)


def test_schemas_are_valid() -> None:
    """Each is a JSON schema."""
    for schema in (contact_schema(DIRECTORY), event_schema(), page_view_schema()):
        Draft7Validator.check_schema(schema)


def test_options_and_formats_are_told() -> None:
    """The mapping page shows what a field takes."""
    properties = contact_schema(DIRECTORY)["properties"]
    assert properties["COLOUR"]["enum"] == ["red", "blue"]
    assert properties["SIZES"]["items"]["enum"] == ["S", "M"]
    assert properties["BORN"]["format"] == "date"


def test_a_field_that_reads_like_an_input_goes_by_its_id() -> None:
    """A column of that name would land in the input, or nowhere."""
    properties = contact_schema(DIRECTORY)["properties"]
    assert {"field_5", "field_6"} <= set(properties)
    assert not {"COMPANY", "EMAIL"} & set(properties)


def test_every_property_of_a_field_is_mapped_to_it() -> None:
    """Columns that are named as published write the field they were published for."""
    properties = contact_schema(DIRECTORY)["properties"]
    row = {"email": "a@example.com", "firstName": "Ann", "PLAN": "gold", "COLOUR": "red", "SIZES": ["S"]}
    row |= {"BORN": "2001-02-03", "field_5": "Acme", "field_6": "b"}
    mapping = Identify(StreamShape("any", None, properties), NO_RULES, DIRECTORY, IdentifySettings())
    mapped = mapping.map(row)
    assert isinstance(mapped, MappedContact)
    expected = {1: "gold", 2: "red", 3: "||S||", 4: "2001-02-03", 5: "Acme", 6: "b"}
    assert (mapped.change.fields, mapped.refused) == (expected, ())
