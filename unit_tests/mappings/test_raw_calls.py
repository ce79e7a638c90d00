"""How raw calls take their own mapping."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.account import Field
from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import MappedContact, MappedEvent, MappedVisit
from destination_activecampaign.mappings.identify import Identify, IdentifySettings
from destination_activecampaign.mappings.page import Page
from destination_activecampaign.mappings.raw_calls import RawCalls, without_call_columns
from destination_activecampaign.mappings.track import Track
from unit_tests.mappings.factories import a_stream, an_account, rules

NOW = 1_738_317_600.0
SHAPE = a_stream("TYPE", "MESSAGE_ID", "USER_ID", "EVENT", "TRAITS", "PROPERTIES", "CONTEXT")
TYPE_FIELD = Field(1, "Type", "text", "TYPE")
CITY = Field(2, "City", "text", "CITY")


def some_calls() -> RawCalls:
    """Return raw calls into an account that has a field called like a call's own column."""
    account = an_account(TYPE_FIELD, CITY)
    identify = Identify(SHAPE, without_call_columns(SHAPE, rules()), account, IdentifySettings())
    return RawCalls(SHAPE, identify, Track(SHAPE), Page(SHAPE))


def test_each_call_takes_its_own_mapping() -> None:
    """By its type, in any case."""
    calls = some_calls()
    context = {"traits": {"email": "a@b.co"}}
    identified = calls.map({"TYPE": "identify", "TRAITS": '{"email": "a@b.co", "city": "Rome"}', "USER_ID": "u"}, NOW)
    tracked = calls.map({"TYPE": " Track ", "EVENT": "E", "MESSAGE_ID": "m", "CONTEXT": context}, NOW)
    visited = calls.map({"TYPE": "page", "PROPERTIES": {"url": "https://x.co"}, "CONTEXT": context}, NOW)
    assert isinstance(identified, MappedContact)
    assert identified.change.fields == {CITY.id: "Rome"}
    assert identified.user_id == "u"
    assert isinstance(tracked, MappedEvent)
    assert (tracked.email, tracked.event, tracked.message_id) == ("a@b.co", "E", "m")
    assert isinstance(visited, MappedVisit)
    assert visited.domain == "x.co"


@pytest.mark.parametrize("type_", ["group", "alias", "screen", "", None, 5])
def test_other_calls_are_rejected(type_: Any) -> None:
    """ActiveCampaign has no place for them."""
    with pytest.raises(RecordRejected) as rejected:
        some_calls().map({"TYPE": type_, "TRAITS": {"email": "a@b.co"}}, NOW)
    assert (rejected.value.reason, rejected.value.field) == ("call_type_unsupported", "TYPE")


def test_the_plan_tells_all_three() -> None:
    """Each column with its call."""
    columns = list(some_calls().columns())
    assert ("USER_ID", "identify userId") in columns
    assert ("EVENT", "track event") in columns
    assert some_calls().unmatched == {}
    assert len(some_calls().notes) == 1
