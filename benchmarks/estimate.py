"""What a dry run says that a sync would take, beside what the sync takes: on a clock that runs as fast as it can."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from benchmarks.results import Figure, Outcome, Target
from benchmarks.scale import Scale
from unit_tests.sync.estimates import FEW_REQUESTS, FEW_SECONDS, KINDS, TOLERANCE, compare


def measure(scale: Scale) -> Iterator[Outcome]:
    """Run each kind of rows dry, and then for real."""
    logging.getLogger("airbyte").setLevel(logging.WARNING)
    figures: list[Figure] = []
    close = 0
    for kind in KINDS:
        count = scale.of(kind.count, kind.few or kind.count)
        compared = compare(kind, count)
        close += compared.is_close
        for what, estimate, real in (
            ("requests", compared.estimate.all_requests, compared.real.all_requests),
            ("seconds", compared.estimate.seconds, compared.real.seconds),
        ):
            share = 100 * (estimate - real) / real
            figures.append(
                Figure(f"{kind.what}, {count:,} rows: {what}", f"{estimate:,.0f} for {real:,.0f} ({share:+.1f} %)")
            )
    yield Outcome(
        "estimate",
        [Figure("kinds of rows whose estimate is close", close, f"of {len(KINDS)}", Target("=", len(KINDS))), *figures],
        [
            (
                "The estimate of `dry_run`, and what the sync then took, at the default settings. Connector and emulator run in "
                "one process, on a clock whose time passes only while both wait. Requests are those of events and visits too."
            ),
            (
                f"Close is: within {100 * TOLERANCE:.0f} %, or within {FEW_REQUESTS} requests and {FEW_SECONDS:.0f} s, which one "
                "import more or less makes of a small sync."
            ),
        ],
    )
