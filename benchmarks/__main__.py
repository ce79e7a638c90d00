"""Runs benchmarks: all, or those that are named. Each keeps its result; the page is written anew after each."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, TypeAlias

from benchmarks import alone, backlog, ceiling, costly, estimate, growth, profile, repeated, shared, start, tracking
from benchmarks.harness import ROOT, BenchmarkError, end_all
from benchmarks.page import aimed, page, shown
from benchmarks.results import FOLDER, Kept, Outcome, keep, load, save
from benchmarks.scale import Scale

PAGE: Final = ROOT / "docs" / "performance.md"

Folders: TypeAlias = tuple[Path, Path]
"""Where results are kept, and the page of them."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What one name on the command line runs. `outcomes`: name → title of each outcome that it yields, in order."""

    measure: Callable[[Scale], Iterator[Outcome]]
    outcomes: dict[str, str]


BENCHMARKS: Final = (
    Benchmark(
        ceiling.measure,
        {"ceiling": "Contacts at the documented quotas", "peers": "The same rows, one at a time, as others write them"},
    ),
    Benchmark(backlog.measure, {"backlog": "An account that takes a minute for each import"}),
    Benchmark(repeated.measure, {"repeated": "Repeated emails"}),
    Benchmark(alone.measure, {"alone": "The connector alone"}),
    Benchmark(growth.measure, {"growth": "Ten times the rows"}),
    Benchmark(costly.measure, {"costly": "Costly rows"}),
    Benchmark(tracking.measure, {"tracking": "Events and visits"}),
    Benchmark(shared.measure, {"shared": "Two connections on one account"}),
    Benchmark(start.measure, {"start": "Start"}),
    Benchmark(estimate.measure, {"estimate": "The dry run's estimate"}),
    Benchmark(profile.measure, {"profile": "Where the time goes"}),
)
TITLES: Final = {name: title for benchmark in BENCHMARKS for name, title in benchmark.outcomes.items()}


def main() -> None:
    """Run what the command line names; exit 1 where one could not be measured or missed a target."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="what to measure (default: all); --list shows the names"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small versions that only prove that it works; nothing is kept"
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="keep results and page there, the quick ones too")
    parser.add_argument("--list", action="store_true", help="show the names and end")
    parser.add_argument("--page", action="store_true", help="write the page from the results that are kept, and end")
    arguments = parser.parse_args()
    folders = None if arguments.quick else (FOLDER, PAGE)
    if arguments.into:
        folders = (arguments.into, arguments.into / PAGE.name)
    unknown = [name for name in arguments.names if name not in TITLES]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; --list shows the names")
    if arguments.list:
        for name, title in TITLES.items():
            print(f"{name:10} {title}")
    elif arguments.page and folders:
        _write_page(folders)
    else:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)
        chosen = [one for one in BENCHMARKS if not arguments.names or one.outcomes.keys() & set(arguments.names)]
        missed = [_run(one, Scale(arguments.quick), folders) for one in chosen]
        sys.exit(any(missed))


def _stop(number: int, _frame: FrameType | None) -> None:
    end_all()
    sys.exit(128 + number)


def _run(benchmark: Benchmark, scale: Scale, kept_in: Folders | None) -> bool:
    """Measure, and say whether anything went wrong or was missed."""
    began = time.monotonic()
    print(f"\n{' and '.join(benchmark.outcomes)} ...", flush=True)
    try:
        outcomes = list(benchmark.measure(scale))
    except BenchmarkError as error:
        print(f"could not be measured: {error}", flush=True)
        return True
    results = [keep(outcome, time.monotonic() - began) for outcome in outcomes]
    for kept in results:
        _tell(kept)
        if kept_in:
            save(kept, kept_in[0])
    if kept_in:
        _write_page(kept_in)
    return any(figure.is_met is False for kept in results for figure in kept.outcome.figures)


def _tell(kept: Kept) -> None:
    print(f"{TITLES[kept.outcome.name]} ({kept.seconds:.0f} s)")
    for figure in kept.outcome.figures:
        target = "" if figure.target is None else f"{aimed(figure.target, figure.unit):>28}"
        met = {True: "met", False: "NOT MET", None: ""}[figure.is_met]
        print(f"  {figure.what:72} {shown(figure):>22} {target} {met}".rstrip(), flush=True)


def _write_page(folders: Folders) -> None:
    results, file = folders
    kept = {name: result for name in TITLES if (result := load(name, results)) is not None}
    file.write_text(page(TITLES, kept), "utf-8")


if __name__ == "__main__":
    main()
