"""Runs programs of PyAirbyte in an environment of their own, against an emulated account. What came of it the tests judge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from activecampaign_emulator.server import EmulatorServer
from integration_tests.harness import EVENT_KEY, connection, control

HERE: Final = Path(__file__).parent
ENVIRONMENTS: Final = HERE / "environments"
PATIENCE: Final = 400.0
"""Seconds after which a program hangs."""

SOURCES: Final = {name: str(ENVIRONMENTS / name / "bin" / name) for name in ("source-faker", "source-file")}
CONNECTOR: Final = str(Path(sys.executable).with_name("destination-activecampaign"))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program answered, what it printed for a person, and what the connector logged."""

    answer: Any
    printed: str
    logged: str


def run(program: str, folder: Path, **given: Any) -> Ran:
    """Run a program of `programs/` with *given* as its JSON input, in *folder*, where all its files go."""
    # Offline: PyAirbyte neither asks Airbyte's registry about the connectors nor reports their use.
    environment = os.environ | {
        "AIRBYTE_OFFLINE_MODE": "1",
        "AIRBYTE_LOGGING_ROOT": str(folder / "logs"),
        "PYTHONWARNINGS": "ignore",
        "COLUMNS": "400",
    }
    environment.pop("CI", None)  # it makes PyAirbyte print whole logs
    done = subprocess.run(
        [str(ENVIRONMENTS / "pyairbyte" / "bin" / "python"), str(HERE / "programs" / f"{program}.py")],
        input=json.dumps({"sources": SOURCES, "connector": CONNECTOR, **given}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    answer = folder / "answer.json"
    assert answer.exists(), done.stderr
    logs = sorted((folder / "logs" / "destination-activecampaign").glob("*.log"))
    return Ran(
        json.loads(answer.read_text("utf-8")),
        done.stdout + done.stderr,
        "".join(log.read_text("utf-8") for log in logs),
    )


def settings(server: EmulatorServer, **more: Any) -> dict[str, Any]:
    """Return settings of the connector that reach *server*; the clients' events are of any age."""
    return connection(server, event_key=EVENT_KEY, skip_events_older_than=0, **more)


def contacts(server: EmulatorServer) -> dict[str, dict[str, Any]]:
    """Return the account's contacts by email."""
    return {contact["email"]: contact for contact in control(server, "GET", "dump")["contacts"]}


def fields(values: Mapping[str, Any], *tags: str) -> dict[str, Any]:
    """Return the values of these fields."""
    return {tag: values.get(tag) for tag in tags}
