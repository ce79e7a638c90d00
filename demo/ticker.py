"""Says every few seconds how far the account is, while a sync runs."""

from __future__ import annotations

import threading
import time
from typing import Final, Self

from benchmarks.harness import Emulator
from demo.said import say

TICK_SECONDS: Final = 5.0


class Ticker:
    """Says every few seconds how far the account is, while `write` runs."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            summary = self._emulator.summary()
            imports = summary["imports"]
            tracked = sum(sum(summary["requests"].get(route, {}).values()) for route in ("POST /event", "GET /visit"))
            say(
                f"{time.monotonic() - self._began:5.0f} s  the account: {summary['contacts_total']} contacts, "
                f"{imports['contacts_accepted']} sent in {imports['accepted']} imports, {imports['completed']} of them "
                f"done; {tracked} events and visits"
            )
