"""Every request that the account has seen, in order. Nothing is ever dropped from it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One request; `time` is in seconds since the start, `contacts` counts an import's rows (else -1)."""

    time: float
    lane: str
    method: str
    route: str
    status: int
    in_flight: int
    contacts: int
    fault: str

    def shown(self, sequence: int) -> dict[str, Any]:
        """Give the entry for JSON, without what does not apply."""
        body: dict[str, Any] = {"seq": sequence, **self._asdict(), "time": round(self.time, 4)}
        if self.contacts < 0:
            del body["contacts"]
        if not self.fault:
            del body["fault"]
        return body


class Journal:
    """Entries numbered from 1 in the order of arrival, and sums over them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.by_route: dict[str, Counter[int]] = {}
        self.max_in_flight = 0

    def add(self, entry: Entry) -> None:
        """Keep an entry."""
        self.entries.append(entry)
        self.by_route.setdefault(f"{entry.method} {entry.route}", Counter())[entry.status] += 1
        self.max_in_flight = max(self.max_in_flight, entry.in_flight)

    def since(self, sequence: int) -> list[dict[str, Any]]:
        """Give the entries after this number."""
        start = max(sequence, 0)
        return [entry.shown(start + place) for place, entry in enumerate(self.entries[start:], start=1)]

    def summary(self) -> dict[str, Any]:
        """Count requests by route and status."""
        return {
            "requests_total": len(self.entries),
            "requests": {
                route: {str(status): count for status, count in sorted(counts.items())}
                for route, counts in sorted(self.by_route.items())
            },
            "max_in_flight": self.max_in_flight,
        }
