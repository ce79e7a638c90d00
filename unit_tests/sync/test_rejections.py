"""What is told of rows that were not written, and the guard against a mapping that refuses all."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Skipped, Written
from destination_activecampaign.sync.checkpoints import StreamId
from destination_activecampaign.sync.rejections import (
    ENOUGH_ROWS,
    GUARDED_ROWS,
    LINES_PER_STREAM,
    WHY_SKIPPED,
    Rejections,
)
from unit_tests.sync.factories import STREAM, a_row

NO_EMAIL = Rejected("email_missing", "email", "Map an email.")
REFUSED = Rejected("row_refused", "", "It was refused.", detail="bad ada@example.com")
OTHER: StreamId = ("crm", "other")


@pytest.fixture
def rejections() -> Rejections:
    """Give the report of a sync that has just begun."""
    return Rejections()


def settle(rejections: Rejections, outcome: Outcome, times: int = 1, stream: StreamId = STREAM) -> None:
    """Read rows and settle each at once."""
    for _ in range(times):
        rejections.settle(a_row(rejections.read(stream), stream), outcome)


def test_rows_are_numbered_in_their_stream(rejections: Rejections) -> None:
    """From 1, whether those before are settled or not."""
    assert [rejections.read(STREAM), rejections.read(OTHER), rejections.read(STREAM)] == [1, 1, 2]
    rejections.settle(a_row(1), Written())
    assert rejections.read(STREAM) == 3


def test_rows_are_counted_by_stream(rejections: Rejections) -> None:
    """And in all."""
    settle(rejections, Written(), 3)
    settle(rejections, Skipped("too_old"))
    settle(rejections, NO_EMAIL, 2, OTHER)
    counts = {stream: (each.written, each.rejected, each.skipped) for stream, each in rejections.by_stream()}
    assert counts == {STREAM: (3, 0, 1), OTHER: (0, 2, 0)}
    assert rejections.totals.settled == 6


def test_a_line_tells_count_reason_first_row_and_what_to_do(rejections: Rejections) -> None:
    """One for each stream and reason."""
    settle(rejections, Written(), 4)
    settle(rejections, NO_EMAIL, 2)
    settle(rejections, Skipped("duplicate_message"))
    settle(rejections, Written((PartRefused("invalid_value", "plan", "Correct it."),)), stream=OTHER)
    lines = [line for _, line in rejections.lines()]
    assert lines[0].startswith("people: 2 rows rejected: email_missing (email), first in row 5. Map an email.")
    assert lines[1].endswith("duplicate_message, first in row 7. A message with this id came before in this sync.")
    assert lines[2].startswith("crm.other: 1 row")
    assert lines[2].endswith("written without a part: invalid_value (plan), first in row 1. Correct it.")


def test_what_was_skipped_on_purpose_is_no_warning(rejections: Rejections) -> None:
    """What was rejected is one."""
    settle(rejections, Skipped("some_reason"))
    settle(rejections, NO_EMAIL)
    assert list(rejections.lines()) == [
        (logging.INFO, "people: 1 row skipped on purpose: some_reason, first in row 1."),
        (logging.WARNING, f"people: 1 row rejected: email_missing (email), first in row 2. {NO_EMAIL.message}"),
    ]


def test_every_reason_for_skipping_is_explained_in_the_log() -> None:
    """Those of docs/rejected-rows.md, which another test holds against the source."""
    document = (Path(__file__).parents[2] / "docs" / "rejected-rows.md").read_text("utf-8")
    table = document.partition("## Rows that are skipped on purpose")[2]
    assert set(WHY_SKIPPED) == set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))


def test_lines_hold_no_values(rejections: Rejections) -> None:
    """ActiveCampaign's words may quote the row."""
    settle(rejections, REFUSED)
    [(_, line)] = rejections.lines()
    assert "ada@" not in line


def test_the_first_row_is_the_smallest_number(rejections: Rejections) -> None:
    """Rows do not settle in their order."""
    rows = [a_row(rejections.read(STREAM)) for _ in range(3)]
    for row in (rows[2], rows[1]):
        rejections.settle(row, REFUSED)
    [(_, line)] = rejections.lines()
    assert "first in row 2" in line


def test_lines_of_a_stream_are_bounded(rejections: Rejections) -> None:
    """The rest is one number."""
    for number in range(LINES_PER_STREAM + 5):
        settle(rejections, Rejected("invalid_value", f"column {number}", ""))
    lines = [line for _, line in rejections.lines()]
    assert len(lines) == LINES_PER_STREAM + 1
    assert lines[-1] == "people: 5 more rows with other reasons or columns."


# the guard


def test_states_are_held_while_all_rows_are_rejected(rejections: Rejections) -> None:
    """Those of the stream and those of all."""
    assert not rejections.held(STREAM)
    settle(rejections, NO_EMAIL)
    assert (rejections.held(STREAM), rejections.held(None), rejections.held(OTHER)) == (True, True, False)


@pytest.mark.parametrize("outcome", [Written(), Skipped("too_old")])
def test_a_row_that_is_not_rejected_lets_them_go(rejections: Rejections, outcome: Outcome) -> None:
    """The mapping works."""
    settle(rejections, NO_EMAIL)
    settle(rejections, outcome)
    assert not rejections.held(STREAM)
    assert not rejections.held(None)


@pytest.mark.parametrize(
    "reason",
    [
        "email_missing",
        "email_invalid",
        "name_required",
        "would_run_automations",
        "domain_not_whitelisted",
        "stream_unknown",
        "tags_unreadable",
    ],
)
def test_a_thousand_rows_of_one_reason_end_the_sync(rejections: Rejections, reason: str) -> None:
    """The message names stream, reason and what to do."""
    settle(rejections, Rejected(reason, "email", "Map an email."), GUARDED_ROWS - 1)
    with pytest.raises(ConfigError, match=f"people.*1000 rows.*{reason}.*Map an email") as error:
        settle(rejections, Rejected(reason, "email", "Map an email."))
    assert "Nothing was marked as synced" in error.value.message


def test_a_thousand_rows_of_a_reason_of_the_account_let_states_go(rejections: Rejections) -> None:
    """No setting would help."""
    settle(rejections, REFUSED, GUARDED_ROWS)
    assert not rejections.held(STREAM)


@pytest.mark.parametrize(("invalid", "told"), [(2, NO_EMAIL.message), (600, "Correct it.")])
def test_reasons_that_a_mapping_causes_end_the_sync_together(rejections: Rejections, invalid: int, told: str) -> None:
    """A wrong column has blanks too; the message says what to do about the most of them."""
    settle(rejections, Rejected("email_invalid", "email", "Correct it."), invalid)
    settle(rejections, NO_EMAIL, GUARDED_ROWS - invalid - 1)
    with pytest.raises(ConfigError, match=f"1000 rows .*email_invalid, email_missing. {told}"):
        settle(rejections, NO_EMAIL)


def test_a_thousand_rows_of_mixed_reasons_let_states_go(rejections: Rejections) -> None:
    """They are bad rows, not a wrong mapping."""
    settle(rejections, REFUSED)
    settle(rejections, NO_EMAIL, GUARDED_ROWS - 1)
    assert not rejections.held(STREAM)


def test_a_thousand_rows_while_one_is_pending_let_states_go(rejections: Rejections) -> None:
    """It may yet be written."""
    rejections.read(STREAM)
    settle(rejections, NO_EMAIL, GUARDED_ROWS)
    assert not rejections.held(STREAM)


def test_a_stream_is_judged_once(rejections: Rejections) -> None:
    """What lets STATEs go is not taken back."""
    settle(rejections, REFUSED, GUARDED_ROWS)
    settle(rejections, NO_EMAIL, GUARDED_ROWS)
    rejections.end()
    assert not rejections.held(STREAM)


def test_twenty_rows_of_one_reason_end_the_sync_at_its_end(rejections: Rejections) -> None:
    """As a thousand do before."""
    settle(rejections, NO_EMAIL, ENOUGH_ROWS)
    with pytest.raises(ConfigError, match="all 20 rows"):
        rejections.end()


def test_fewer_than_twenty_let_states_go_at_the_end(rejections: Rejections) -> None:
    """They say nothing about the mapping."""
    settle(rejections, NO_EMAIL, ENOUGH_ROWS - 1)
    rejections.end()
    assert not rejections.held(STREAM)


def test_mixed_reasons_let_states_go_at_the_end(rejections: Rejections) -> None:
    """Though all rows were rejected."""
    settle(rejections, NO_EMAIL, ENOUGH_ROWS)
    settle(rejections, REFUSED)
    rejections.end()
    assert not rejections.held(STREAM)


def test_one_bad_stream_among_good_ones_ends_the_sync(rejections: Rejections) -> None:
    """Each is judged by itself."""
    settle(rejections, Written(), 50, OTHER)
    settle(rejections, NO_EMAIL, ENOUGH_ROWS)
    with pytest.raises(ConfigError, match="Stream people"):
        rejections.end()


# the share


def test_a_share_above_the_limit_ends_the_sync() -> None:
    """The message tells both."""
    rejections = Rejections(10.0)
    settle(rejections, Written(), 9)
    settle(rejections, REFUSED)
    assert rejections.share_is_fine(at_end=True)
    settle(rejections, REFUSED)
    with pytest.raises(ConfigError, match=r"2 of 11 rows.*18\.2 %.*10 %"):
        rejections.share_is_fine(at_end=True)


def test_the_first_rows_tell_no_share() -> None:
    """STATEs wait until more are settled; the sync does not end for one bad row at its start."""
    rejections = Rejections(10.0)
    settle(rejections, REFUSED)
    assert not rejections.share_is_fine(at_end=False)
    settle(rejections, Written(), 20)
    assert rejections.share_is_fine(at_end=False)


def test_any_share_is_right_without_a_limit(rejections: Rejections) -> None:
    """The default."""
    settle(rejections, REFUSED, 5)
    assert rejections.share_is_fine(at_end=True)


def test_a_share_is_told_as_soon_as_enough_rows_are_settled() -> None:
    """With the thousandth, not at the end."""
    rejections = Rejections(10.0)
    settle(rejections, Written(), 800)
    settle(rejections, REFUSED, GUARDED_ROWS - 801)
    assert not rejections.share_is_fine(at_end=False)
    settle(rejections, REFUSED)
    with pytest.raises(ConfigError, match="200 of 1000 rows"):
        rejections.share_is_fine(at_end=False)


def test_states_of_all_streams_are_held_for_the_first_rows_only(rejections: Rejections) -> None:
    """A small bad stream holds its own longer."""
    settle(rejections, NO_EMAIL)
    settle(rejections, Written(), GUARDED_ROWS - 2, OTHER)
    assert rejections.held(None)
    settle(rejections, Written(), 1, OTHER)
    assert (rejections.held(None), rejections.held(STREAM)) == (False, True)
