"""kill -9 at random moments, and a start from the last STATE that came back: nothing missing, duplicates counted."""

from __future__ import annotations

import contextlib
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from activecampaign_emulator.server import EmulatorServer
from integration_tests import harness
from integration_tests.harness import (
    Input,
    as_platform,
    catalog_of,
    command,
    connection,
    emulated_account,
    record,
    state,
)
from integration_tests.process import Connector

RUNS = int(os.environ.get("CRASH_RUNS", "2"))
ROWS = 1_200
CATALOG = catalog_of(
    identifies=("email", "first_name", "plan", "tags", "tagsReset"), tracks=("email", "event", "value")
)
SEED = {"fields": [{"title": "Plan", "perstag": "PLAN"}], "tags": ["vip", "old"], "event_names": ["zqx-Order"]}
OPTIONS = {"latency_ms": 20.0, "import_seconds": 0.5, "import_jitter": 0.3}
AT_ONCE = 150
"""Lines that are written at once; there is a pause before the next, so that the kill may come while rows do."""


def messages() -> list[str]:
    """Return contacts that change, some by single requests, and events of theirs, with STATEs of both streams."""
    chance = random.Random(7)
    lines, known = [], set()
    for number in range(ROWS):
        email = f"zqx-{chance.randrange(700)}@example.com"
        # Events of people whom nobody knows yet are dropped by the account: a second sync would find some of them known.
        if chance.random() < 0.25 and email in known:
            lines.append(record({"email": email, "event": "zqx-Order", "value": str(number)}, "tracks"))
        else:
            known.add(email)
            tags = {"tags": [chance.choice(["vip", "old"])], "tagsReset": chance.random() < 0.02}
            lines.append(record({"email": email, "first_name": "zqx-Ann", "plan": f"zqx-{number}", **tags}))
        if number % 100 == 99:
            lines += [state(number), state(number, "tracks")]
    return lines


@dataclass(frozen=True, slots=True)
class Uninterrupted:
    """What a sync without a crash leaves, and how long it took."""

    contacts: dict[str, Any]
    events: Counter[str]
    seconds: float


def start(folder: Path, server: EmulatorServer) -> Connector:
    """Start a sync."""
    return Connector(command(folder, "write", connection(server, event_key=harness.EVENT_KEY), CATALOG))


def feed(run: Connector, sent: Input) -> None:
    """Write what the source sends, with pauses, until it is all written or nobody reads any more."""
    with contextlib.suppress(OSError, ValueError):
        for first in range(0, len(sent.lines), AT_ONCE):
            run.send("".join(f"{line}\n" for line in sent.lines[first : first + AT_ONCE]))
            time.sleep(0.2)
        run.close_stdin()


def to_the_end(folder: Path, server: EmulatorServer, sent: Input) -> None:
    """Run one sync to its end."""
    with start(folder, server) as run:
        feed(run, sent)
        assert run.wait(100) == 0
        assert len(run.states()) == len(sent.states)


def killed(folder: Path, server: EmulatorServer, sent: Input, seconds: float) -> Input:
    """Run a sync and kill it after so long; return what the source sends to the next one."""
    with start(folder, server) as run:
        feeding = threading.Thread(target=feed, args=(run, sent), daemon=True)
        feeding.start()
        time.sleep(seconds)
        run.process.kill()
        run.wait(10)
        feeding.join(10)
        acknowledged = set(run.states())
    last = {"identifies": -1, "tracks": -1}
    for place, line in enumerate(sent.lines):
        message = json.loads(line)
        if message["type"] == "STATE" and message["state"]["id"] in acknowledged:
            last[stream_of(message)] = place
    return as_platform(line for place, line in enumerate(sent.lines) if place > last[stream_of(json.loads(line))])


def stream_of(message: dict[str, Any]) -> str:
    """Return the stream of a message."""
    if message["type"] == "RECORD":
        return str(message["record"]["stream"])
    return str(message["state"]["stream"]["stream_descriptor"]["name"])


def landed(server: EmulatorServer) -> tuple[dict[str, Any], Counter[str]]:
    """Return the account's contacts without their events, and how often each event is there."""
    contacts = harness.control(server, "GET", "dump")["contacts"]
    kept = {one["email"]: (one["firstName"], one["fields"], sorted(one["tags"])) for one in contacts}
    return kept, Counter(event["eventdata"] for one in contacts for event in one["events"])


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uninterrupted]:
    """Sync all of it once without a crash."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    with emulated_account(OPTIONS, SEED) as server:
        began = time.monotonic()
        to_the_end(folder, server, as_platform(messages()))
        contacts, events = landed(server)
        yield Uninterrupted(contacts, events, time.monotonic() - began)


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_restart_ends_where_an_uninterrupted_sync_does(
    seed: int, uninterrupted: Uninterrupted, tmp_path: Path
) -> None:
    """Contacts are the same; no event is missing, and only those after the last STATE can be there more than once."""
    chance = random.Random(seed)
    left = as_platform(messages())
    again: Counter[str] = Counter()
    with emulated_account(OPTIONS, SEED) as server:
        for _ in range(chance.choice((1, 1, 2))):
            left = killed(tmp_path, server, left, chance.uniform(0.1, 1.0) * uninterrupted.seconds)
            again.update(event for event in map(event_of, left.lines) if event)
        to_the_end(tmp_path, server, left)
        contacts, events = landed(server)
    assert contacts == uninterrupted.contacts
    assert uninterrupted.events.keys() == events.keys()
    repeated = events - uninterrupted.events
    assert repeated <= again, "an event came again although a STATE after it had come back"
    print(f"{seed}: {repeated.total()} events came again, of {again.total()} that were sent again")  # noqa: T201


def event_of(line: str) -> str:
    """Return the value of an event's line, which tells it from all others; empty for others."""
    message = json.loads(line)
    return str(message["record"]["data"]["value"]) if message.get("record", {}).get("stream") == "tracks" else ""
