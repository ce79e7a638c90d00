"""The account's quotas, shared by all threads: who may send when. Knows no request, and no answer but its headers.

Documented: 5 requests a second for the account; 100 imports a minute, 20 where an import holds one contact. Imports
count against both (assumed: one third party says that they do not).
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from destination_activecampaign.api.clock import Clock, Stop
from destination_activecampaign.api.others import Others
from destination_activecampaign.api.pace import Pace
from destination_activecampaign.api.retry import LONGEST_PAUSE
from destination_activecampaign.errors import PauseTooLong, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Lane(Enum):
    """What a request is for: its place in the queue for the quota."""

    IMPORT = "import"
    POLL = "poll"
    SINGLE = "single"
    LOOKUP = "lookup"
    TRACKING = "tracking"


DEFAULT_PAUSE = 5.0
IMPORTS_PAUSE = 60.0
# One window of 60 s on the server must not see more than the setting: 2 % of margin.
IMPORT_WINDOW = 61.2
SINGLE_IMPORTS_PER_MINUTE = 19.0
# How far an import may lag behind its schedule and still keep it. With IMPORT_WINDOW, setting + 1 imports lie at least
# 61.2 - 0.5 s apart: 0.7 s are left for the network's jitter.
IMPORT_LAG = 0.5
GENERAL_LAG = 0.02
# A waiter looks again so often, in seconds: who goes first may have changed.
SLICE = 0.1
# No limit of the account's: polls only must not crowd out the rest.
POLL_LAG = 0.5
POLLS_PER_SECOND = 2.0
# A poll or single request that waited so long goes before imports: at a low pace nothing waits for ever.
PATIENCE = 30.0
SHARE_OF_LIMIT = 0.92
SHARE_AMONG_OTHERS = 0.75
DOCUMENTED_LIMIT = 5.0
SLOWDOWN = 0.85
_TURN = 0.01


@dataclass(eq=False, slots=True)
class _Waiter:
    lane: Lane
    single: bool
    since: float
    ticket: int


class Quotas:
    """Lets requests of every lane through, evenly spaced: imports first, then polls, then the rest in turn."""

    def __init__(
        self,
        requests_per_second: float = 4.0,
        imports_per_minute: float = 95.0,
        *,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._setting = requests_per_second
        # A halved pace is whole again after 50 s; that of imports, by 10 % a minute, after five minutes.
        self._general = Pace(min(requests_per_second, SHARE_OF_LIMIT * DOCUMENTED_LIMIT), GENERAL_LAG, recovery=0.01)
        self._imports = Pace(imports_per_minute / IMPORT_WINDOW, IMPORT_LAG, recovery=0.1 / 60.0)
        singles = min(SINGLE_IMPORTS_PER_MINUTE, imports_per_minute)
        self._single_imports = Pace(singles / IMPORT_WINDOW, 0.0, recovery=1.0)
        self._polls = Pace(max(POLLS_PER_SECOND, requests_per_second / 2.0), POLL_LAG, recovery=1.0)
        self._others = Others()
        self._waiters: list[_Waiter] = []
        self._tickets = 0
        self._turn: dict[Lane, int] = {}
        self._taken: Counter[Lane] = Counter()
        self._waited = dict.fromkeys(Lane, 0.0)
        self._limited = 0

    def acquire(self, lane: Lane, deadline: float | None, stop: Stop, *, single: bool = False) -> float:
        """Wait until a request of *lane* may be sent; return the seconds waited.

        `deadline`: of the clock's monotonic time; `single`: an import of one contact, which has a quota of its own.
        Raises TransientError when the sync is stopped, the deadline passes, or ActiveCampaign asked for a pause of more
        than LONGEST_PAUSE.
        """
        stop.check()
        if lane is Lane.TRACKING:
            with self._lock:
                self._taken[lane] += 1
            return 0.0
        waiter = self._join(lane, single=single)
        slept = 0.0
        try:
            while (wait := self._try(waiter)) > 0:
                if deadline is not None and self._clock.monotonic() >= deadline:
                    raise TransientError("The account's quota left no room for a request before the deadline.")
                began = self._clock.monotonic()
                self._clock.sleep(min(wait, SLICE), stop)
                slept += self._clock.monotonic() - began
                stop.check()
        finally:
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                self._waited[lane] += slept
        return slept

    def import_due(self, *, single: bool = False) -> float:
        """Return the seconds until the import quota lets an import through; 0.0: now.

        Imports that already wait are counted. The general quota is not: an import is first in its queue, and waits for
        one request of another lane at most.
        """
        with self._lock:
            now = self._clock.monotonic()
            ahead = sum(waiter.lane is Lane.IMPORT for waiter in self._waiters)
            due = max(-IMPORT_LAG, self._imports.due(now)) + ahead * self._imports.interval(now)
            if single:
                due = max(due, self._single_imports.due(now))
            return max(due, self._general.paused(now))

    def observe(self, lane: Lane, headers: Mapping[str, str], took: float = 0.0) -> None:
        """Learn from an answer: `RateLimit-Limit`, `RateLimit-Remaining` (documented; missing in older recordings).

        *took*: seconds from the request to it.
        """
        if lane is Lane.TRACKING:
            return
        limit, remaining = _number(headers.get("RateLimit-Limit")), _number(headers.get("RateLimit-Remaining"))
        with self._lock:
            now = self._clock.monotonic()
            if limit is not None and limit >= 1:
                if remaining is not None:
                    self._others.learn(limit - remaining, now, took, full=remaining <= 0)
                # What others use is left to them, up to a half: so two connections end with a half each. Neither knows
                # when the other sends, so that both together keep further from the limit.
                share = (SHARE_AMONG_OTHERS if self._others.rate >= 1 else SHARE_OF_LIMIT) * limit
                self._general.rate = min(self._setting, max(share - self._others.rate, share / 2))
            elif remaining is not None and remaining <= 0:
                # Another client of the account needs room, and nothing tells how much.
                self._general.slow_down(now, SLOWDOWN, not_before=1.0)

    def limited(self, lane: Lane, retry_after: float | None, *, imports: bool = False) -> None:
        """Learn of an answer that the quota is used up: pause, then go on at half the pace, which recovers.

        `imports`: it was the quota of imports (a 400), not the account's requests per second (a 429).
        """
        with self._lock:
            self._limited += 1
            if lane is Lane.TRACKING:
                return
            now = self._clock.monotonic()
            pace, default = (self._imports, IMPORTS_PAUSE) if imports else (self._general, DEFAULT_PAUSE)
            pause = default if retry_after is None else retry_after
            # A little at random: other clients of the account were told the same.
            pace.halve_and_pause(now, pause + self._random() * min(1.0, pause))

    @property
    def requests_per_second(self) -> float:
        """The pace that is kept: the smaller of the setting and what the account's answers leave."""
        with self._lock:
            return self._general.rate

    @property
    def import_interval(self) -> float:
        """Seconds from one import to the next at the pace that is kept."""
        with self._lock:
            return 1.0 / self._imports.rate

    def waited(self, lane: Lane) -> float:
        """Return the seconds that all requests of *lane* waited together."""
        with self._lock:
            return self._waited[lane]

    def taken(self) -> dict[Lane, int]:
        """Return how many requests each lane was allowed."""
        with self._lock:
            return {lane: self._taken[lane] for lane in Lane}

    @property
    def limit_answers(self) -> int:
        """How often ActiveCampaign said that a quota is used up."""
        with self._lock:
            return self._limited

    def _join(self, lane: Lane, *, single: bool) -> _Waiter:
        with self._lock:
            self._tickets += 1
            waiter = _Waiter(lane, single, self._clock.monotonic(), self._tickets)
            self._waiters.append(waiter)
            return waiter

    def _try(self, waiter: _Waiter) -> float:
        """Take the waiter's tokens and return 0.0, or return the seconds after which to try again."""
        with self._lock:
            now = self._clock.monotonic()
            paused = max(pace.paused(now) for pace in self._gates(waiter))
            if paused > LONGEST_PAUSE:
                raise PauseTooLong(f"ActiveCampaign asks to wait {paused:.0f} s, which is left to the next sync.")
            wait = self._wait(waiter, now)
            if wait > 0:
                return wait
            ready = [other for other in self._waiters if self._wait(other, now) <= 0]
            if min(ready, key=lambda other: self._rank(other, now)) is not waiter:
                # Whoever is first takes its turn within a moment.
                return _TURN
            for pace in self._gates(waiter):
                pace.take(now)
            self._others.own_request(now)
            self._waiters.remove(waiter)
            self._taken[waiter.lane] += 1
            self._turn[waiter.lane] = sum(self._taken.values())
            return 0.0

    def _gates(self, waiter: _Waiter) -> list[Pace]:
        gates = [self._general]
        if waiter.lane is Lane.IMPORT:
            gates.append(self._imports)
            if waiter.single:
                gates.append(self._single_imports)
        elif waiter.lane is Lane.POLL:
            gates.append(self._polls)
        return gates

    def _wait(self, waiter: _Waiter, now: float) -> float:
        return max(pace.due(now) for pace in self._gates(waiter))

    def _rank(self, waiter: _Waiter, now: float) -> tuple[int, int, int]:
        """Order waiters: lower goes first. Single requests and look-ups take turns; within a lane the oldest goes."""
        if waiter.lane is Lane.IMPORT:
            return (1, 0, waiter.ticket)
        if now - waiter.since > PATIENCE:
            return (0, 0, waiter.ticket)
        if waiter.lane is Lane.POLL:
            return (2, 0, waiter.ticket)
        return (3, self._turn.get(waiter.lane, 0), waiter.ticket)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < 1e6 else None  # noqa: PLR2004  # no account allows so many
