"""The connector's commands, as processes, and what they say. What came of them is `told`'s."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, lend
from benchmarks.rows import Json
from demo.platform import Platform
from demo.rows import Rows
from demo.said import say, show

LEFT_OUT: Final = re.compile(r": \d+ rows? (rejected|written without a part|skipped on purpose): ")
"""The connector's lines about rows, or parts of rows, that were not written."""


class Connector:
    """The connector's commands, each a process of its own. `folder`: where its files are.

    `left_out`: what `write` said about rows that were not written.
    """

    def __init__(self, folder: Path, settings: Json, catalog: Json) -> None:
        self._config = folder / "config.json"
        self._catalog = folder / "configured_catalog.json"
        self._config.write_text(json.dumps(settings), "utf-8")
        self._catalog.write_text(json.dumps(catalog), "utf-8")
        script = Path(sys.executable).with_name("destination-activecampaign")
        self.left_out: list[str] = []
        self._command = [str(script)] if script.exists() else [sys.executable, "-m", "destination_activecampaign"]

    def check(self) -> bool:
        """Run `check` and show its answer."""
        command = [*self._command, "check", "--config", str(self._config)]
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        succeeded = False
        for line in ran.stdout.splitlines():
            message = json.loads(line)
            if message["type"] == "CONNECTION_STATUS":
                status = message["connectionStatus"]
                succeeded = status["status"] == "SUCCEEDED"
                say(f"  {status['status']} {status.get('message') or ''}".rstrip())
            else:
                show(message)
        return succeeded and not ran.returncode

    def write(self, rows: Rows, platform: Platform) -> int:
        """Run `write` on *rows* and show what it says; returns its exit status."""
        command = [*self._command, "write", "--config", str(self._config), "--catalog", str(self._catalog)]
        began = time.monotonic()
        faults: list[Exception] = []
        with lend(command, stdin=subprocess.PIPE) as process:
            feeder = threading.Thread(target=_feed, args=(process, rows, platform, faults), daemon=True)
            feeder.start()
            assert process.stdout is not None  # noqa: S101 - it was asked for
            for line in process.stdout:
                message = json.loads(line)
                if message["type"] == "LOG" and LEFT_OUT.search(message["log"]["message"]):
                    self.left_out.append(message["log"]["message"])
                elif message["type"] == "STATE":
                    say(f"{time.monotonic() - began:5.0f} s  {platform.came_back(message)}")
                else:
                    show(message, f"{time.monotonic() - began:5.0f} s  ")
            status = process.wait()
            feeder.join(10)
        for fault in faults:
            raise fault
        return status


def _feed(process: subprocess.Popen[bytes], rows: Rows, platform: Platform, faults: list[Exception]) -> None:
    """Send all rows, and always the end of input; a connector that has ended early takes no more."""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    try:
        for line in rows.lines(platform):
            process.stdin.write(line)
    except BrokenPipeError:
        pass
    except Exception as error:  # noqa: BLE001 - it is raised where the demo runs
        faults.append(error)
    finally:
        # What it still holds cannot be sent to a connector that has ended.
        with suppress(BrokenPipeError):
            process.stdin.close()
