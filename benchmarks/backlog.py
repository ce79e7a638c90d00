"""An account that is slow to work imports off: each takes a minute."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Emulator, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale
from benchmarks.steady import HOW, steady_part

CONNECTOR = {"imports_per_minute": 100}


def measure(scale: Scale) -> Iterator[Outcome]:
    """Write contacts while the account lags behind."""
    # Twice the connector's window of 50,000 rows, so that it shows where the window stops it.
    count = scale.of(100_000, 4_000)
    options = {
        "import_seconds": scale.of(60, 12),
        "import_seconds_per_contact": 0,
        "import_jitter": 0,
        "import_concurrency": 200,
    }
    with Emulator(options) as emulator:
        emulator.seed(ACCOUNT)
        lines = Lines("identifies", Made(range(count), identify))
        run = connect(settings(emulator, **CONNECTOR), lines, seconds=1800).prove(count)
        requests = emulator.journal()
    steady = steady_part(run, requests, scale.of(10, 3))
    no_429, no_400 = quota_answers(requests, targets=True)
    yield Outcome(
        "backlog",
        [
            Figure("contacts, steady part", steady.rows_per_second, "contacts/s", Target(">=", 240)),
            no_429,
            no_400,
            Figure("requests", len(requests) / count, "per contact"),
            Figure("connector's CPU", 100 * run.cpu_seconds / run.wall_seconds, "% of a core"),
            Figure("peak memory", run.peak_megabytes, "MB"),
        ],
        [f"{count:,} new contacts; every import takes {options['import_seconds']} s, 200 are worked on at once.", HOW],
        emulator.changed,
        CONNECTOR,
    )
