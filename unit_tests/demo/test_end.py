"""How the demo ends: whatever happens, nothing that it started is left. An orphan would hold the pipes, which are read here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SECONDS = 60


def the_demo(*arguments: str) -> subprocess.Popen[str]:
    """Start the demo, its errors in its output."""
    return subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_a_sync_that_fails_at_its_start(tmp_path: Path) -> None:
    """Its message is the last word, with exit status 1."""
    catalog = tmp_path / "discovered.json"
    catalog.write_text(json.dumps({"streams": [{"name": "identifies"}]}))
    with the_demo("--catalog", str(catalog)) as demo:
        told, _ = demo.communicate(timeout=SECONDS)
    assert "config_error: " in told
    assert "is no configured catalog" in told
    assert "Traceback" not in told
    assert demo.returncode == 1


@pytest.mark.parametrize(("number", "sign"), [(signal.SIGINT, "The account before"), (signal.SIGTERM, "→ identify (")])
def test_a_signal(number: signal.Signals, sign: str) -> None:
    """At its start and while rows are written, it ends without a traceback and with the signal's status."""
    with the_demo() as demo:
        assert demo.stdout is not None
        while sign not in (line := demo.stdout.readline()):
            assert line, "it ended by itself"
        os.kill(demo.pid, number)
        told, _ = demo.communicate(timeout=SECONDS)
    assert "Traceback" not in told
    assert demo.returncode == 128 + number


def test_an_account_that_the_emulator_refuses(tmp_path: Path) -> None:
    """An exception of any other kind leaves nothing behind either."""
    account = tmp_path / "account.json"
    account.write_text(json.dumps({"contacts": 1}))
    with the_demo("--account", str(account)) as demo:
        demo.communicate(timeout=SECONDS)
    assert demo.returncode == 1
