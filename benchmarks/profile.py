"""Where the connector's processor time goes: samples of the threads that run Python, by the connector's function."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks import alone, ceiling
from benchmarks.harness import BenchmarkError, Emulator, connector_files, settings
from benchmarks.results import Figure, Outcome
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale

SAMPLES_PER_SECOND: Final = 250
FUNCTIONS: Final = 14
OURS: Final = re.compile(r"^(?P<name>.+?) \((?:.*/)?destination_activecampaign/(?P<file>[\w/]+\.py):\d+\)$")
START: Final = "<frozen importlib"


def measure(scale: Scale) -> Iterator[Outcome]:
    """Sample the connector alone, and at the account's ceiling."""
    dry, real = scale.of(200_000, 20_000), scale.of(20_000, 2_000)
    figures = [
        *_sampled(f"alone, {dry:,} rows", dry, {"latency_ms": 1}, alone.CONNECTOR),
        *_sampled(f"at the ceiling, {real:,} contacts", real, {}, ceiling.CONNECTOR),
    ]
    largest = max(
        float(figure.value)
        for figure in figures
        if figure.unit == "%" and "`" in figure.what and "alone" in figure.what
    )
    yield Outcome(
        "profile",
        figures,
        [
            (
                f"py-spy takes {SAMPLES_PER_SECOND} samples a second of the thread that runs Python (`--gil`): of `dry_run` over "
                "the rows of measure 5, and of a sync at the documented quotas as in measure 1. A sample counts for the "
                "innermost function of the connector, what that calls of Python and libraries included; importing modules is a "
                f"line of its own. The {FUNCTIONS} largest of each are shown."
            ),
            (
                f"Alone, no function takes more than {largest:.0f} %: what a row costs is spread over all that is done with it, "
                "and nothing stands out that could be spared."
            ),
        ],
    )


def _sampled(what: str, count: int, options: Mapping[str, Any], changes: Mapping[str, Any]) -> list[Figure]:
    with Emulator(options) as emulator, TemporaryDirectory(prefix="bench-") as name:
        emulator.seed(ACCOUNT)
        folder = Path(name)
        stacks = folder / "stacks"
        lines = Lines("identifies", Made(range(count), identify))
        command = connector_files(folder, settings(emulator, **changes), lines)
        spy = Path(sys.executable).with_name("py-spy")
        recorded = [str(spy), "record", "--gil", "--rate", str(SAMPLES_PER_SECOND), "--format", "raw"]
        with (folder / "messages.jsonl").open("rb") as source:
            done = subprocess.run(
                [*recorded, "--output", str(stacks), "--", *command], stdin=source, capture_output=True, check=False
            )
        if not stacks.exists():
            raise BenchmarkError(
                f"py-spy could not look into the connector: {done.stderr.decode(errors='replace')[-300:]}"
            )
        counts = _by_function(stacks.read_text("utf-8"))
    total = counts.total()
    seconds = total / SAMPLES_PER_SECOND
    return [
        Figure(f"{what}: Python ran", seconds, "s"),
        *(
            Figure(f"{what}: {function}", 100 * samples / total, "%")
            for function, samples in counts.most_common(FUNCTIONS)
        ),
    ]


def _by_function(stacks: str) -> Counter[str]:
    """Count samples by what they belong to. A line is a stack, outermost first, and how often it was seen."""
    counts: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, times = line.rpartition(" ")
        frames = stack.split(";")
        ours = [found for frame in frames if (found := OURS.match(frame))]
        if any(START in frame for frame in frames):
            counts["importing modules"] += int(times)
        elif ours:
            counts[f"`{ours[-1]['name']}` in {ours[-1]['file']}"] += int(times)
        else:
            counts["Python itself"] += int(times)
    return counts
