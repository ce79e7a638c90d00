"""Answers that several threads need and one of them gets: asked once for each key, however many ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from destination_activecampaign.api.client import Client

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LOOK_AGAIN_SECONDS = 0.05


class Once(Generic[K, V]):
    """Remembers answers by key. `known`: those that need not be asked for."""

    def __init__(self, client: Client, known: dict[K, V]) -> None:
        self._client = client
        self._known = known
        self._asking: set[K] = set()
        self._lock = threading.Lock()

    def __contains__(self, key: K) -> bool:
        """Whether the answer is there."""
        return key in self._known

    def get(self, key: K, ask: Callable[[], V]) -> V:
        """Return the answer for *key*, by *ask* where nobody asked yet. What *ask* raises is raised; then the next one asks.

        Who comes second waits by the client's clock, not on a lock: a stop ends that wait too.
        """
        while key not in self._known:
            with self._lock:
                mine = key not in self._known and key not in self._asking
                if mine:
                    self._asking.add(key)
            if not mine:
                self._client.wait(LOOK_AGAIN_SECONDS)
                continue
            try:
                self._known[key] = ask()
            finally:
                self._asking.discard(key)
        return self._known[key]
