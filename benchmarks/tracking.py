"""Events and visits, which have no quota: as many at once as the connector has threads for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from benchmarks.harness import EVENT_KEY, BenchmarkError, Emulator, connect, settings
from benchmarks.results import Figure, Outcome, Target
from benchmarks.rows import ACCOUNT, DOMAIN, EVENT, Json, Lines, Made, email, existing
from benchmarks.scale import Scale
from destination_activecampaign.assembly import WORKERS

LATENCY_MS = 50
ROUTES = {"tracks": "/event", "pages": "/visit"}


def event(number: int, contacts: int, now: str) -> Json:
    """Return a row of `tracks`."""
    return {"email": email(number % contacts), "event": EVENT, "value": str(number), "timestamp": now}


def visit(number: int, contacts: int, now: str) -> Json:
    """Return a row of `pages`."""
    url = f"https://{DOMAIN}/products/{number}"
    return {"email": email(number % contacts), "url": url, "referrer": f"https://{DOMAIN}/", "timestamp": now}


def measure(scale: Scale) -> Iterator[Outcome]:
    """Send both."""
    at_once = WORKERS["tracking"]
    contacts, events, visits = 10 * at_once, scale.of(4_000, 800), scale.of(2_000, 400)
    ideal = at_once / (LATENCY_MS / 1000)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    figures = [Figure("concurrency over latency", ideal, "per second")]
    with Emulator({"latency_ms": LATENCY_MS}) as emulator:
        emulator.seed(ACCOUNT, Made(range(contacts), existing))
        for stream, count, make in (("tracks", events, event), ("pages", visits, visit)):
            lines = Lines(stream, Made(range(count), make, contacts, now))
            seen = len(emulator.journal())
            run = connect(settings(emulator, event_key=EVENT_KEY), lines, seconds=600).prove(count)
            times = [one.time for one in emulator.journal()[seen:] if one.route == ROUTES[stream]]
            if len(times) != count:
                raise BenchmarkError(f"The account saw {len(times)} of {count} {stream}.")
            rate = (count - 1) / (times[-1] - times[0])
            what = "events" if stream == "tracks" else "visits"
            figures += [
                Figure(what, rate, "per second"),
                Figure(f"{what}, share of concurrency over latency", rate / ideal, "", Target(">=", 0.9)),
                Figure(f"{what}, longest pause between two", max(b - a for a, b in pairwise(times)), "s"),
                Figure(f"{what}, connector's CPU", 100 * run.cpu_seconds / run.wall_seconds, "% of a core"),
            ]
    yield Outcome(
        "tracking",
        figures,
        [
            (
                f"{events:,} events and then {visits:,} visits of {contacts} contacts, ten for each of the {at_once} requests "
                f"that are on their way at once; each answer takes {LATENCY_MS} ms. The rate is that at which the account saw "
                "them, from the first to the last."
            ),
        ],
        emulator.changed,
    )
