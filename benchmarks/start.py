"""How long the connector takes to answer at all, over what the CDK's import takes alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.harness import ROOT
from benchmarks.results import Figure, Outcome, Target
from benchmarks.scale import Scale

SPEC: Final = ("-m", "destination_activecampaign", "spec")
IMPORT: Final = ("-c", "from airbyte_cdk.destinations import Destination")


def measure(scale: Scale) -> Iterator[Outcome]:
    """Run both in turn."""
    runs = scale.of(10, 3)
    _seconds(SPEC)
    _seconds(IMPORT)
    pairs = [(_seconds(SPEC), _seconds(IMPORT)) for _ in range(runs)]
    spec, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    yield Outcome(
        "start",
        [
            Figure("spec over the bare import", spec - bare, "s", Target("<=", 0.2)),
            Figure("spec", spec, "s"),
            Figure("the bare import", bare, "s"),
        ],
        [
            (
                "`python -m destination_activecampaign spec` and `python -c 'from airbyte_cdk.destinations import Destination'` "
                f"in turn, {runs} times each after one that is not counted; medians."
            ),
        ],
    )


def _seconds(arguments: tuple[str, ...]) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began
