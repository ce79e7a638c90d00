"""How a sync ends: asked to stop, killed, or left by its reader; and that STATEs do not wait for the end of input."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integration_tests import expectations
from integration_tests.harness import (
    Input,
    as_platform,
    catalog_of,
    command,
    connection,
    control,
    emulated_account,
    read_output,
    record,
    state,
    write,
)
from integration_tests.process import Connector

CATALOG = catalog_of(identifies=("email", "first_name", "plan"))
SEED = {"fields": [{"title": "Plan", "perstag": "PLAN"}]}


def running(folder: Path, config: Mapping[str, Any]) -> Connector:
    """Start a sync."""
    return Connector(command(folder, "write", config, CATALOG))


def rows(first: int, last: int) -> list[str]:
    """Return rows with a STATE after each hundred."""
    lines = []
    for number in range(first, last):
        lines.append(record({"email": f"p{number}@example.com", "first_name": f"P{number}", "plan": f"v{number}"}))
        if number % 100 == 99:
            lines.append(state(number))
    return lines


def contacts(server: Any) -> dict[str, Any]:
    """Return the account's contacts without ids and times."""
    kept = ("firstName", "lastName", "phone", "tags", "fields", "lists")
    return {one["email"]: {key: one[key] for key in kept} for one in control(server, "GET", "dump")["contacts"]}


def test_states_come_back_while_stdin_is_open(tmp_path: Path) -> None:
    """A batch goes when no more rows came for a while: STATEs do not wait for the end of input."""
    sent = as_platform(rows(0, 200))
    with emulated_account({}, SEED) as server, running(tmp_path, connection(server)) as run:
        run.send(sent.text)
        run.wait_for_states(2, 40)
        assert run.process.poll() is None
        run.close_stdin()
        assert run.wait(20) == 0
        output = read_output("".join(run.stdout), "".join(run.stderr), 0)
        assert (
            expectations.differences(
                {"about": "", "streams": {"identifies": {"written": 200}}, "total": 200}, sent, output, server
            )
            == []
        )


def test_sigterm_in_the_middle(tmp_path: Path) -> None:
    """SIGTERM ends the sync within ten seconds as transient; what was confirmed has been reported, the rest has not."""
    sent = as_platform(rows(0, 1000))
    first, rest = sent.lines[:303], sent.lines[303:]
    with emulated_account({"import_seconds": 1.0}, SEED) as server, running(tmp_path, connection(server)) as run:
        run.send("".join(f"{line}\n" for line in first))
        run.wait_for_states(1, 40)
        control(server, "POST", "switches", {"import_seconds": 60.0})
        run.send("".join(f"{line}\n" for line in rest))
        time.sleep(2)
        asked = time.monotonic()
        run.process.send_signal(signal.SIGTERM)
        code = run.wait(30)
        took = time.monotonic() - asked
        output = read_output("".join(run.stdout), "".join(run.stderr), code)
        written = len(contacts(server))
    assert took < 12
    assert [error["failure_type"] for error in output.errors] == ["transient_error"]
    assert code == 1
    assert list(expectations.broken_rules(sent, output)) == []
    reported = sum(one["destinationStats"]["recordCount"] for one in output.states)
    assert 100 <= reported <= written


def test_sigterm_before_any_row(tmp_path: Path) -> None:
    """SIGTERM while the source sends nothing ends the sync as soon."""
    with emulated_account({}, SEED) as server, running(tmp_path, connection(server)) as run:
        deadline = time.monotonic() + 20
        while not any("identifies" in line for line in run.stdout) and time.monotonic() < deadline:
            time.sleep(0.05)
        asked = time.monotonic()
        run.process.send_signal(signal.SIGTERM)
        code = run.wait(30)
        took = time.monotonic() - asked
        output = read_output("".join(run.stdout), "".join(run.stderr), code)
    assert took < 12
    assert code == 1
    assert [error["failure_type"] for error in output.errors] == ["transient_error"]
    assert "Traceback" not in output.stderr


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_sigterm_while_the_account_is_silent(tmp_path: Path, scheme: str) -> None:
    """SIGTERM before anything was read, while the first answer or TLS's does not come, ends the sync within seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
        with running(tmp_path, {"api_url": url, "api_key": "zqx-key"}) as run:
            taken, _ = silent.accept()
            with taken:
                taken.recv(65536)
                asked = time.monotonic()
                run.process.send_signal(signal.SIGTERM)
                code = run.wait(60)
                took = time.monotonic() - asked
    output = read_output("".join(run.stdout), "".join(run.stderr), code)
    assert took < 12
    assert code == 1
    assert [error["failure_type"] for error in output.errors] == ["transient_error"]


def test_killed_and_started_again(tmp_path: Path) -> None:
    """After kill -9 a sync from the last acknowledged STATE leaves the contacts as if one had run through."""
    later = [record({"email": f"p{number}@example.com", "plan": f"later{number}"}) for number in range(0, 600, 3)]
    sent = as_platform([*rows(0, 600), *later, state(9999)])
    with emulated_account({}, SEED) as server:
        with running(tmp_path, connection(server)) as run:
            run.send("".join(f"{line}\n" for line in sent.lines[:404]))
            run.wait_for_states(1, 40)
            run.send("".join(f"{line}\n" for line in sent.lines[404:]))
            time.sleep(1)
            run.process.kill()
            run.wait(10)
            acknowledged = run.states()
        resumed = _after(sent, max(acknowledged))
        output = write(tmp_path, connection(server), CATALOG, resumed)
        landed = contacts(server)
    assert output.exit_code == 0
    assert len(output.states) == len(resumed.states)
    assert {email: (one["firstName"], one["fields"]) for email, one in landed.items()} == {
        f"p{number}@example.com": (f"P{number}", {"PLAN": f"{'v' if number % 3 else 'later'}{number}"})
        for number in range(600)
    }


def _after(sent: Input, number: int) -> Input:
    """Return what a source sends after the STATE of this number."""
    place = next(n for n, line in enumerate(sent.lines) if f'"id": {number},' in line and '"type": "STATE"' in line)
    return as_platform(sent.lines[place + 1 :])


def test_stdout_closed_early(tmp_path: Path) -> None:
    """When nobody reads any more the sync ends, without a traceback."""
    sent = as_platform(rows(0, 1000))
    with emulated_account({}, SEED) as server:
        reading, writing = os.pipe()
        with Connector(command(tmp_path, "write", connection(server), CATALOG), writing) as run:
            os.close(writing)
            os.close(reading)
            code = run.run_to_end(sent.text, 60)
    stderr = "".join(run.stderr)
    assert code > 0
    assert "Traceback" not in stderr
    assert "Exception ignored" not in stderr
    assert "Fatal Python error" not in stderr
