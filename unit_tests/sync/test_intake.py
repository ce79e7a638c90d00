"""What becomes of a record: which rows end at once, and how."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.identify import Identify
from unit_tests.simulation import CONTACTS, Simulation, catalog, record, state
from unit_tests.sync.scenes import LAST, email_of, people

STREAMS = catalog(identifies=CONTACTS, tracks=("email", "event", "messageId"))


def test_a_stream_is_known_by_its_namespace_too() -> None:
    """Its rows and its STATE name both."""
    streams = catalog(identifies=CONTACTS)
    streams.streams[0].stream.namespace = "crm"
    rows = people(2)
    for row in rows:
        row["record"]["namespace"] = "crm"
    last = state("identifies", 1)
    last["state"]["stream"]["stream_descriptor"]["namespace"] = "crm"
    finished = Simulation().sync([*rows, last], streams)
    assert [(each.counts.written, each.counts.rejected) for each in finished.states] == [(2, 0)]


def test_old_events_are_skipped_by_the_clock() -> None:
    """What is old is judged when its row is read."""
    streams = catalog(tracks=("email", "event", "timestamp"))
    row = record("tracks", email="ada@example.com", event="zqx-Order", timestamp="2020-01-01T00:00:00Z")
    finished = Simulation().sync([row, state("tracks", 1)], streams)
    assert finished.report == [
        "tracks: 1 row skipped on purpose: too_old, first in row 1. Older than `skip_events_older_than` days; 0 sends all."
    ]


def test_rows_of_a_stream_that_is_not_configured_are_rejected() -> None:
    """Its STATE tells so; the others go on."""
    rows = [record("strange", a=1), *people(2), state("strange", 1), LAST]
    finished = Simulation().sync(rows)
    assert (finished.error, finished.written, finished.rejected) == (None, 2, 1)
    [line] = finished.report
    assert line == (
        "strange: 1 row rejected: stream_unknown, first in row 1. "
        "The stream is not in the configured catalog: refresh the connection's schema."
    )


def test_a_stream_that_is_not_configured_ends_the_sync() -> None:
    """Else its cursor would move past rows that never come again."""
    finished = Simulation().sync([*(record("strange", a=number) for number in range(20)), state("strange", 1)])
    assert isinstance(finished.error, ConfigError)
    assert "stream_unknown" in finished.error.message
    assert "refresh the connection's schema" in finished.error.message
    assert finished.states == []


def test_a_row_that_breaks_its_mapping_is_rejected(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The others go on; the log names the kind of error, no value."""
    as_ever = Identify.map

    def strange(self: Identify, row: dict[str, Any], now: float = 0.0) -> Any:
        if row["email"] == email_of(1):
            raise KeyError(row["email"])
        return as_ever(self, row, now)

    monkeypatch.setattr(Identify, "map", strange)
    finished = Simulation().sync([*people(3), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 2, 1)
    assert finished.report == [
        "identifies: 1 row rejected: row_unusable, first in row 2. The row could not be mapped. Please report this."
    ]
    assert "Row 2 of identifies could not be mapped: KeyError." in caplog.text
    assert email_of(1) not in caplog.text


def test_rows_of_an_ignored_stream_are_skipped() -> None:
    """On purpose."""
    finished = Simulation().sync(
        [record("other", a=1), *people(1), state("other", 1), LAST],
        catalog(identifies=CONTACTS, other=("a",)),
        mappings=[{"stream": "other", "mapping": "ignore"}],
    )
    assert finished.error is None
    assert [(each.counts.written, each.counts.skipped) for each in finished.states] == [(0, 1), (1, 0)]
    assert finished.report == [
        "other: 1 row skipped on purpose: stream_ignored, first in row 1. An entry of `mappings` says so."
    ]


def test_a_message_that_came_before_is_skipped() -> None:
    """It is told why."""
    rows = [record("tracks", email="ada@example.com", event="zqx-Order", messageId="1") for _ in range(2)]
    finished = Simulation().sync([*rows, state("tracks", 1)], STREAMS)
    assert [(each.counts.written, each.counts.skipped) for each in finished.states] == [(1, 1)]
    assert (
        "tracks: 1 row skipped on purpose: duplicate_message, first in row 2. A message with this id came before in this sync."
        in finished.report
    )
