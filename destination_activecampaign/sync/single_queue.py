"""Contacts that wait for single requests, and how they are read: one by one, or a hundred at once where that costs less.

What is changed of them is `contact_single`'s. Runs on the loop's thread; requests run in lanes.
"""

from __future__ import annotations

import functools
from collections import deque
from typing import TypeVar

from destination_activecampaign.mappings.contact_ids import ContactIds
from destination_activecampaign.mappings.contact_import import ImportRoute
from destination_activecampaign.mappings.contact_single import FoundContact, SingleRequests
from destination_activecampaign.mappings.lookups import PAGE
from destination_activecampaign.sync.entries import ContactEntry
from destination_activecampaign.sync.lanes import Failure, Lanes, Result

T = TypeVar("T")

FEW = 20
"""So many more contacts must wait than the index takes requests: for fewer it is not even asked what it takes."""


class SingleQueue:
    """Hands out the entries in the order they came, each with its contact where that was read.

    `ids`: None where the contacts are not read before they are changed.
    """

    def __init__(self, lanes: Lanes, imports: ImportRoute, singles: SingleRequests, ids: ContactIds | None) -> None:
        self._lanes = lanes
        self._imports = imports
        self._singles = singles
        self._ids = ids
        self._waiting: deque[ContactEntry] = deque()
        self._read: deque[tuple[ContactEntry, FoundContact | None]] = deque()
        self._cost: int | None = None
        self._indexed = False
        self._busy = False

    def add(self, entry: ContactEntry) -> None:
        """Take an entry."""
        self._waiting.append(entry)

    def subscribed(self, entry: ContactEntry) -> bool:
        """Whether the entry's import made its subscriptions, as far as it may."""
        return entry.subscribes or len(self._imports.subscriptions(entry.change)) <= 1

    def take(self) -> tuple[ContactEntry, FoundContact | None] | None:
        """Return the next entry; None while there is none, or one is still to be read."""
        if self._read:
            return self._read.popleft()
        if self._busy or not self._waiting:
            return None
        if self._ids is None or not self._together():
            return self._waiting.popleft(), None
        if self._lanes.free("lookup"):
            self._busy = True
            self._next_step(self._ids)
        return None

    def _together(self) -> bool:
        """Whether the next are read together: an index of ids once loaded is used, and loaded where that is cheaper."""
        return self._indexed or len(self._waiting) > FEW + (self._cost or 0)

    def _next_step(self, ids: ContactIds) -> None:
        """Ask what the index takes, or load it, or read contacts with it."""
        if self._indexed:
            entries = [self._waiting.popleft() for _ in range(min(PAGE, len(self._waiting)))]
            pairs = [(entry.change, self.subscribed(entry)) for entry in entries]
            job = functools.partial(self._singles.read_together, pairs, ids)
            self._lanes.submit("lookup", job, functools.partial(self._read_done, entries))
        elif self._cost is None:
            self._lanes.submit("lookup", ids.cost, self._cost_known)
        else:
            self._lanes.submit("lookup", ids.load, self._loaded)

    def _cost_known(self, result: Result[int]) -> None:
        self._cost = self._done(result)

    def _loaded(self, result: Result[None]) -> None:
        self._done(result)
        self._indexed = True

    def _read_done(self, entries: list[ContactEntry], result: Result[dict[str, FoundContact]]) -> None:
        records = self._done(result)
        self._read.extend((entry, records.get(entry.email)) for entry in entries)

    def _done(self, result: Result[T]) -> T:
        self._busy = False
        if isinstance(result, Failure):
            raise result.error
        return result.value
