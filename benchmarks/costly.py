"""Rows that no import can write alone: without a name, with a tag reset, with values to empty, known by an id of one's own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.harness import ROOT, BenchmarkError, Emulator, Request, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, TAGS, Json, Lines, Made, existing, identify
from benchmarks.scale import Scale

EXTERNAL_ID: Final[Json] = {"title": "External id", "perstag": "EXTERNAL_ID", "type": "text"}
OBJECT: Final = {"destination_object_name": "contact", "destination_sync_mode": "update", "primary_key": [["userId"]]}
"""How a stream is configured that updates contacts by the external id."""

CHANGED_ONE_IN: Final = 10


def nameless(number: int) -> Json:
    """Return a row that may only update a contact."""
    row = identify(number)
    return {"email": row["email"], "company_name": "Renamed", "plan_tier": row["plan_tier"]}


def reset(number: int) -> Json:
    """Return a row that says which tags its contact has, as most of them have already."""
    row = identify(number)
    tags = row["tags"] if number % CHANGED_ONE_IN else [row["tags"][0], _other_tag(row["tags"])]
    return {**row, "tags": tags, "tags_reset": True}


def cleared(number: int) -> Json:
    """Return a row with two empty columns whose fields hold something."""
    return {**identify(number), "company_name": None, "signed_up_on": None}


def by_external_id(number: int) -> Json:
    """Return a row that says by the external id whose values it changes."""
    return {"userId": external_id(number), "company_name": "Renamed", "plan_tier": identify(number)["plan_tier"]}


def external_id(number: int) -> str:
    """Return a person's id in the warehouse."""
    return f"user-{number:07}"


def known(number: int) -> Json:
    """Return the contact of a row, with its external id."""
    contact = existing(number)
    return {**contact, "fields": {**contact["fields"], "EXTERNAL_ID": external_id(number)}}


def _other_tag(tags: list[str]) -> str:
    return next(tag for tag in TAGS if tag not in tags)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of rows. `count`: how many are written, in full and in quick runs; `configured`: of the stream."""

    what: str
    make: Any
    count: tuple[int, int]
    target: Target | None = None
    settings: Json = field(default_factory=dict)
    configured: Json = field(default_factory=dict)


KINDS: Final = (
    _Kind("nameless rows", nameless, (5_000, 500), Target("<=", 0.06)),
    _Kind("tagsReset rows", reset, (5_000, 20), Target("<=", 2.2)),
    # More than two requests a row: 5,000 of them would take three quarters of an hour.
    _Kind("rows with two values to empty", cleared, (2_000, 20), settings={"null_values": "clear"}),
)
BY_EXTERNAL_ID: Final = _Kind(
    "updates of known contacts by external id", by_external_id, (5_000, 20), configured=OBJECT
)


def measure(scale: Scale) -> Iterator[Outcome]:
    """Write each kind into an account of its own, all at the same time: they wait for their quotas, and use no processor."""
    account = scale.of(20_000, 2_000)
    kinds = [*KINDS, BY_EXTERNAL_ID] if _updates_are_offered() else KINDS
    with ThreadPoolExecutor(len(kinds)) as pool:
        written = list(pool.map(partial(_write, account=account, scale=scale), kinds))
    figures: list[Figure] = []
    for kind, (run, requests) in zip(kinds, written, strict=True):
        count = scale.of(*kind.count)
        figures += [
            Figure(f"{kind.what}, {count:,}: requests", len(requests) / count, "per row", kind.target),
            Figure(f"{kind.what}, speed", run.rows / (run.confirmed[-1].time - run.began), "rows/s"),
        ]
    if BY_EXTERNAL_ID not in kinds:
        figures.append(Figure(BY_EXTERNAL_ID.what, "not offered yet"))
    yield Outcome(
        "costly",
        [*figures, *quota_answers([one for _, requests in written for one in requests])],
        [
            (
                f"In an account of {account:,} contacts for each kind of rows, at the documented quotas and the default "
                "settings. Nameless rows update contacts; of the tagsReset rows nine in ten name the tags that their contact "
                "has, the others one other; the third kind has two empty columns whose fields hold a value, with "
                "null_values: clear."
            ),
            (
                "Requests are all that the account saw, the connector's start included, over the rows. Rows/s are all rows "
                "over the time from the connector's start to the last STATE, the wait for the import included."
            ),
        ],
        {},
        {},
    )


def _updates_are_offered() -> bool:
    """Ask the connector whether a stream can be mapped to updates of contacts."""
    with Emulator() as emulator, TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "config.json"
        file.write_text(json.dumps(settings(emulator)), "utf-8")
        command = [sys.executable, "-m", "destination_activecampaign", "discover", "--config", str(file)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    messages = [message for message in map(json.loads, said.splitlines()) if message["type"] == "DESTINATION_CATALOG"]
    operations = messages[0]["destination_catalog"]["operations"]
    return any(one["object_name"] == "contact" and one["sync_mode"] == "update" for one in operations)


def _write(kind: _Kind, account: int, scale: Scale) -> tuple[Run, list[Request]]:
    count = scale.of(*kind.count)
    with Emulator() as emulator:
        emulator.seed({**ACCOUNT, "fields": [*ACCOUNT["fields"], EXTERNAL_ID]}, Made(range(account), known))
        lines = Lines("identifies", Made(range(count), kind.make), rows_per_state=50, configured=kind.configured)
        run = connect(settings(emulator, **kind.settings), lines, seconds=7200).prove(count)
        if emulator.summary()["contacts_total"] != account:
            raise BenchmarkError("The rows were to change contacts, and made some.")
        return run, emulator.journal()
