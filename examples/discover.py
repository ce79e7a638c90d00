"""Writes docs/destination_catalog.json: what `discover` tells of the sample's account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from activecampaign_emulator import EmulatorServer, Options
from activecampaign_emulator.seed import plant
from destination_activecampaign.destination import DestinationActiveCampaign

ROOT = Path(__file__).parent.parent
SHOWN = ROOT / "docs" / "destination_catalog.json"


def destination_catalog() -> dict[str, Any]:
    """Return what is discovered in an account like the sample's, its contacts left out: nothing of them is told."""
    account = json.loads((ROOT / "examples" / "account.json").read_text("utf-8"))
    with EmulatorServer(Options(latency_ms=0.0, requests_per_second=0)) as server:
        plant(server.emulator.account, {**account, "contacts": []})
        config = {"api_url": server.url, "api_key": server.emulator.account.options.api_key}
        return DestinationActiveCampaign().discover(config)


if __name__ == "__main__":
    SHOWN.write_text(json.dumps(destination_catalog(), indent=2, ensure_ascii=False) + "\n", "utf-8")
