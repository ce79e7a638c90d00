"""A sync that dies at a random moment, and the next one that begins after the last STATE that came back."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from unit_tests.simulation import ACCOUNT, CONTACTS, Simulation, catalog, dump, record, state

RUNS = int(os.environ.get("CRASH_RUNS", "12"))
STREAMS = catalog(identifies=CONTACTS, tracks=("email", "event", "messageId"))


def rows(chance: random.Random) -> list[dict[str, Any]]:
    """Contacts, repeated and changed, and events of theirs, with a STATE of each stream now and then."""
    messages: list[dict[str, Any]] = []
    for number in range(1_500):
        email = f"c{chance.randrange(400)}@example.com"
        if chance.random() < 0.2:
            messages.append(record("tracks", email=email, event="zqx-Order", messageId=f"m{number}"))
        else:
            tags = {"tags": [chance.choice(["vip", "old"])], "tagsReset": chance.random() < 0.05}
            messages.append(record("identifies", email=email, firstName="zqx-Ann", plan=f"zqx-{number}", **tags))
        if number % 100 == 99:
            messages.append(state("identifies", number))
            messages.append(state("tracks", 10_000 + number))
    return messages


def contacts_of(simulation: Simulation) -> dict[str, Any]:
    """The account's contacts, events left out."""
    return {
        each["email"]: (each["fields"].get("PLAN"), sorted(each["tags"]), each["lists"])
        for each in dump(simulation.emulator)
    }


def events_of(simulation: Simulation) -> int:
    """Events that the account holds."""
    return sum(len(each["events"]) for each in dump(simulation.emulator))


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_restart_ends_where_an_uninterrupted_sync_does(seed: int) -> None:
    """Contacts are the same; events are never fewer, and more only by those after the last STATE."""
    chance = random.Random(seed)
    messages = rows(chance)
    plain = Simulation(account=ACCOUNT, seed=seed)
    assert plain.sync(messages, STREAMS).error is None

    broken = Simulation(account=ACCOUNT, seed=seed)
    first = broken.sync(messages, STREAMS, dies_after_seconds=chance.uniform(1.0, 40.0))
    acknowledged = {each.state.message["state"]["id"] for each in first.states}
    last = {"identifies": -1, "tracks": -1}
    for place, message in enumerate(messages):
        if message["type"] == "STATE" and message["state"]["id"] in acknowledged:
            stream = message["state"]["stream"]["stream_descriptor"]["name"]
            last[stream] = place
    rest = [
        message
        for place, message in enumerate(messages)
        if place > last[message["record"]["stream"] if message["type"] == "RECORD" else stream_of(message)]
    ]
    sent_again = sum(message["type"] == "RECORD" and message["record"]["stream"] == "tracks" for message in rest)
    second = broken.sync(rest, STREAMS)

    assert second.error is None
    assert contacts_of(broken) == contacts_of(plain)
    assert events_of(plain) <= events_of(broken) <= events_of(plain) + sent_again


def stream_of(message: dict[str, Any]) -> str:
    """The stream of a STATE."""
    return str(message["state"]["stream"]["stream_descriptor"]["name"])
