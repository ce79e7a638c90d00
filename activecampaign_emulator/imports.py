"""The queue of bulk imports: who waits, who is worked on, who is done. What an import writes is not here.

Jobs finish by the clock and in the order of their finish times, which is not the order of their submission.
Nothing runs by itself: `due` is asked whenever the account is touched.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from activecampaign_emulator.options import Options

State = Literal["waiting", "active", "completed", "failed", "interrupted"]

# `status` is the boolean false in the first second (vendor page on import status).
UNKNOWN_SECONDS: Final = 1.0
# Share of its time for which a job shows as claimed; that it is claimed first is documented, how long is assumed.
CLAIMED_SHARE: Final = 0.1


@dataclass(slots=True, eq=False)
class Job:
    """One accepted import; times are readings of the emulator's clock."""

    batch_id: str
    rows: list[dict[str, Any]]
    excluded: bool
    day: str
    submitted: float
    seconds: float
    ending: State = "completed"
    held_until: float | None = None
    failing: frozenset[str] = frozenset()
    state: State = "waiting"
    size: int = 0
    started: float = 0.0
    success: list[int] = field(default_factory=list)
    failure: list[str] = field(default_factory=list)


class Imports:
    """All imports of an account."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.states: Counter[State] = Counter()
        self.contacts_accepted = 0
        self.rows_written = 0
        self.rows_failed = 0
        self._waiting: deque[Job] = deque()
        self._held: list[tuple[float, int, Job]] = []
        self._active: list[tuple[float, int, Job]] = []
        self._sequence = 0

    def submit(self, job: Job) -> None:
        """Take a job in; `due` starts it."""
        job.size = len(job.rows)
        self.jobs[job.batch_id] = job
        self.states["waiting"] += 1
        self.contacts_accepted += job.size
        self._sequence += 1
        if job.held_until is None:
            self._waiting.append(job)
        else:
            heapq.heappush(self._held, (job.held_until, self._sequence, job))

    def due(self, now: float, concurrency: int) -> Iterator[tuple[float, Job]]:
        """Yield each job that has finished by *now*, with its time, in the order of finishing.

        A place that falls free is taken at that very moment, so jobs that start and finish between two looks at the
        account are found too.
        """
        moment = 0.0
        while True:
            self._start(moment, concurrency)
            held = self._held[0][0] if self._held else now + 1
            finish = self._active[0][0] if self._active else now + 1
            if min(held, finish) > now:
                return
            if held <= finish:
                _, _, job = heapq.heappop(self._held)
                self._waiting.appendleft(job)
                moment = max(moment, held)
                continue
            moment, _, job = heapq.heappop(self._active)
            self._move(job, job.ending)
            yield moment, job
            # The rows are not needed again, and a long run holds thousands of imports.
            job.rows = []

    def _start(self, now: float, concurrency: int) -> None:
        while self._waiting and len(self._active) < max(concurrency, 1):
            job = self._waiting.popleft()
            job.started = max(now, job.submitted)
            self._move(job, "active")
            self._sequence += 1
            heapq.heappush(self._active, (job.started + job.seconds, self._sequence, job))

    def _move(self, job: Job, state: State) -> None:
        self.states[job.state] -= 1
        self.states[state] += 1
        job.state = state

    def by_day(self, *states: State) -> list[dict[str, str]]:
        """Sum up the imports in these states per day, with numbers as text (OpenAPI)."""
        batches: Counter[str] = Counter()
        contacts: Counter[str] = Counter()
        for job in self.jobs.values():
            if job.state in states:
                batches[job.day] += 1
                contacts[job.day] += job.size
        return [
            {"forDate": day, "batches": str(batches[day]), "contacts": str(contacts[day])} for day in sorted(batches)
        ]

    def summary(self) -> dict[str, int]:
        """Count jobs by state, and rows."""
        return {
            "accepted": len(self.jobs),
            "contacts_accepted": self.contacts_accepted,
            "rows_written": self.rows_written,
            "rows_failed": self.rows_failed,
            **{state: self.states[state] for state in ("waiting", "active", "completed", "failed", "interrupted")},
        }


def shown_status(job: Job, now: float) -> str | bool:
    """Give the status that import/info shows."""
    if job.state not in {"waiting", "active"}:
        return job.state
    if now - job.submitted < UNKNOWN_SECONDS:
        return False
    if job.state == "active" and now - job.started < job.seconds * CLAIMED_SHARE:
        return "claimed"
    return job.state


def seconds_needed(options: Options, contacts: int, random: Random) -> float:
    """Draw how long an import of so many contacts takes."""
    usual = options.import_seconds + options.import_seconds_per_contact * contacts
    return usual * (1 + options.import_jitter * random.uniform(-1, 1))
