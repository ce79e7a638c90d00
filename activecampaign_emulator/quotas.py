"""ActiveCampaign's quotas as sliding windows. Knows nothing of what the requests do.

General: 5 requests per second and account, else 429 with `Retry-After`; imports: 100 a minute with several contacts
and 20 with one, else 400 "Rate limit exceeded." (vendor pages on rate limits and bulk import).
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from activecampaign_emulator.replies import ApiError, Reply, import_refused

if TYPE_CHECKING:
    from activecampaign_emulator.options import Options

SECOND: Final = 1.0
MINUTE: Final = 60.0


class Window:
    """At most so many requests in any stretch of `span` seconds; one that is refused does not count."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._times: deque[float] = deque()

    def take(self, limit: int, now: float) -> bool:
        """Count a request at *now* unless *limit* are counted already; a limit of 0 is none."""
        # A request leaves the window when a whole span has passed.
        while self._times and self._times[0] <= now - self._span:
            self._times.popleft()
        if limit and len(self._times) >= limit:
            return False
        self._times.append(now)
        return True

    def remaining(self, limit: int) -> int:
        """Say how many more requests *limit* lets through now."""
        return max(limit - len(self._times), 0)


class Quotas:
    """The windows of one account."""

    def __init__(self) -> None:
        self.general = Window(SECOND)
        self._imports = Window(MINUTE)
        self._single_imports = Window(MINUTE)
        self.refused_requests = 0
        self.refused_imports = 0

    def take_general(self, options: Options, now: float) -> None:
        """Count a request against the 5 per second."""
        if not self.general.take(options.requests_per_second, now):
            self.refused_requests += 1
            raise ApiError(429, {"message": "Too many requests."})

    def take_import(self, options: Options, contacts: int, now: float) -> None:
        """Count an import against the quota for its size."""
        single = contacts == 1
        limit = options.single_imports_per_minute if single else options.imports_per_minute
        if not (self._single_imports if single else self._imports).take(limit, now):
            self.refused_imports += 1
            reason = (
                f"Up to {limit} imports may be requested per minute."
                "Please batch contacts into larger requests, or retry this request in a minute."
            )
            raise import_refused([reason], "Rate limit exceeded.")

    def signed(self, reply: Reply, options: Options) -> Reply:
        """Put the quota's headers on an answer; they carry no prefix and no reset time (vendor page)."""
        limit = options.requests_per_second
        if not limit:
            return reply
        headers = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(self.general.remaining(limit))}
        if reply.status == 429:
            headers["Retry-After"] = "1"
        # A scripted answer keeps the headers that it was given.
        return replace(reply, headers={**headers, **reply.headers})
