"""The console command: what Airbyte starts. What the commands do is in `destination`."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from types import FrameType


def run() -> None:
    """Run the connector with the process's arguments."""
    # The CDK takes a second to import, and the platform may want the sync to end before that.
    signal.signal(signal.SIGTERM, _stop_before_start)
    from destination_activecampaign.destination import DestinationActiveCampaign  # noqa: PLC0415 - see above

    # Tens of thousands of rows wait at once, none of them in a cycle: looking for cycles at the usual pace takes a third
    # of a sync's time.
    gc.set_threshold(100_000, 50, 1_000)
    DestinationActiveCampaign().run(sys.argv[1:])


def _stop_before_start(_signal: int, _frame: FrameType | None) -> None:
    """End at once with the message that a stopped sync ends with; nothing was read yet."""
    line = (
        '{"type":"TRACE","trace":{"type":"ERROR","emitted_at":%d,"error":{"message":"The sync was asked to stop before it '
        'began.","failure_type":"transient_error"}}}\n'
    )
    os.write(1, (line % (time.time() * 1000)).encode())
    os._exit(1)
