"""Events and visits on their way: each alone in its request, one of an email at a time, many emails side by side."""

from __future__ import annotations

import functools
from collections import deque
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
        self._ready: deque[EventEntry] = deque()

    def ready(self, entry: EventEntry) -> None:
        """Take an event that nothing of its email stands before."""
        self._ready.append(entry)

    def work(self) -> None:
        """Start what threads allow."""
        while self._ready and self._lanes.free("tracking"):
            entry = self._ready.popleft()
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
