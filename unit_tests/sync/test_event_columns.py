"""What the plan tells of columns of events and visits that no input takes."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.mappings.base import ColumnRule
from destination_activecampaign.mappings.track import TrackSettings
from destination_activecampaign.sync.choice import choose
from destination_activecampaign.sync.plan import MappingSettings, build_plan
from unit_tests.mappings.factories import an_account
from unit_tests.sync.test_choice import Entry, a_configured

TEXT = {"type": "string"}
OBJECT = {"type": "object", "properties": {"size": TEXT, "value": TEXT}}
SENT_WITH_IT = "set event_data to properties to send {} with the event"


def told(name: str, *columns: str, entry: Entry | None = None, event_data: Any = "value", **schemas: Any) -> list[str]:
    """Return what is told of one stream beside its mapped columns."""
    stream = a_configured(name, "event", "email", "url", "timestamp", *columns, **schemas)
    settings = MappingSettings(track=TrackSettings(event_data=event_data))
    _, *lines = build_plan(choose([stream], () if entry is None else (entry,)), an_account(), settings).lines()
    return [line.removeprefix(f"{name}: ") for line in lines]


def test_columns_of_an_event_that_go_nowhere_are_told() -> None:
    """With what to do; those that Segment's warehouses add are not."""
    assert told("tracks", "ref", "context_ip", "uuid_ts", "order_no") == [
        "3 columns go nowhere: url, ref, order_no; map them in an entry of mappings, or " + SENT_WITH_IT.format("them")
    ]


def test_a_single_one_is_told() -> None:
    """Here the url."""
    assert told("tracks") == [
        "1 column goes nowhere: url; map it in an entry of mappings, or " + SENT_WITH_IT.format("it")
    ]


def test_columns_that_are_the_properties_are_told_as_such() -> None:
    """The event carries them."""
    assert told("tracks", "ref", event_data="properties") == ["the event's properties: url, ref"]


def test_a_nested_object_is_the_properties() -> None:
    """Beside it no other column is."""
    assert told("tracks", "ref", properties=OBJECT) == [
        "3 columns go nowhere: url, ref, properties.size; map them in an entry of mappings, or "
        + SENT_WITH_IT.format("what is in properties")
    ]
    assert told("tracks", "ref", properties=OBJECT, event_data="properties") == [
        "the event's properties: what is in properties; 2 columns go nowhere where a row has that: url, ref"
    ]


def test_a_nested_object_alone_is_told() -> None:
    """Nothing is beside it."""
    entry = Entry("tracks", "track", columns=(ColumnRule("url", "ignore"),))
    [line, *_] = told("tracks", entry=entry, properties=OBJECT, event_data="properties")
    assert line == "the event's properties: what is in properties"


def test_nothing_is_told_where_every_column_has_its_place() -> None:
    """Or the user said that it has none."""
    entry = Entry("tracks", "track", columns=(ColumnRule("url", "ignore"),))
    assert told("tracks", entry=entry) == []
    assert told("tracks", entry=entry, event_data="properties") == []
    assert told("pages") == []


def test_columns_of_a_visit_that_go_nowhere_are_told() -> None:
    """A visit has no place for them."""
    assert told("pages", "title", properties=OBJECT) == [
        "3 columns go nowhere: title, properties.size, properties.value; a visit has only a url and a referrer"
    ]


@pytest.mark.parametrize("event_data", ["value", "properties"])
def test_a_long_list_is_cut(event_data: str) -> None:
    """As that of contacts."""
    [line] = told("tracks", *(f"c{number}" for number in range(30)), event_data=event_data)
    assert "c18 and 11 more" in line


def test_raw_calls_are_not_told() -> None:
    """A column without a place in an event may have one in a contact."""
    lines = told("calls", "type", "messageId", "traits", "PLAN_TIER")
    assert not any("nowhere" in line for line in lines)
