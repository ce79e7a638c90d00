"""What the log says of a sync."""

from __future__ import annotations

import logging

import pytest

from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Skipped, Written
from destination_activecampaign.sync.progress import Progress, Usage
from destination_activecampaign.sync.rejections import Rejections
from unit_tests.sync.factories import STREAM, a_row


class Sync:
    """A sync that began at 100. `rows`: those that wait."""

    def __init__(self) -> None:
        self.rows = 0
        self.rejections = Rejections()
        self.usage = Usage({"import": 3, "poll": 0, "lookup": 2}, 12.4, 1)
        self.progress = Progress(
            self.rejections, lambda: self.usage, lambda: self.rows, lambda: "2 imports are not confirmed", 100.0
        )

    def settle(self, outcome: Outcome) -> None:
        """End a row."""
        self.rejections.settle(a_row(self.rejections.read(STREAM)), outcome)


@pytest.fixture
def sync(caplog: pytest.LogCaptureFixture) -> Sync:
    """Give a sync whose log is read."""
    caplog.set_level(logging.INFO, "airbyte")
    return Sync()


def test_a_line_comes_every_thirty_seconds(sync: Sync, caplog: pytest.LogCaptureFixture) -> None:
    """However often the loop turns."""
    for second in range(100, 191):
        sync.progress.tell(float(second))
    assert len(caplog.messages) == 3
    assert sync.progress.due_at() == 220.0


def test_a_line_tells_rows_requests_and_waits(sync: Sync, caplog: pytest.LogCaptureFixture) -> None:
    """Lanes without requests are left out."""
    sync.rows = 4
    sync.settle(Written())
    sync.settle(Rejected("row_refused", "", ""))
    sync.progress.tell(130.0)
    [line] = caplog.messages
    assert line.startswith("6 rows in, 1 written, 1 rejected, 0 skipped, 4 waiting; requests: import 3, lookup 2; ")
    assert line.endswith("; 12 s waited for quota by all requests together, 1 request refused for it; 30 s")


def test_a_line_tells_that_nothing_was_asked(sync: Sync, caplog: pytest.LogCaptureFixture) -> None:
    """A dry run."""
    sync.usage = Usage({"import": 0}, 0.0, 0)
    sync.progress.tell(130.0)
    assert "requests: none;" in caplog.text


def test_it_is_told_why_no_state_left_for_ten_minutes(sync: Sync, caplog: pytest.LogCaptureFixture) -> None:
    """While rows wait."""
    sync.rows = 1
    sync.progress.state_left(130.0)
    sync.progress.tell(700.0)
    sync.progress.tell(730.0)
    assert "no STATE left" not in caplog.messages[0]
    assert caplog.messages[1].endswith("; no STATE left for 10 minutes: 2 imports are not confirmed")


def test_nothing_is_missed_while_no_row_waits(sync: Sync, caplog: pytest.LogCaptureFixture) -> None:
    """The source is slow."""
    sync.progress.tell(900.0)
    assert "no STATE left" not in caplog.text


def test_the_table_sums_up(sync: Sync) -> None:
    """A line for each stream, the reasons, the cost."""
    sync.settle(Written())
    sync.settle(Rejected("row_refused", "", "Look."))
    head, stream, reason, cost = (line for _, line in sync.progress.table(110.0))
    assert head.split()[:4] == ["stream", "written", "rejected", "skipped"]
    assert stream.split()[:4] == ["people", "1", "1", "0"]
    assert reason.endswith("row_refused, first in row 2. Look.")
    assert cost.startswith("2 rows in 10 s (0.2 rows/s), 5 requests (2.5000 per row)")


def test_what_was_not_written_is_a_warning(sync: Sync) -> None:
    """The table itself, and what was skipped on purpose, are not."""
    for outcome in (
        Written(),
        Written((PartRefused("invalid_value", "age", ""),)),
        Rejected("row_refused", "", ""),
        Skipped("too_old"),
    ):
        sync.settle(outcome)
    sync.usage = Usage({}, 0.0, 0, repeated_events=1)
    warnings = [line for level, line in sync.progress.table(110.0) if level == logging.WARNING]
    assert [line.split(": ")[0:3:2] for line in warnings[:2]] == [
        ["people", "invalid_value (age), first in row 2."],
        ["people", "row_refused, first in row 3."],
    ]
    assert warnings[2].startswith("Events and visits sent again")
    assert len(warnings) == 3


def test_the_table_of_nothing(sync: Sync) -> None:
    """No division by zero."""
    assert list(sync.progress.table(100.0))[-1][1].startswith("0 rows in 0 s (0.0 rows/s)")


def test_the_table_is_told_to_the_last_character(sync: Sync) -> None:
    """Columns stand under their heads."""
    sync.settle(Written((PartRefused("invalid_value", "plan", "Correct it."),), unconfirmed=True))
    sync.usage = Usage({"import": 3, "lookup": 2}, 12.4, 1, repeated_events=7)
    assert [line for _, line in sync.progress.table(110.0)] == [
        "stream                                      written   rejected    skipped  parts refused  unconfirmed",
        "people                                            1          0          0              1            1",
        "people: 1 row written without a part: invalid_value (plan), first in row 1. Correct it.",
        (
            "1 rows in 10 s (0.1 rows/s), 5 requests (5.0000 per row), 12 s waited for quota by "
            "all requests together, 1 request refused for it."
        ),
        "Events and visits sent again because no answer came, which may count twice: 7.",
    ]


def test_a_line_about_missing_states_still_tells_the_rest(sync: Sync, caplog: pytest.LogCaptureFixture) -> None:
    """Minutes are rounded."""
    sync.rows = 1
    sync.progress.tell(100.0 + 3_660.0)
    assert caplog.messages[0].startswith("1 rows in, ")
    assert "; no STATE left for 61 minutes: " in caplog.messages[0]


def test_a_long_name_is_cut_in_the_table(sync: Sync) -> None:
    """Columns stay where they are."""
    stream = (None, "x" * 50)
    sync.rejections.settle(a_row(sync.rejections.read(stream), stream), Written())
    _, (_, line), *_ = sync.progress.table(110.0)
    assert line.startswith(f"{'x' * 40}          1 ")
