"""Events and visits on their way: each alone in its request, one of an email at a time, many emails side by side."""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable
from dataclasses import replace

from destination_activecampaign.mappings.base import MappedEvent, MappedVisit
from destination_activecampaign.mappings.outcome import Outcome, Written
from destination_activecampaign.sync.entries import EventEntry
from destination_activecampaign.sync.lanes import Failure, Lanes, Result


class EventDelivery:
    """Sends ready events and settles each with its outcome. `send(email, event)` runs on a lane's thread."""

    def __init__(
        self,
        lanes: Lanes,
        send: Callable[[str, MappedEvent | MappedVisit], Outcome],
        settle: Callable[[EventEntry, Outcome], None],
    ) -> None:
        self._lanes = lanes
        self._send = send
        self._settle = settle
        self._ready: list[tuple[int, int, EventEntry]] = []
        self._taken = 0

    def ready(self, entry: EventEntry) -> None:
        """Take an event that nothing of its email stands before.

        Those before the earliest STATE go first: what is sent after a STATE that cannot leave yet is sent again after a crash.
        """
        self._taken += 1
        heapq.heappush(self._ready, (entry.row.segment.number, self._taken, entry))

    def work(self) -> None:
        """Start what threads allow."""
        while self._ready and self._lanes.free("tracking"):
            _, _, entry = heapq.heappop(self._ready)
            self._lanes.submit(
                "tracking",
                functools.partial(self._send, entry.email, entry.event),
                functools.partial(self._sent, entry),
            )

    def _sent(self, entry: EventEntry, result: Result[Outcome]) -> None:
        if isinstance(result, Failure):
            raise result.error
        outcome = result.value
        if isinstance(outcome, Written) and not entry.contact_known:
            outcome = replace(outcome, unconfirmed=True)
        self._settle(entry, outcome)
