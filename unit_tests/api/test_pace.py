"""One evenly paced stream."""

from __future__ import annotations

import pytest

from destination_activecampaign.api.pace import LOWEST_SHARE, Pace


def test_requests_lie_one_interval_apart() -> None:
    """Four a second are a quarter of a second apart."""
    pace = Pace(4.0, 0.0, recovery=0.01)
    pace.take(10.0)
    assert pace.due(10.0) == pytest.approx(0.25)


def test_idle_time_is_not_saved_up() -> None:
    """After a long idle time no burst follows."""
    pace = Pace(4.0, 0.02, recovery=0.01)
    pace.take(10.0)
    pace.take(100.0)
    assert pace.due(100.0) == pytest.approx(0.23)


def test_a_late_request_keeps_the_schedule() -> None:
    """Within the lag a late request does not move those after it."""
    pace = Pace(1.0, 0.5, recovery=0.01)
    pace.take(10.0)
    on_time = 10.0 + pace.due(10.0)
    pace.take(on_time + 0.4)
    assert on_time + 0.4 + pace.due(on_time + 0.4) == pytest.approx(on_time + 1.0)


def test_a_slower_pace_recovers() -> None:
    """The share that was taken comes back bit by bit."""
    pace = Pace(1.0, 0.0, recovery=0.01)
    pace.slow_down(0.0, 0.5, not_before=0.0)
    assert [round(1 / pace.interval(now), 2) for now in (0, 10, 50, 90)] == [0.5, 0.6, 1.0, 1.0]


def test_a_pace_never_dies() -> None:
    """However often it is slowed down, something goes on."""
    pace = Pace(1.0, 0.0, recovery=0.0)
    for now in range(50):
        pace.slow_down(now, 0.5, not_before=0.0)
    assert 1 / pace.interval(50) == pytest.approx(LOWEST_SHARE)


def test_refusals_of_one_moment_count_once() -> None:
    """Requests that were on the wire together halve the pace once; the longest pause holds."""
    pace = Pace(1.0, 0.0, recovery=0.0)
    pace.halve_and_pause(0.0, 5.0)
    pace.halve_and_pause(0.1, 30.0)
    assert [pace.paused(0.1), 1 / pace.interval(31.0)] == pytest.approx([30.0, 0.5])


def test_a_refusal_halves_a_pace_that_was_just_slowed_down() -> None:
    """What another client's need took is not all that the refusal takes."""
    pace = Pace(1.0, 0.0, recovery=0.0)
    pace.slow_down(0.0, 0.8, not_before=1.0)
    pace.halve_and_pause(0.5, 1.0)
    assert 1 / pace.interval(2.0) == pytest.approx(0.4)


def test_a_pace_is_slowed_down_again_when_its_time_is_over() -> None:
    """Not before."""
    pace = Pace(1.0, 0.0, recovery=0.0)
    for now in (0.0, 0.9, 1.0):
        pace.slow_down(now, 0.5, not_before=1.0)
    assert 1 / pace.interval(1.0) == pytest.approx(0.25)
