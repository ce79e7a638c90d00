"""Rows that no import can write alone: without a name, with a tag reset, with values to empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.harness import BenchmarkError, Emulator, Request, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, TAGS, Json, Lines, Made, existing, identify
from benchmarks.scale import Scale

RAISED_EMULATOR: Final = {"latency_ms": 1, "requests_per_second": 120, "imports_per_minute": 0}
RAISED: Final = {"requests_per_second": 100, "imports_per_minute": 6000}
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


def _other_tag(tags: list[str]) -> str:
    return next(tag for tag in TAGS if tag not in tags)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of rows. `few`: how many are written at the default pace, 0 for all."""

    what: str
    make: Any
    few: int
    target: Target | None
    settings: Json


KINDS: Final = (
    _Kind("nameless rows", nameless, 0, Target("<=", 0.06), {}),
    _Kind("tagsReset rows", reset, 300, Target("<=", 2.2), {}),
    _Kind("rows with two values to empty", cleared, 300, None, {"null_values": "clear"}),
)


def measure(scale: Scale) -> Iterator[Outcome]:
    """Write each kind at a raised pace, for its requests, and at the default one, for its speed."""
    account, count = scale.of(20_000, 2_000), scale.of(5_000, 500)
    figures: list[Figure] = []
    seen: list[Request] = []
    for kind in KINDS:
        many, requests = _write(kind, account, count, RAISED_EMULATOR, RAISED)
        few = kind.few and min(kind.few, scale.of(kind.few, 20))
        paced, at_default = _write(kind, account, few or count, {}, {})
        figures += [
            Figure(f"{kind.what}, requests", len(requests) / count, "per row", kind.target),
            Figure(f"{kind.what}, at the default pace", _rate(paced), "rows/s"),
            Figure(f"{kind.what}, at a raised pace", _rate(many), "rows/s"),
        ]
        seen += at_default
    refusals = (Figure(f"{figure.what}, at the default pace", figure.value) for figure in quota_answers(seen))
    figures += [Figure("updates of known contacts by external id", "not built yet"), *refusals]
    yield Outcome(
        "costly",
        figures,
        [
            (
                f"In an account of {account:,} contacts, {count:,} rows of each kind. Nameless rows update contacts; of the "
                "tagsReset rows nine in ten name the tags that their contact has, the others one other; the third kind has two "
                "empty columns whose fields hold a value, with null_values: clear."
            ),
            (
                "Requests are all that the account saw, its start included, over the rows; they were counted at a raised pace "
                "(100 requests a second), because at 4 a second two of the kinds would take most of an hour and more. Rows/s are "
                f"those of a run at the default settings and the documented quotas: all {count:,} nameless rows, and "
                f"{scale.of(300, 20)} of each of the others. They are all rows over the time from the connector's start to the "
                "last STATE, the wait for the import included."
            ),
        ],
        {},
        {},
    )


def _write(kind: _Kind, account: int, count: int, emulator_options: Json, pace: Json) -> tuple[Run, list[Request]]:
    with Emulator(emulator_options) as emulator:
        emulator.seed(ACCOUNT, Made(range(account), existing))
        lines = Lines("identifies", Made(range(count), kind.make), rows_per_state=50)
        run = connect(settings(emulator, **pace, **kind.settings), lines, seconds=3600).prove(count)
        if emulator.summary()["contacts_total"] != account:
            raise BenchmarkError("The rows were to change contacts, and made some.")
        return run, emulator.journal()


def _rate(run: Run) -> float:
    return run.rows / (run.confirmed[-1].time - run.began)
