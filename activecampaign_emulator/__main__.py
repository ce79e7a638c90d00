"""Run the emulator as a process: one JSON line on stdout when it is ready, then until SIGTERM or SIGINT."""

from __future__ import annotations

import gc
import json
import signal
import sys
import threading

from activecampaign_emulator.options import parse_flags
from activecampaign_emulator.server import EmulatorServer


def main() -> None:
    """Serve one account."""
    options = parse_flags()
    # A large account is millions of objects that stay; looking through them for garbage at the usual pace would take
    # most of the time of an import.
    gc.set_threshold(200_000, 50, 1000)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with EmulatorServer(options) as server:
        ready = {
            "url": server.url,
            "api_key": options.api_key,
            "event_key": options.event_key,
            "actid": options.actid,
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        stopping.wait()


if __name__ == "__main__":
    main()
