"""Emails that come again: many rows of each close together, and one that comes again and again."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import BenchmarkError, Emulator, Request, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, Json, Lines, Made, identify
from benchmarks.scale import Scale
from benchmarks.steady import HOW, steady_part

CONNECTOR = {"imports_per_minute": 100}
ROWS_PER_EMAIL = 20
CLUSTER = 50
"""Emails whose rows lie mixed with each other's: a person's twenty rows are spread over a thousand."""

HOT = 10_000_000
"""The number of the person that comes again and again."""


def clustered(place: int) -> Json:
    """Return the row at *place*: twenty of each email, mixed with those of its cluster."""
    cluster, within = divmod(place, CLUSTER * ROWS_PER_EMAIL)
    return {**identify(cluster * CLUSTER + within % CLUSTER), "company_name": f"Company {place}"}


def with_a_hot_one(place: int, every: int) -> Json:
    """Return the row at *place*: one in so many is of the same email."""
    return {**identify(HOT if place % every == 0 else place), "company_name": f"Company {place}"}


def measure(scale: Scale) -> Iterator[Outcome]:
    """Write both kinds of rows."""
    many, more, spread = scale.of(60_000, 20_000), scale.of(600_000, 0), scale.of(50_000, 5_000)
    whole, requests = _write(Made(range(many), clustered), many, many // ROWS_PER_EMAIL)
    seen = list(requests)
    figures = [_from_first_import("20 rows an email in clusters, from the first import to the last row", whole, 600)]
    figures += [
        Figure("20 rows an email, contacts sent", sum(one.contacts for one in _imports(requests)) / many, "per row"),
    ]
    if more:
        long, requests = _write(Made(range(more), clustered), more, more // ROWS_PER_EMAIL)
        rate = steady_part(long, requests).rows_per_second
        figures.append(Figure(f"the same, {more:,} rows, steady part", rate, "rows/s", Target(">=", 600)))
        seen += requests
    hot, requests = _write(
        Made(range(spread), with_a_hot_one, scale.of(50, 25)), spread, spread - spread // scale.of(50, 25) + 1
    )
    rate = steady_part(hot, requests, scale.of(10, 3)).rows_per_second
    figures += [
        Figure("one email again and again, steady part", rate, "rows/s", Target(">=", 380)),
        Figure(
            "one email again and again, contacts sent",
            sum(one.contacts for one in _imports(requests)) / spread,
            "per row",
        ),
        *quota_answers([*seen, *requests]),
    ]
    yield Outcome(
        "repeated",
        figures,
        [
            (
                f"{many:,} rows, twenty of each email, a person's rows spread over a thousand: they fold into few imports, too "
                "few for a steady part, so the rate is that of all rows between the first import and the last confirmation; "
                "a longer run of the same kind shows the steady part."
            ),
            (
                f"{spread:,} rows of which {spread // scale.of(50, 25):,} are of one email, evenly spread, the others of one "
                "email each."
            ),
            HOW,
        ],
        {},
        CONNECTOR,
    )


def _write(rows: Made, count: int, contacts: int) -> tuple[Run, list[Request]]:
    with Emulator() as emulator:
        emulator.seed(ACCOUNT)
        run = connect(settings(emulator, **CONNECTOR), Lines("identifies", rows), seconds=1200).prove(count)
        if emulator.summary()["contacts_total"] != contacts:
            raise BenchmarkError("The account does not hold what was written.")
        run.began = run.began + _first_import(emulator, run)
        return run, emulator.journal()


def _first_import(emulator: Emulator, run: Run) -> float:
    """Return the seconds from the connector's start to its first import."""
    began = emulator.time(run.began)
    return next(request.time for request in emulator.journal() if request.is_accepted_import) - began


def _from_first_import(what: str, run: Run, target: float) -> Figure:
    return Figure(what, run.rows / (run.confirmed[-1].time - run.began), "rows/s", Target(">=", target))


def _imports(requests: list[Request]) -> list[Request]:
    return [request for request in requests if request.is_accepted_import]
