"""The console command: what Airbyte starts. What the commands do is in `destination`."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the connector with the process's arguments."""
    # Here, so that whoever imports this module for the command's name does not pay for the CDK's second of imports.
    from destination_activecampaign.destination import DestinationActiveCampaign  # noqa: PLC0415

    DestinationActiveCampaign().run(sys.argv[1:])
