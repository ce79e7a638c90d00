"""Which fields are created for columns."""

from __future__ import annotations

from destination_activecampaign.mappings.missing_fields import missing_fields
from unit_tests.mappings.factories import a_stream, an_account


def test_types_come_from_the_schema() -> None:
    """Numbers and booleans are text: ActiveCampaign documents no other type for them."""
    shape = a_stream(
        born={"type": "string", "format": "date"},
        seen={"type": ["null", "string"], "format": "date-time"},
        score={"type": "number"},
        active={"type": "boolean"},
        nick={"type": "string"},
    )
    created = missing_fields(shape, an_account(), ["born", "SEEN", "score", "active", "nick"])
    assert created == [("born", "date"), ("SEEN", "datetime"), ("score", "text"), ("active", "text"), ("nick", "text")]


def test_only_what_is_missing_is_created() -> None:
    """Not a field that is there, an input, a column of another stream, or one twice."""
    shape = a_stream("plan", "email", "nick")
    assert missing_fields(shape, an_account(), ["plan", "email", "hat", "nick", "NICK"]) == [("nick", "text")]


def test_nested_traits_count() -> None:
    """They are columns like others."""
    shape = a_stream(context={"properties": {"traits": {"properties": {"born": {"format": "date"}}}}})
    assert missing_fields(shape, an_account(), ["born"]) == [("born", "date")]
