"""Whether memory and time per row grow with the rows: ten times as many, as fast as the settings allow, with trouble."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.harness import BenchmarkError, Emulator, Request, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale
from benchmarks.steady import FROM, FULL

CONNECTOR = {"imports_per_minute": 6000, "requests_per_second": 100}
"""As much as the settings take."""

OPTIONS = {
    "latency_ms": 1,
    "import_seconds": 0.2,
    "import_seconds_per_contact": 0,
    # The connector goes by the limit that the answers tell, and keeps to the documented one where they tell none.
    "requests_per_second": 120,
    "imports_per_minute": 0,
    "single_imports_per_minute": 0,
}
WINDOW = 200
"""Full imports that hold as many rows as the connector reads before any is confirmed, 50,000."""

FAULTS = (
    {"kind": "status", "status": 503, "times": -1, "probability": 0.005},
    {"kind": "cut_after", "times": -1, "probability": 0.005},
)


def measure(scale: Scale) -> Iterator[Outcome]:
    """Write the rows and ten times as many."""
    few, many = scale.of(100_000, 20_000), scale.of(1_000_000, 60_000)
    shorts = [_write(few) for _ in range(scale.of(3, 1))]
    small = max((run for run, _ in shorts), key=lambda run: run.peak_megabytes)
    large, seen = _write(many)
    first = scale.of(WINDOW, FROM)
    before = 1e6 * statistics.median(_seconds_per_row(requests, first) for _, requests in shorts)
    after = 1e6 * _seconds_per_row(seen, first)
    yield Outcome(
        "growth",
        [
            Figure(
                "peak memory, more rows over fewer",
                large.peak_megabytes / small.peak_megabytes,
                "times",
                Target("<=", 1.15),
            ),
            Figure(f"peak memory, {many:,} rows", large.peak_megabytes, "MB", Target("<=", 250)),
            Figure(f"peak memory, {few:,} rows", small.peak_megabytes, "MB"),
            Figure("time per row, more rows over fewer", after / before, "times", Target("<=", 1.10)),
            Figure(f"time per row, {many:,} rows", after, "µs"),
            Figure(f"time per row, {few:,} rows", before, "µs"),
            Figure(f"CPU per row, {many:,} rows, the start included", 1e6 * large.cpu_seconds / many, "µs"),
            Figure(f"CPU per row, {few:,} rows, the start included", 1e6 * small.cpu_seconds / few, "µs"),
            Figure("requests", len(seen) / many, "per contact"),
            *quota_answers(seen),
        ],
        [
            (
                f"{few:,} and {many:,} new contacts of the same kind as above, each run in an empty account. One request in a "
                "hundred fails: half of them with a 503, half of them are done and their answer is lost."
            ),
            (
                "Time per row is that between the imports that the account accepted, from the 200th to the last full one: the "
                "connector reads 50,000 rows, which fill 200 imports, without waiting for any, and from there on only as "
                "rows are confirmed. All rows were confirmed in the end."
            ),
            f"Of the smaller size the median of {len(shorts)} runs is taken, and their largest peak of memory.",
        ],
        OPTIONS,
        CONNECTOR,
    )


def _write(count: int) -> tuple[Run, list[Request]]:
    with Emulator(OPTIONS) as emulator:
        emulator.seed(ACCOUNT)
        emulator.fail(*FAULTS)
        lines = Lines("identifies", Made(range(count), identify))
        run = connect(settings(emulator, **CONNECTOR), lines, seconds=3600).prove(count)
        if emulator.summary()["contacts_total"] != count:
            raise BenchmarkError("The account does not hold what was written.")
        return run, emulator.journal()


def _seconds_per_row(requests: list[Request], first: int) -> float:
    imports = [request for request in requests if request.is_accepted_import and request.contacts == FULL]
    if len(imports) <= first:
        raise BenchmarkError(f"{len(imports)} full imports are too few.")
    return (imports[-1].time - imports[first - 1].time) / (FULL * (len(imports) - first))
