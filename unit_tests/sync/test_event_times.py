"""What is told of a stream of events whose rows have no time."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.mappings.base import ColumnRule
from destination_activecampaign.mappings.page import PageSettings
from destination_activecampaign.mappings.track import TrackSettings
from destination_activecampaign.sync.choice import choose
from destination_activecampaign.sync.plan import MappingSettings, Plan, build_plan
from unit_tests.mappings.factories import an_account
from unit_tests.simulation import Simulation, catalog, record
from unit_tests.sync.test_choice import Entry, a_configured

TIME = {"type": ["null", "string"], "format": "date-time"}
NOTHING_SKIPPED = (
    "no declared column tells when its {} happened: rows without a time are not skipped, whatever their age"
)


def a_plan(name: str = "tracks", *entries: Entry, days: float = 7, **columns: Any) -> Plan:
    """Return the plan of one stream of events, or of visits where it is called pages."""
    stream = a_configured(name, "event", "url", "email", namespace="shop", **columns)
    settings = MappingSettings(track=TrackSettings(days), page=PageSettings(days))
    return build_plan(choose([stream], entries), an_account(), settings)


def an_entry(*rules: tuple[str, str]) -> Entry:
    """Return an entry of `mappings` for orders, with the name of their event."""
    columns = tuple(ColumnRule(column, field) for column, field in rules)
    return Entry("orders_*", "track", columns=columns)


@pytest.mark.parametrize(
    "schema",
    [
        TIME,
        {"type": "string", "format": "date"},
        {"type": "string", "airbyte_type": "timestamp_without_timezone"},
        {"anyOf": [{"type": "null"}, TIME]},
        {"oneOf": [{"type": "string", "airbyte_type": "date"}]},
    ],
)
def test_a_column_that_may_hold_the_time_is_named_with_the_rule_to_add(schema: dict[str, Any]) -> None:
    """The entry of the stream is there already."""
    [line] = a_plan("orders_2019", an_entry(), ordered_at=schema).warnings()
    assert line == (
        "shop.orders_2019: no column is mapped that tells when its events happened, so skip_events_older_than skips nothing: "
        "all rows, of whatever age, are sent as new events. Columns with dates or times: ordered_at. If one says it, add to "
        'columns of its entry of mappings: {"column": "ordered_at", "field": "timestamp"}.'
    )


def test_a_stream_without_an_entry_is_told_the_whole_one() -> None:
    """Here of visits."""
    [line] = a_plan("pages", seen_at=TIME).warnings()
    assert line.endswith(
        "are sent as new visits. Columns with dates or times: seen_at. If one says it, add an entry to mappings: "
        '{"stream": "pages", "namespace": "shop", "mapping": "page", '
        '"columns": [{"column": "seen_at", "field": "timestamp"}]}.'
    )


def test_none_of_several_is_guessed() -> None:
    """Nor is the one in a nested object left out."""
    nested = {"type": "object", "properties": {"done": TIME}}
    [line] = a_plan(ordered_at=TIME, updated_at=TIME, Properties=nested).warnings()
    assert "Columns with dates or times: ordered_at, updated_at, properties.done. " in line
    assert '{"column": "<one of these>", "field": "timestamp"}' in line


def test_the_rule_that_is_told_ends_the_warning() -> None:
    """As written there."""
    plan = a_plan("orders_1", an_entry(("ordered_at", "timestamp")), ordered_at=TIME)
    assert list(plan.warnings()) == []
    assert not any("not skipped" in line for line in plan.lines())


@pytest.mark.parametrize(
    "columns", [{"sent_at": TIME, "ordered_at": TIME}, {"properties_timestamp": {"type": "string"}}]
)
def test_a_stream_with_a_time_is_not_told(columns: dict[str, Any]) -> None:
    """By the name of a column, also as a warehouse writes it."""
    plan = a_plan(**columns)
    assert list(plan.warnings()) == []
    assert not any("not skipped" in line for line in plan.lines())


def test_where_no_row_is_too_old_nothing_is_told() -> None:
    """The user said so."""
    plan = a_plan(days=0, ordered_at=TIME)
    assert list(plan.warnings()) == []
    assert not any("skip" in line for line in plan.lines())


@pytest.mark.parametrize(("name", "sent"), [("tracks", "events"), ("pages", "visits")])
def test_without_any_time_a_note_says_that_nothing_is_skipped(name: str, sent: str) -> None:
    """Nothing could be mapped; platform columns do not count."""
    plan = a_plan(name, _airbyte_extracted_at=TIME, ref={"type": "string"})
    assert list(plan.warnings()) == []
    assert f"shop.{name}: {NOTHING_SKIPPED.format(sent)}" in list(plan.lines())


def test_a_column_that_goes_elsewhere_is_no_time() -> None:
    """The user said where, or nowhere."""
    entry = an_entry(("ordered_at", "acValue"), ("updated_at", "ignore"))
    plan = a_plan("orders_1", entry, ordered_at=TIME, updated_at=TIME)
    assert list(plan.warnings()) == []
    assert f"shop.orders_1: {NOTHING_SKIPPED.format('events')}" in list(plan.lines())


def test_a_schema_that_is_none_is_no_time() -> None:
    """Sources declare strange things."""
    strange: dict[str, Any] = {"a": True, "b": {"format": ["date"]}, "c": {"anyOf": 1}, "d": {"oneOf": [False]}}
    assert list(a_plan(**strange).warnings()) == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_it_is_a_warning_before_the_first_row(caplog: pytest.LogCaptureFixture, *, dry_run: bool) -> None:
    """Of a sync and of a dry run."""
    streams = catalog(tracks=("event", "email", "ordered_at"))
    streams.streams[0].stream.json_schema["properties"]["ordered_at"] = TIME
    row = record("tracks", event="zqx-Order", email="ada@example.com", ordered_at="2019-01-01T00:00:00Z")
    Simulation().sync([row], streams, dry_run=dry_run)
    [told] = [each for each in caplog.records if "of whatever age" in each.message]
    assert told.levelname == "WARNING"
