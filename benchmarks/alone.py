"""What the connector itself can do: every row is read, mapped and batched, nothing is sent, on one core."""

from __future__ import annotations

import os
from collections.abc import Iterator

from benchmarks.harness import BenchmarkError, Emulator, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale

CONNECTOR = {"dry_run": True, "imports_per_minute": 6000, "requests_per_second": 100}
FINISHED = "Dry run finished"


def measure(scale: Scale) -> Iterator[Outcome]:
    """Run it dry over few rows and over many: what many take more is the rows' own cost."""
    few, many = scale.of(20_000, 2_000), scale.of(200_000, 40_000)
    with Emulator({"latency_ms": 1}) as emulator:
        emulator.seed(ACCOUNT)
        # The reader's file is in memory then, and so are the connector's modules.
        _dry(emulator, few)
        small, large = _dry(emulator, few), _dry(emulator, many)
    wall = (many - few) / (large.wall_seconds - small.wall_seconds)
    cpu = (many - few) / (large.cpu_seconds - small.cpu_seconds)
    yield Outcome(
        "alone",
        [
            Figure("identify rows, by wall", wall, "rows/s", Target(">=", 20_000)),
            Figure("identify rows, by CPU", cpu, "rows/s"),
            Figure("the whole run, its start included", many / large.wall_seconds, "rows/s"),
            Figure("peak memory", large.peak_megabytes, "MB"),
        ],
        [
            (
                f"dry_run over {many:,} rows with two tags, three custom fields and one list each, that need no look-up; the "
                "process is kept on one core. Rows/s are those that lie between a run over "
                f"{few:,} rows and one over {many:,}: the start is in both."
            ),
        ],
        emulator.changed,
        CONNECTOR,
    )


def _dry(emulator: Emulator, count: int) -> Run:
    lines = Lines("identifies", Made(range(count), identify))
    core = min(os.sched_getaffinity(0))
    run = connect(settings(emulator, **CONNECTOR), lines, seconds=600, core=core)
    if run.fault or not any(FINISHED in error and f" {count} " in error for error in run.errors):
        told = "\n".join(run.said)
        raise BenchmarkError(f"The dry run did not end as one. {run.fault} It said last:\n{told}")
    return run
