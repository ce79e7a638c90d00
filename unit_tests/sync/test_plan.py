"""What a sync does with each stream, and how the log tells it."""

from __future__ import annotations

import pytest

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import ColumnRule, MappedContact, MappedEvent, MappedVisit
from destination_activecampaign.mappings.identify import IdentifySettings
from destination_activecampaign.mappings.outcome import Skipped
from destination_activecampaign.mappings.page import PageSettings
from destination_activecampaign.mappings.track import TrackSettings
from destination_activecampaign.sync.choice import choose
from destination_activecampaign.sync.plan import NO_FIELD, MappingSettings, build_plan
from unit_tests.mappings.factories import an_account
from unit_tests.sync.test_choice import Entry, a_configured

SETTINGS = MappingSettings()


def test_streams_are_found_by_namespace_and_name() -> None:
    """Both identify them."""
    streams = [a_configured("users", "email", namespace="a"), a_configured("pages", "url", "email")]
    plan = build_plan(choose([*streams, a_configured("x")], (Entry("x", "ignore"),)), an_account(), SETTINGS)
    users, pages, ignored = plan.stream("a", "users"), plan.stream(None, "pages"), plan.stream(None, "x")
    assert users is not None
    assert users.mapping is not None
    assert users.mapping.name == "identify"
    assert pages is not None
    assert pages.mapping is not None
    assert pages.mapping.name == "page"
    assert ignored is not None
    assert ignored.mapping is None
    assert plan.stream(None, "users") is None


def test_the_plan_is_told() -> None:
    """Stream, mapping, columns, fields; what matches nothing; what to know."""
    streams = [
        a_configured("users", "EMAIL", "PLAN_TIER", "hat", "company", namespace="crm"),
        a_configured("tracks", "event", "user_id"),
        a_configured("x"),
        a_configured("calls", "type", "messageId", "traits"),
    ]
    entries = (
        Entry("users", "identify", columns=(ColumnRule("PLAN_TIER", "%PLAN%"),)),
        Entry("x", "ignore"),
        Entry("y", "track"),
    )
    lines = list(build_plan(choose(streams, entries), an_account(), SETTINGS).lines())
    assert lines[0] == "crm.users → identify (setting mappings): EMAIL → email, PLAN_TIER → %PLAN%"
    assert lines[1] == f"crm.users: 1 column matches no field: hat. {NO_FIELD}"
    assert lines[2] == "tracks → track (Segment's table name): event → event, user_id → userId"
    assert lines[3] == "x → ignored (setting mappings)"
    assert lines[4].startswith("calls → raw_calls (Segment's raw calls): ")
    assert any(line.startswith("crm.users: column company is one of Segment's reserved traits") for line in lines)
    assert lines[-1] == "mappings: the entry for y decides about no stream"


def test_a_long_list_of_unmatched_columns_is_cut() -> None:
    """The count stays."""
    stream = a_configured("users", "email", *(f"c{number}" for number in range(30)))
    [_, line] = build_plan(choose([stream], ()), an_account(), SETTINGS).lines()
    assert line.startswith("users: 30 columns match no field: c0, ")
    assert " c19 and 10 more. To write them, name a field in an entry of `mappings`, or" in line


def test_names_of_columns_that_a_list_would_hide_are_quoted() -> None:
    """Those that are empty, or have spaces."""
    stream = a_configured("users", "email", "", "zqx", "mrr €")
    [_, line] = build_plan(choose([stream], ()), an_account(), SETTINGS).lines()
    assert line.startswith('users: 3 columns match no field: "", zqx, "mrr €". ')


def test_all_that_the_account_lacks_is_told_at_once() -> None:
    """Fields that entries name are looked up in it."""
    entries = tuple(Entry(name, "identify", columns=(ColumnRule("a", "%NOPE%"),)) for name in ("one", "two"))
    choices = choose([a_configured("one", "email", "a"), a_configured("two", "email", "a")], entries)
    with pytest.raises(ConfigError) as error:
        build_plan(choices, an_account(), SETTINGS)
    assert "stream one" in error.value.message
    assert "stream two" in error.value.message


def test_streams_share_the_limit_of_new_tags() -> None:
    """It holds for the sync."""
    streams = [a_configured("users", "email", "tags"), a_configured("identifies", "email", "tags")]
    plan = build_plan(choose(streams, ()), an_account(), SETTINGS)
    left_out = 0
    for number, planned in enumerate(plan):
        assert planned.mapping is not None
        mapped = planned.mapping.map({"email": "a@b.co", "tags": [f"{number}-{tag}" for tag in range(60)]}, 0.0)
        assert isinstance(mapped, MappedContact)
        left_out += 60 - len(mapped.change.tags.added)
    assert left_out == 20


def test_a_list_of_unmatched_columns_that_just_fits_is_whole() -> None:
    """Nothing is said about more of them."""
    stream = a_configured("users", "email", *(f"c{number}" for number in range(20)))
    [_, line] = build_plan(choose([stream], ()), an_account(), SETTINGS).lines()
    assert line.endswith(f"c18, c19. {NO_FIELD}")


def test_a_stream_without_columns_says_so() -> None:
    """Its rows may bring them."""
    choices = choose([a_configured("x", "traits")], (Entry("x", "identify"),))
    [line, *_] = build_plan(choices, an_account(), SETTINGS).lines()
    assert line == "x → identify (setting mappings): no column known yet"


def test_rows_tell_how_many_values_no_field_took() -> None:
    """By name where the schema declares the column; other names could be values, so they are only counted."""
    plan = build_plan(choose([a_configured("users", "email", "hat", "shoe", "sock")], ()), an_account(), SETTINGS)
    list(plan.lines())
    planned = plan.stream(None, "users")
    assert planned is not None
    assert planned.mapping is not None
    planned.mapping.map({"email": "a@b.co", "hat": "x", "shoe": "y"}, 0.0)
    planned.mapping.map({"email": "a@b.co", "hat": "x", "secret": "z"}, 0.0)
    assert list(plan.closing_lines()) == [
        "users: 1 column that the schema does not declare matches no field",
        "users: 2 columns match no field, with rows that had a value: hat (2), shoe (1)",
    ]


def test_a_nested_column_counts_as_declared_where_it_is() -> None:
    """By its path; what else the object holds is only counted."""
    traits = {"type": "object", "properties": {"hat": {"type": "string"}, "shoe": {"type": "string"}}}
    plan = build_plan(choose([a_configured("users", "email", traits=traits)], ()), an_account(), SETTINGS)
    assert list(plan.lines())[1].startswith("users: 2 columns match no field: traits.hat, traits.shoe. ")
    planned = plan.stream(None, "users")
    assert planned is not None
    assert planned.mapping is not None
    planned.mapping.map({"email": "a@b.co", "traits": {"hat": "x"}}, 0.0)
    assert list(plan.closing_lines()) == [
        "users: 1 column matches no field, with rows that had a value: traits.hat (1)"
    ]
    planned.mapping.map({"email": "a@b.co", "traits": {"secret": "z"}}, 0.0)
    assert next(plan.closing_lines()) == "users: 1 column that the schema does not declare matches no field"


def test_a_note_is_told_once() -> None:
    """At the end come those that the rows brought."""
    settings = MappingSettings(track=TrackSettings(long_event_names="truncate"))
    streams = [a_configured("tracks", "event", "email", "EMAIL")]
    plan = build_plan(choose(streams, ()), an_account(), settings)
    assert len([line for line in plan.lines() if line.startswith("tracks: columns email and EMAIL ")]) == 1
    planned = plan.stream(None, "tracks")
    assert planned is not None
    assert planned.mapping is not None
    for end in ("a", "b"):
        planned.mapping.map({"event": "x" * 40 + end, "email": "a@b.co"}, 0.0)
    [line] = plan.closing_lines()
    assert line.startswith("tracks: ")
    assert list(plan.closing_lines()) == []


def test_settings_reach_their_mapping() -> None:
    """Here those of events."""
    settings = MappingSettings(track=TrackSettings(event_data="properties"))
    plan = build_plan(choose([a_configured("tracks", "event", "email", "price")], ()), an_account(), settings)
    planned = plan.stream(None, "tracks")
    assert planned is not None
    assert planned.mapping is not None
    mapped = planned.mapping.map({"event": "zqx-Order", "email": "a@b.co", "price": "5"}, 0.0)
    assert isinstance(mapped, MappedEvent)
    assert mapped.value == '{"price":"5"}'


def test_settings_reach_the_mappings_of_raw_calls() -> None:
    """Here those of events."""
    settings = MappingSettings(track=TrackSettings(event_data="properties"))
    stream = a_configured("calls", "type", "messageId", "event", "email", "properties")
    planned = build_plan(choose([stream], ()), an_account(), settings).stream(None, "calls")
    assert planned is not None
    assert planned.mapping is not None
    row = {"type": "track", "event": "zqx-Order", "email": "a@b.co", "properties": {"price": 5}}
    mapped = planned.mapping.map(row, 0.0)
    assert isinstance(mapped, MappedEvent)
    assert mapped.value == '{"price":5}'


OLD = {"type": "page", "url": "https://shop.example/a", "email": "a@b.co", "timestamp": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize("columns", [(), ("type", "messageId", "properties")])
@pytest.mark.parametrize("days", [0, 7])
def test_settings_of_page_views_reach_their_mapping(columns: tuple[str, ...], days: int) -> None:
    """Of a table of them and of raw calls."""
    settings = MappingSettings(page=PageSettings(skip_events_older_than=days))
    name = "calls" if columns else "pages"
    stream = a_configured(name, "url", "email", "timestamp", *columns)
    planned = build_plan(choose([stream], ()), an_account(), settings).stream(None, name)
    assert planned is not None
    assert planned.mapping is not None
    assert isinstance(planned.mapping.map(OLD, 1_790_000_000.0), Skipped if days else MappedVisit)


def test_raw_calls_share_the_limit_of_new_tags() -> None:
    """With the other streams."""
    streams = [
        a_configured("users", "email", "tags"),
        a_configured("calls", "type", "messageId", "traits", "email", "tags"),
    ]
    plan = build_plan(choose(streams, ()), an_account(), MappingSettings(IdentifySettings(max_new_tags=1)))
    made = []
    for number, planned in enumerate(plan):
        assert planned.mapping is not None
        mapped = planned.mapping.map({"type": "identify", "email": "a@b.co", "tags": [f"new {number}"]}, 0.0)
        assert isinstance(mapped, MappedContact)
        made += list(mapped.change.tags.added)
    assert made == ["new 0"]


def test_what_the_account_lacks_is_one_text() -> None:
    """A sentence after the other, the same one once."""
    texts = []
    for names in (("one",), ("two",), ("one", "two")):
        entries = tuple(Entry(name, "identify", columns=(ColumnRule("a", "%NOPE%"),)) for name in names)
        choices = choose([a_configured(name, "email", "a") for name in names], entries)
        with pytest.raises(ConfigError) as error:
            build_plan(choices, an_account(), SETTINGS)
        texts.append(error.value.message)
    assert texts[2] == f"{texts[0]} {texts[1]}"
