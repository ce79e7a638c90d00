"""What a sync does with each stream, and how the log tells it."""

from __future__ import annotations

import pytest

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import ColumnRule, MappedContact
from destination_activecampaign.sync.choice import choose
from destination_activecampaign.sync.plan import MappingSettings, build_plan
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
    assert lines[1] == "crm.users: 1 column matches no field: hat"
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
    assert line.endswith("c19 and 10 more")


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
