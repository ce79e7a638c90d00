"""Threads that do the waiting: each lane has a few, takes jobs in order and reports back to the loop's inbox."""

from __future__ import annotations

import functools
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from destination_activecampaign.sync.inbox import Inbox

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Success(Generic[T]):
    """What a job returned."""

    value: T


@dataclass(frozen=True, slots=True)
class Failure:
    """What a job raised."""

    error: Exception


Result: TypeAlias = Success[T] | Failure


@dataclass(frozen=True, slots=True)
class Done:
    """A finished job, for the loop: it calls `report`, so that only its thread decides."""

    report: Callable[[], None]


class Lanes:
    """The lanes of one sync. `workers`: lane name → number of threads; `inbox`: where finished jobs are put.

    `ahead`: lane name → jobs it takes beyond its threads, so that none of them idles while the loop turns.
    """

    def __init__(self, inbox: Inbox, workers: Mapping[str, int], ahead: Mapping[str, int] | None = None) -> None:
        self._inbox = inbox
        self._jobs: dict[str, queue.SimpleQueue[Callable[[], None] | None]] = {}
        self._free = {lane: count + (ahead or {}).get(lane, 0) for lane, count in workers.items()}
        self._capacity = sum(self._free.values())
        self._threads: list[threading.Thread] = []
        for lane, count in workers.items():
            jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
            self._jobs[lane] = jobs
            for number in range(count):
                thread = threading.Thread(target=self._work, args=(jobs,), name=f"{lane}-{number}", daemon=True)
                thread.start()
                self._threads.append(thread)

    def free(self, lane: str) -> int:
        """How many more jobs *lane* takes."""
        return self._free[lane]

    @property
    def busy(self) -> int:
        """Jobs under way."""
        return self._capacity - sum(self._free.values())

    def submit(self, lane: str, job: Callable[[], T], report: Callable[[Result[T]], None]) -> None:
        """Run *job* on a thread of *lane*; *report* gets its result on the loop's thread.

        The caller submits only what `free` has room for: what waits, waits with the loop, where its order is decided.
        """
        self._free[lane] -= 1

        def hand_back(result: Result[T]) -> None:
            self._free[lane] += 1
            report(result)

        def run() -> None:
            # No variable holds the result: an error's traceback reaches this frame, and its job would be held by a cycle.
            self._inbox.put(Done(functools.partial(hand_back, _result(job))))
            self._finished()

        self._jobs[lane].put(run)

    def _finished(self) -> None:
        """Hook for clocks that must know when a thread has nothing to do."""

    def stop(self) -> None:
        """Let each thread end after the job that it has."""
        for lane, jobs in self._jobs.items():
            for thread in self._threads:
                if thread.name.startswith(f"{lane}-"):
                    jobs.put(None)

    @staticmethod
    def _work(jobs: queue.SimpleQueue[Callable[[], None] | None]) -> None:
        while (job := jobs.get()) is not None:
            job()
            del job  # it holds a whole import, perhaps, and the next one may be long in coming


def _result(job: Callable[[], T]) -> Result[T]:
    try:
        return Success(job())
    except Exception as error:  # noqa: BLE001 - whatever it is, the loop decides
        return Failure(error)
