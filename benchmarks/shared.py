"""Two connections on one account: neither knows of the other, and the quota is one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.harness import BenchmarkError, Emulator, Run, connect, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale
from benchmarks.steady import FULL

IMPORTS_PER_MINUTE = 100
GROUPS = ("first", "second")
BEGINNING = 0.2
"""Share of the time that is left out where the two are compared as they run on."""


def measure(scale: Scale) -> Iterator[Outcome]:
    """Run both at once until each is done, and look at the first ten minutes."""
    # Together as much as the whole quota takes in that time: neither is done before, unless it gets more than its half.
    minutes = scale.of(10.0, 0.5)
    count = round(minutes * IMPORTS_PER_MINUTE * FULL / 2)
    with Emulator() as emulator, ThreadPoolExecutor(len(GROUPS)) as pool:
        emulator.seed(ACCOUNT)
        lines = [Lines("identifies", Made(range(count), identify, group)) for group in GROUPS]
        runs = list(pool.map(lambda each: connect(settings(emulator), each, seconds=5400), lines))
        requests = emulator.journal()
        ends = [emulator.time(run.confirmed[-1].time) if run.confirmed else 0.0 for run in runs]
        moved = emulator.time(0.0)
        if emulator.summary()["contacts_total"] != count * len(GROUPS):
            raise BenchmarkError("The account does not hold what was written.")
    for run in runs:
        run.prove(count)
    imports = [request for request in requests if request.is_accepted_import]
    begin = imports[0].time
    end = min(begin + 60 * minutes, *ends)
    within = [request for request in requests if begin <= request.time <= end]
    share = sum(one.is_accepted_import for one in within) / (IMPORTS_PER_MINUTE * (end - begin) / 60)
    too_fast, too_many = quota_answers(within)
    each = [run.rows_at(end - moved) for run in runs]
    # A start takes time of its own, and waits while the account works off imports that may be those of a sync that broke.
    later = begin + (end - begin) * BEGINNING
    after = [run.rows_at(end - moved) - run.rows_at(later - moved) for run in runs]
    yield Outcome(
        "shared",
        [
            Figure(
                "connections that finish", sum(_finished(run, count) for run in runs), target=Target("=", len(GROUPS))
            ),
            Figure("answers of 429", too_fast.value, target=Target("<=", 5)),
            Figure("refusals for the import limit", too_many.value, target=Target("<=", 10)),
            Figure("share of the import limit, together", 100 * share, "%", Target(">=", 60)),
            *(
                Figure(f"imports confirmed, {name} connection", rows / FULL)
                for name, rows in zip(GROUPS, each, strict=True)
            ),
            Figure("fairness: fewer imports over more", min(each) / max(*each, 1)),
            Figure(f"fairness after the first {later - begin:.0f} s", min(after) / max(*after, 1)),
            Figure("stretch looked at", end - begin, "s"),
            Figure("contacts, both to their end", 2 * count / (max(ends) - begin), "contacts/s"),
        ],
        [
            (
                f"Two connectors with default settings start together, each with {count:,} new contacts. All but the last "
                f"figure are of the first {minutes * 60:.0f} s after the first import, or of the time until one of them is "
                "done, if that is sooner."
            ),
        ],
        emulator.changed,
    )


def _finished(run: Run, count: int) -> bool:
    return run.exit_code == 0 and run.rows == count
