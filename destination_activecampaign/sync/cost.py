"""What a sync would cost: requests, and time on a clock that only the account's quota moves. Sends nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

CONFIRMED_SECONDS = 13.0
FEW_CONFIRMED_SECONDS = 9.5
"""From a full import's acceptance to the answer that it is done, as runs show where one takes 6 s and 10 ms a contact."""

FULL = 250
CONTACT_SECONDS = 0.01
"""What each contact that an import has less takes off that, where few others are out."""

POLLS_PER_IMPORT = 1.3
"""Questions per import, as runs at the documented quota show (docs/performance.md)."""

FEW = 6
"""With fewer imports out than this they are asked for more often, as `polls` has it."""

MORE_POLLS = 1.0
"""Questions that a full import takes beside those where few others are out; a small one is done when it is first asked for."""


@dataclass(slots=True)
class Cost:
    """What a sync would send, and when it would be done.

    `start`: requests before the first row; `requests_per_second`, `import_interval`: the pace, the latter in seconds from
    import to import; `latency`: seconds that an answer takes; `tracking_at_once`: events and visits on their way together.
    `single`: requests that read or change one contact; `lookups`: those of questions about emails and user ids.
    """

    start: int
    requests_per_second: float
    import_interval: float
    latency: float
    tracking_at_once: int
    imports: int = 0
    single: float = 0.0
    lookups: int = 0
    tracking: int = 0
    _polls: float = 0.0
    _next_import: float = 0.0
    _last_import: float = 0.0
    _last_takes: float = 0.0
    _out: deque[float] = field(default_factory=deque)

    @property
    def next_import(self) -> float:
        """When the next import could be sent, in seconds from the first row."""
        return self._next_import

    def send_import(self, due: float, contacts: int = FULL) -> float:
        """Count an import that is sent at *due*, or when the pace allows; returns when it would be confirmed."""
        now = max(due, self._next_import)
        while self._out and self._out[0] <= now:
            self._out.popleft()
        self.imports += 1
        self._polls += POLLS_PER_IMPORT + (MORE_POLLS * contacts / FULL if len(self._out) < FEW else 0.0)
        self._last_import = now
        self._next_import = now + self.import_interval
        # More follow until it is asked for: half as many before it make a crowd.
        self._last_takes = FEW_CONFIRMED_SECONDS - CONTACT_SECONDS * (FULL - contacts)
        confirmed = now + (self._last_takes if len(self._out) < FEW / 2 else CONFIRMED_SECONDS)
        self._out.append(confirmed)
        return confirmed

    def requests(self) -> float:
        """Return the requests that count against the account's general quota."""
        return self.start + self.imports + self._polls + self.single + self.lookups

    def seconds(self) -> float:
        """Return the time that it would take: what waits longest, and the confirmation of the last import."""
        confirmed = self._last_takes
        if self.imports >= FEW:
            # The last of many: while they are waited for, they become few.
            confirmed = (FEW_CONFIRMED_SECONDS + CONFIRMED_SECONDS) / 2
        start = self.start / self.requests_per_second
        tracked = self.tracking * self.latency / self.tracking_at_once
        # The last imports are asked for while nothing but their confirmation is waited for.
        paced = (self.requests() - min(self._polls, (POLLS_PER_IMPORT + MORE_POLLS) * FEW)) / self.requests_per_second
        return max(start + self._last_import, start + tracked, paced) + confirmed
