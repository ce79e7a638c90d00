"""Waiting, and how it ends early."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from destination_activecampaign.api.clock import Stop, SystemClock, pause
from destination_activecampaign.errors import TransientError

if TYPE_CHECKING:
    from unit_tests.api.fakes import FakeClock


def test_a_pause_lasts_as_long_as_asked(clock: FakeClock, stop: Stop) -> None:
    """The slices of a pause add up to the whole."""
    pause(clock, stop, 3.05)
    assert clock.slept == pytest.approx(3.05)


def test_a_pause_does_not_begin_once_stopped(clock: FakeClock, stop: Stop) -> None:
    """A stopped sync waits for nothing."""
    stop.set()
    with pytest.raises(TransientError, match="was stopped"):
        pause(clock, stop, 1.0)
    assert clock.slept == 0


def test_a_stop_ends_a_real_pause_within_a_fifth_of_a_second() -> None:
    """Shutdown does not wait for a backoff."""
    stop, began = Stop(), time.monotonic()
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(TransientError, match="was stopped"):
        pause(SystemClock(), stop, 30.0)
    assert time.monotonic() - began < 0.25


def test_the_wall_clock_counts_from_1970() -> None:
    """Dates in headers are compared with it."""
    assert SystemClock().time() > 1_600_000_000
