"""Threads that do the waiting."""

from __future__ import annotations

import functools
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from destination_activecampaign.sync.inbox import SystemInbox
from destination_activecampaign.sync.lanes import Failure, Lanes, Result, Success
from unit_tests.sync.pump import Pump


class Held:
    """What a job needs."""


@pytest.fixture
def pump() -> Iterator[Pump]:
    """Give two lanes."""
    pump = Pump(import_=1, single=2)
    yield pump
    pump.lanes.stop()


def stop(lanes: Lanes) -> None:
    """Wait for the threads to end."""
    lanes.stop()
    for thread in lanes._threads:
        thread.join(5.0)


def test_a_job_reports_what_it_returned(pump: Pump) -> None:
    """On the loop's thread, not on its own."""
    told: list[tuple[Result[int], threading.Thread]] = []
    ran: list[threading.Thread] = []

    def job() -> int:
        ran.append(threading.current_thread())
        return 7

    pump.lanes.submit("single", job, lambda result: told.append((result, threading.current_thread())))
    pump.run()
    assert told == [(Success(7), threading.main_thread())]
    assert ran[0] is not threading.main_thread()


def test_a_job_reports_what_it_raised(pump: Pump) -> None:
    """Whatever it is: the loop decides."""
    told: list[Result[None]] = []
    error = ValueError("x")

    def job() -> None:
        raise error

    pump.lanes.submit("single", job, told.append)
    pump.run()
    assert told == [Failure(error)]


def test_a_job_that_failed_is_let_go_of(pump: Pump) -> None:
    """What it held is free at once, not when the garbage collector comes by: it may be a whole import."""

    def job(_: Held) -> None:
        raise ValueError

    held = Held()
    seen = weakref.ref(held)
    gc.disable()
    try:
        pump.lanes.submit("single", functools.partial(job, held), lambda _: None)
        del held
        pump.run()
        stop(pump.lanes)
        assert seen() is None
    finally:
        gc.enable()


def test_free_threads_are_counted(pump: Pump) -> None:
    """Until the loop has heard of the end."""
    go = threading.Event()
    pump.lanes.submit("single", go.wait, lambda _: None)
    assert (pump.lanes.free("single"), pump.lanes.free("import_"), pump.lanes.busy) == (1, 1, 1)
    go.set()
    pump.run()
    assert (pump.lanes.free("single"), pump.lanes.busy) == (2, 0)


def test_a_thread_is_free_before_its_report_runs(pump: Pump) -> None:
    """So that a report may hand over the next job."""
    free: list[int] = []
    pump.lanes.submit("import_", lambda: None, lambda _: free.append(pump.lanes.free("import_")))
    pump.run()
    assert free == [1]


def test_threads_end_when_stopped(pump: Pump) -> None:
    """After the job that they have."""
    threads = list(pump.lanes._threads)
    stop(pump.lanes)
    assert not any(thread.is_alive() for thread in threads)


def test_a_lane_takes_jobs_ahead_of_its_threads() -> None:
    """So many, so that none of its threads idles while the loop turns."""
    lanes = Lanes(SystemInbox(), {"poll": 2, "single": 1}, {"poll": 3})
    assert (lanes.free("poll"), lanes.free("single"), lanes.busy) == (5, 1, 0)
    lanes.stop()
