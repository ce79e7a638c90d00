"""The same rows written by this connector and the way others write them: small versions of two of the benchmarks."""

from __future__ import annotations

import threading

from benchmarks.ceiling import Both, write_both
from benchmarks.harness import BenchmarkError
from benchmarks.steady import steady_part
from demo.said import say

CONTACTS = 12_500
PEERS_CONTACTS = 36
"""As many as take no longer than the sample's sync, beside which they are written."""


class Beside:
    """Writes both on a thread of its own, each into an account of its own."""

    def __init__(self) -> None:
        self._both: Both | None = None
        self._error = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._both = write_both(CONTACTS, PEERS_CONTACTS)
        except BenchmarkError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, `tell` says it; or the demo has been stopped
            self._error = f"{type(error).__name__}: {error}"

    def tell(self) -> bool:
        """Wait for both and print what they reached; returns whether they did."""
        self._thread.join()
        if self._both is None:
            say(f"  WRONG: it could not be measured. {self._error}")
            return False
        both = self._both
        speed = steady_part(both.run, both.requests).rows_per_second
        say(f"  {'':<34}{'contacts/s':>12}{'requests per contact':>24}")
        say(f"  {f'this connector, {CONTACTS:,} contacts':<34}{speed:>12.1f}{len(both.requests) / CONTACTS:>24.4f}")
        say(f"  {f'one at a time, {PEERS_CONTACTS} contacts':<34}{both.peers_pace:>12.2f}{both.peers_requests:>24.1f}")
        say(f"  {speed / both.peers_pace:.0f} times as fast. The quota allows {100 * 250 / 60:.0f} contacts/s.")
        say(
            "  One at a time, as others write: an upsert, the tags, a request for each tag and list, the custom fields."
        )
        return True
