"""Refused rows are kept before the STATE that counts them leaves, whatever happens: whole syncs with a local store."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.sync.checkpoints import Acknowledged
from unit_tests.simulation import Finished, Simulation, record, state


def rows(count: int = 600) -> list[dict[str, Any]]:
    """Return rows of which every third is refused and every seventh in a part, with a STATE after each hundred."""
    messages: list[dict[str, Any]] = []
    for number in range(count):
        email = "zqx-bad" if number % 3 == 0 else f"zqx-{number}@example.com"
        name = "zqx-\0" if number % 7 == 0 else "zqx-Ann"
        messages.append(record("identifies", email=email, firstName=name, lastName="zqx-B", plan=str(number)))
        if number % 100 == 99:
            messages.append(state("identifies", number))
    return messages


def kept(folder: Path) -> list[dict[str, Any]]:
    """Return the rows that are in the store."""
    return [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]


def sync(simulation: Simulation, folder: Path, messages: list[dict[str, Any]], **how: Any) -> Finished:
    """Sync with a store in *folder*, and see at each STATE that the rows which it counts are there."""
    counted = {"rejected": len([row for row in kept(folder) if "rejected_row_written" not in row]), "parts": 0}
    parts = len(kept(folder)) - counted["rejected"]

    def are_there(acknowledged: Acknowledged) -> None:
        counted["rejected"] += acknowledged.counts.rejected
        counted["parts"] += acknowledged.counts.refused_parts
        stored = kept(folder)
        assert len([row for row in stored if "rejected_row_written" not in row]) >= counted["rejected"]
        assert len([row for row in stored if "rejected_row_written" in row]) >= parts + counted["parts"]

    storage = {"storage_type": "Local", "path": str(folder)}
    return simulation.sync(messages, on_state=are_there, object_storage_config=storage, **how)


def test_every_refused_row_is_kept_whole_with_its_reason(tmp_path: Path) -> None:
    """Once each, and those of which a part was refused too; before their STATE leaves."""
    messages = rows()
    finished = sync(Simulation(), tmp_path, messages)
    assert (finished.error, finished.rejected, len(finished.states)) == (None, 200, 6)
    given = [message["record"]["data"] for message in messages if message["type"] == "RECORD"]
    stored = kept(tmp_path)
    refused = [row for row in stored if "rejected_row_written" not in row]
    parts = [row for row in stored if "rejected_row_written" in row]
    assert {row["rejected_reason"] for row in refused} == {"email_invalid"}
    assert {row["rejected_reason"] for row in parts} == {"invalid_value"}

    def bare(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: value for name, value in row.items() if not name.startswith("rejected_")} for row in rows]

    assert bare(refused) == [row for row in given if row["email"] == "zqx-bad"]
    written_in_part = [row for row in given if row["email"] != "zqx-bad" and row["firstName"] == "zqx-\0"]
    assert sorted(bare(parts), key=lambda row: int(row["plan"])) == written_in_part


@pytest.mark.parametrize("seed", range(8))
def test_a_crash_loses_no_refused_row(seed: int, tmp_path: Path) -> None:
    """Those that STATEs counted are there; the next sync keeps the rest, and may keep some again."""
    chance = random.Random(seed)
    messages = rows()
    simulation = Simulation(seed=seed)
    first = sync(simulation, tmp_path, messages, dies_after_seconds=chance.uniform(1.0, 30.0))
    acknowledged = [each.state.message["state"]["id"] for each in first.states]
    place = next(
        (n for n, each in enumerate(messages) if each.get("state", {}).get("id") == max(acknowledged, default=-1)), -1
    )
    assert sync(simulation, tmp_path, messages[place + 1 :]).error is None
    refused = {row["plan"] for row in kept(tmp_path) if "rejected_row_written" not in row}
    assert refused == {str(number) for number in range(0, 600, 3)}


def test_no_state_leaves_whose_rows_could_not_be_kept(tmp_path: Path) -> None:
    """The disk refuses: the sync ends with what to do, and the next one sends these rows again."""
    folder = tmp_path / "kept"
    simulation = Simulation()

    def replaced_by_a_file(_: object) -> None:
        if folder.is_dir():
            folder.rmdir()
            folder.write_text("")

    storage = {"storage_type": "Local", "path": str(folder)}
    finished = simulation.sync(rows(), watch=replaced_by_a_file, object_storage_config=storage)
    assert isinstance(finished.error, ConfigError)
    assert "object_storage_config" in finished.error.message
    assert finished.states == []
