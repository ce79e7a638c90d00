"""Contacts at the documented quotas, and the same rows the way other integrations write them, at the same time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from activecampaign_emulator.options import Options
from benchmarks.harness import API_KEY, BenchmarkError, Emulator, Request, Run, connect, lend, settings
from benchmarks.results import Figure, Outcome, Target, quota_answers
from benchmarks.rows import ACCOUNT, Lines, Made, identify
from benchmarks.scale import Scale
from benchmarks.steady import HOW, steady_part

CONNECTOR = {"imports_per_minute": 100}
POLLS = "/import/info"


@dataclass(frozen=True, slots=True)
class Both:
    """The same kind of rows written by this connector, and the peers' way beside it, each into an account of its own.

    `requests`, `theirs`: all that each account saw; `few`, `times`: how many rows the peers' way wrote, and when it began and
    was done with each.
    """

    run: Run
    requests: list[Request]
    theirs: list[Request]
    few: int
    times: list[float]

    @property
    def peers_pace(self) -> float:
        """Return the contacts a second of the peers' way."""
        return self.few / (self.times[-1] - self.times[0])

    @property
    def peers_requests(self) -> float:
        """Return its requests per contact: all but the look-up of the fields, once."""
        return (sum(not one.is_over_quota for one in self.theirs) - 1) / self.few


def write_both(count: int, few: int) -> Both:
    """Write *count* contacts with this connector, and at the same time *few* the peers' way."""
    with Emulator() as emulator, Emulator() as peers:
        emulator.seed(ACCOUNT)
        peers.seed(ACCOUNT)
        command = [sys.executable, "-m", "benchmarks.peers_way", peers.url, API_KEY, str(few)]
        with lend(command) as other:
            lines = Lines("identifies", Made(range(count), identify))
            run = connect(settings(emulator, **CONNECTOR), lines, seconds=900).prove(count)
            told, _ = other.communicate(timeout=1800)
        requests, theirs, written = emulator.journal(), peers.journal(), emulator.summary()["contacts_total"]
        if other.returncode or peers.summary()["contacts_total"] != few or written != count:
            raise BenchmarkError("The accounts do not hold what was written.")
    return Both(run, requests, theirs, few, json.loads(told))


def measure(scale: Scale) -> Iterator[Outcome]:
    """Write contacts with both."""
    count, few = scale.of(50_000, 5_000), scale.of(300, 12)
    both = write_both(count, few)
    run, requests, theirs = both.run, both.requests, both.theirs
    steady = steady_part(run, requests, scale.of(10, 3))
    polls = sum(request.route.startswith(POLLS) for request in requests)
    imports = sum(request.is_accepted_import for request in requests)
    yield Outcome(
        "ceiling",
        [
            Figure("contacts, steady part", steady.rows_per_second, "contacts/s", Target(">=", 395)),
            Figure("requests", len(requests) / count, "per contact", Target("<=", 0.012)),
            *quota_answers(requests, targets=True),
            Figure("connector's CPU", 100 * run.cpu_seconds / run.wall_seconds, "% of a core", Target("<=", 10)),
            Figure("contacts, the whole run", count / run.wall_seconds, "contacts/s"),
            Figure("questions how an import stands", polls / imports, "per import"),
            Figure("peak memory", run.peak_megabytes, "MB"),
        ],
        [
            f"{count:,} new contacts with two tags, three custom fields and one list each, at the documented quotas.",
            HOW,
            (
                "CPU is all that the process used, its start included, over the time from its start to its exit. Requests are "
                "all that the account saw."
            ),
        ],
        {},
        CONNECTOR,
    )
    perfect = Options().requests_per_second / both.peers_requests
    yield Outcome(
        "peers",
        [
            Figure("ratio of contacts/s", steady.rows_per_second / both.peers_pace, "times", Target(">=", 450)),
            Figure("ratio, were they to use every request of the quota", steady.rows_per_second / perfect, "times"),
            Figure("the peers' way", both.peers_pace, "contacts/s"),
            Figure("this connector", steady.rows_per_second, "contacts/s"),
            Figure("requests, the peers' way", both.peers_requests, "per contact"),
            Figure("requests, this connector", len(requests) / count, "per contact"),
            Figure("answers of 429, the peers' way", sum(request.is_over_quota for request in theirs)),
        ],
        [
            (
                f"{few} rows of the same kind, in the same run and beside it, in an account of its own with the same quota: "
                "an upsert, one look-up of the tags, a request for each tag and list, and a second upsert with the custom "
                "fields (benchmarks/peers_way.py). It sends hardly less than five requests a second, evenly, and waits as "
                "Retry-After says."
            ),
            "The other side of the ratio is the steady part of the measure above.",
        ],
    )
