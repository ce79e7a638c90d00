"""Whether memory and time per row grow with the rows: ten times as many, as fast as the settings allow, with trouble."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import BenchmarkError, Emulator, Request, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale
from benchmarks.steady import FROM, steady_part

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
    small, first = _write(few)
    large, second = _write(many)
    runs = ((small, first), (large, second))
    per_row = [1e6 / steady_part(run, requests, scale.of(WINDOW, FROM)).rows_per_second for run, requests in runs]
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
            Figure("time per row, more rows over fewer", per_row[1] / per_row[0], "times", Target("<=", 1.10)),
            Figure(f"time per row, {many:,} rows", per_row[1], "µs"),
            Figure(f"time per row, {few:,} rows", per_row[0], "µs"),
            Figure(f"CPU per row, {many:,} rows, the start included", 1e6 * large.cpu_seconds / many, "µs"),
            Figure(f"CPU per row, {few:,} rows, the start included", 1e6 * small.cpu_seconds / few, "µs"),
            Figure("requests", len(second) / many, "per contact"),
            *quota_answers(second),
        ],
        [
            (
                f"{few:,} and {many:,} new contacts of the same kind as above, each run in an empty account. One request in a "
                "hundred fails: half of them with a 503, half of them are done and their answer is lost."
            ),
            (
                "Time per row is that between the confirmation of the first window of 50,000 rows, which the connector reads "
                "without waiting for any, and that of the last full import. Emulator and connector each have a core, if "
                "the machine has two."
            ),
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
