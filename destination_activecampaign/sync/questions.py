"""Questions to the account that are asked once each, and all at once where that costs fewer requests."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from destination_activecampaign.sync.lanes import Failure, Lanes, Result, Success

A = TypeVar("A")

FEW = 20
"""Up to so many questions are asked one by one without looking at what an index would cost."""


class Questions(Generic[A]):
    """Questions of one kind, by key.

    `ask(key)`: the answer, a request or two until `load_index()` has run; `index_cost()`: requests that loading takes.
    The three run on a lane's thread; `put` and `work` are the loop's.
    """

    def __init__(
        self, lanes: Lanes, ask: Callable[[str], A], index_cost: Callable[[], int], load_index: Callable[[], None]
    ) -> None:
        self._lanes = lanes
        self._ask = ask
        self._index_cost = index_cost
        self._load_index = load_index
        self._waiting: dict[str, list[Callable[[A], None]]] = {}
        self._unasked: deque[str] = deque()
        self._asked = 0
        self._cost: int | None = None
        self._indexed = False
        self._preparing = False

    def __len__(self) -> int:
        """Keys without an answer yet."""
        return len(self._waiting)

    def put(self, key: str, answered: Callable[[A], None]) -> None:
        """Ask about *key*, unless that is under way; *answered* gets the answer on the loop's thread."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = []
            self._unasked.append(key)
        waiting.append(answered)

    def work(self) -> None:
        """Ask what threads allow."""
        while self._unasked and not self._preparing and self._lanes.free("lookup"):
            questions = self._asked + len(self._unasked)
            if self._indexed or questions <= FEW:
                self._ask_next()
            elif self._cost is None:
                self._prepare(self._index_cost, self._cost_known)
            elif questions > self._cost:
                self._prepare(self._load_index, self._index_loaded)
            else:
                self._ask_next()

    def _ask_next(self) -> None:
        key = self._unasked.popleft()
        self._asked += 1
        self._lanes.submit("lookup", functools.partial(self._ask, key), functools.partial(self._answered, key))

    def _answered(self, key: str, result: Result[A]) -> None:
        if isinstance(result, Failure):
            raise result.error
        for answered in self._waiting.pop(key):
            answered(result.value)

    def _prepare(self, job: Callable[[], int | None], report: Callable[[Result[int | None]], None]) -> None:
        self._preparing = True
        self._lanes.submit("lookup", job, report)

    def _cost_known(self, result: Result[int | None]) -> None:
        self._preparing = False
        match result:
            case Failure(error):
                raise error
            case Success(cost):
                self._cost = cost or 0

    def _index_loaded(self, result: Result[int | None]) -> None:
        self._preparing = False
        if isinstance(result, Failure):
            raise result.error
        self._indexed = True
