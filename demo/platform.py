"""The platform's part in a sync: numbers STATEs, counts rows, and compares what comes back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from benchmarks.rows import Json

Stream: TypeAlias = tuple[str | None, str]


@dataclass
class Sent:
    """A STATE that was sent, with the rows that it answers for."""

    message: Json
    stream: Stream | None
    rows: int


@dataclass
class Platform:
    """Numbers STATEs, counts rows, and compares what comes back. `rows`: those of each stream that were sent."""

    sent: dict[int, Sent] = field(default_factory=dict)
    back: list[int] = field(default_factory=list)
    rows: Counter[Stream] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    written: float = 0
    refused: float = 0
    additional: Counter[str] = field(default_factory=Counter)
    _since: Counter[Stream] = field(default_factory=Counter)

    def record(self, record: Json) -> None:
        """Count a row that is sent."""
        stream = record.get("namespace"), record["stream"]
        self.rows[stream] += 1
        self._since[stream] += 1

    def state(self, message: Json) -> Json:
        """Return a STATE as the platform hands it on: with its number and the count of its source."""
        state = message["state"]
        stream = None
        if state.get("type") == "STREAM":
            descriptor = state["stream"]["stream_descriptor"]
            stream = descriptor.get("namespace"), descriptor["name"]
        count = self._since.pop(stream, 0) if stream else self._since.total()
        if stream is None:
            self._since.clear()
        number = len(self.sent) + 1
        numbered = {**message, "state": {**state, "id": number, "sourceStats": {"recordCount": float(count)}}}
        self.sent[number] = Sent(numbered, stream, count)
        return numbered

    def came_back(self, message: Json) -> str:
        """Take a STATE that the connector let go; returns a line about it."""
        state = dict(message["state"])
        stats = state.pop("destinationStats", {})
        number = state.get("id")
        sent = self.sent.get(number) if isinstance(number, int) else None
        if sent is None or number is None:
            self.problems.append("a STATE came back that was never sent")
            return "a STATE that was never sent"
        written, refused = stats.get("recordCount", 0.0), stats.get("rejectedRecordCount", 0.0)
        self.written += written
        self.refused += refused
        self.additional.update({name: int(count) for name, count in stats.get("additionalStats", {}).items()})
        if {**message, "state": state} != sent.message:
            self.problems.append(f"STATE {number} came back changed")
        if written + refused != sent.rows:
            self.problems.append(f"STATE {number}: {written:.0f} + {refused:.0f} rows, but {sent.rows} were sent")
        earlier = [other for other in self.back if self.sent[other].stream == sent.stream]
        if earlier and max(earlier) >= number:
            self.problems.append(f"STATE {number} came back twice, or after a later one of its stream")
        self.back.append(number)
        name = ".".join(filter(None, sent.stream)) if sent.stream else "all streams"
        return f"STATE {number} of {name} is true: {written:.0f} rows written, {refused:.0f} not"

    def judge(self) -> list[str]:
        """Return what is wrong at the end."""
        missing = sorted(self.sent.keys() - set(self.back))
        lost = [f"{len(missing)} of {len(self.sent)} STATEs did not come back"] if missing else []
        return [*self.problems, *lost]
