"""How imports that are refused or fail are sent again, seen by the sizes of those that follow."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from destination_activecampaign.errors import AuthenticationError, TransientError, UnexpectedResponse
from unit_tests.simulation import Finished, Simulation
from unit_tests.sync.scenes import IMPORTS, LAST, ada, email_of, people, refusal

OUTAGE = {**IMPORTS, "kind": "status", "status": 503, "times": -1}


def sync_with(fault: dict[str, Any], rows: list[dict[str, Any]], **settings: Any) -> Finished:
    """Run a sync of *rows* in an account with a fault."""
    simulation = Simulation()
    simulation.faults(fault)
    return simulation.sync([*rows, LAST], **settings)


def sizes(finished: Finished) -> list[int]:
    """Return how many contacts each import held."""
    return [len(rows) for rows in finished.imports]


@pytest.mark.parametrize(("count", "seen"), [(1, [1]), (2, [2, 1]), (10, [10, 5, 3, 2]), (16, [16, 8, 4])])
def test_in_an_outage_a_batch_is_halved_twice(count: int, seen: list[int]) -> None:
    """No row is at fault, however small the batch: nothing is rejected."""
    finished = sync_with(OUTAGE, people(count), import_deadline_minutes=1)
    assert isinstance(finished.error, TransientError)
    assert sorted(set(sizes(finished)), reverse=True) == seen
    # The whole batch is tried for 45 s, with pauses of 1, 2, 4, 8 and 16 s at most.
    assert sizes(finished).count(count) >= 6
    assert (finished.report, finished.states) == ([], [])


def test_halves_of_a_failed_import_are_tried_shortly() -> None:
    """There are many levels of them until a row stands alone."""
    finished = sync_with({"kind": "always_500_email", "emails": [email_of(3)]}, people(250))
    assert (finished.error, finished.written, finished.rejected) == (None, 249, 1)
    assert finished.seconds < 150


def test_a_refusal_of_one_row_alone_ends_the_sync_where_none_was_accepted() -> None:
    """It names no row, so it may be about every import."""
    finished = sync_with(refusal(), people(1))
    assert isinstance(finished.error, UnexpectedResponse)
    assert finished.error.message == "ActiveCampaign refuses every import, without naming a row."


def test_a_refusal_of_two_rows_is_looked_into() -> None:
    """Each may pass alone."""
    finished = sync_with(refusal(), people(2))
    assert (finished.error, finished.written, sizes(finished)) == (None, 2, [2, 1, 1])


def test_a_refused_row_is_kept_with_what_activecampaign_said(tmp_path: Path) -> None:
    """Its words may tell what the reason code cannot."""
    storage = {"storage_type": "Local", "path": str(tmp_path)}
    finished = sync_with(refusal(1), people(3), object_storage_config=storage)
    assert (finished.written, finished.rejected) == (2, 1)
    [kept] = [json.loads(line) for path in tmp_path.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert kept["email"] == email_of(0)
    assert {key: kept[key] for key in kept if key.startswith("rejected_")} == {
        "rejected_reason": "row_refused",
        "rejected_field": "",
        "rejected_message": "ActiveCampaign refused this row.",
        "rejected_detail": "bad",
        "rejected_stream": "identifies",
    }


def test_a_fold_is_split_where_a_refusal_names_no_row() -> None:
    """Its halves are sent one after the other."""
    finished = sync_with(refusal(), [*(ada(plan=str(number)) for number in range(4)), *people(1)])
    assert (finished.error, finished.written) == (None, 5)
    assert sizes(finished) == [2, 1, 1]


def test_an_error_that_no_repeating_helps_ends_the_sync() -> None:
    """A refused key, here."""
    finished = sync_with({**IMPORTS, "kind": "status", "status": 401, "times": -1}, people(3))
    assert isinstance(finished.error, AuthenticationError)
    assert (finished.states, finished.report) == ([], [])


def test_what_is_sent_again_goes_as_soon_as_the_quota_has_room() -> None:
    """Not only when the loop looks up from its sleep."""
    finished = sync_with(refusal(1, times=4), people(8))
    sent = [exchange.sent for exchange in finished.exchanges if exchange.is_import()]
    assert len(sent) > 4
    assert max(after - before for before, after in pairwise(sent)) < 60 / 100 + 0.05
