"""Writes `docs/performance.md`: every number on it comes from a result, every other word from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from activecampaign_emulator.options import Options
from benchmarks.results import Figure, Kept, Target

HEAD: Final = """# Performance

What one connection reaches against the emulator, which enforces the documented quotas of an ActiveCampaign account. No live
account was measured. This page is written by `./scripts/bench`, which measures all of it on the machine that it runs on;
`./scripts/bench NAME` measures one part again, `--list` names the parts, and `--quick` runs
small versions that are not kept.
"""

PACE: Final = (
    "latency_ms",
    "import_seconds",
    "import_seconds_per_contact",
    "import_jitter",
    "import_concurrency",
    "requests_per_second",
    "imports_per_minute",
    "single_imports_per_minute",
    "bulk_counts_general",
)
"""The emulator's options that decide how fast anything can be."""

SIGNS: Final = {"<=": "at most", ">=": "at least", "=": "exactly"}
THOUSAND: Final = 1_000
HUNDRED: Final = 100


def page(titles: Mapping[str, str], results: Mapping[str, Kept]) -> str:
    """Return the page. *titles*: of all measures, in order; *results*: of those that were measured."""
    return "\n".join(_lines(titles, results)) + "\n"


def _lines(titles: Mapping[str, str], results: Mapping[str, Kept]) -> Iterator[str]:
    yield HEAD
    yield from _targets(titles, results)
    for number, (name, title) in enumerate(titles.items(), start=1):
        yield f"\n## {number}. {title}\n"
        yield from _details(results[name]) if name in results else ["Not measured yet."]
    yield from _emulator()
    yield from _machines(list(results.values()))


def _targets(titles: Mapping[str, str], results: Mapping[str, Kept]) -> Iterator[str]:
    yield "## Targets\n"
    yield "| # | What | Target | Measured | Met |"
    yield "|---|---|---|---|---|"
    for number, (name, title) in enumerate(titles.items(), start=1):
        if name not in results:
            yield f"| {number} | {title} | | not measured yet | |"
            continue
        for figure in results[name].outcome.figures:
            if figure.target is not None:
                met = "yes" if figure.is_met else "**no**"
                yield f"| {number} | {title}: {figure.what} | {aimed(figure.target, figure.unit)} | {shown(figure)} | {met} |"


def _details(kept: Kept) -> Iterator[str]:
    yield from kept.outcome.notes
    yield ""
    yield "| What | Measured | Target |"
    yield "|---|---|---|"
    for figure in kept.outcome.figures:
        target = "" if figure.target is None else aimed(figure.target, figure.unit)
        yield f"| {figure.what} | {shown(figure)} | {target} |"
    yield ""
    yield f"Emulator: {_settings(kept.outcome.emulator)}. Connector: {_settings(kept.outcome.connector)}. "
    yield f"Measured at {kept.measured_at}, in {kept.seconds:.0f} s, on commit {kept.commit}."


def _settings(changed: Mapping[str, Any]) -> str:
    if not changed:
        return "defaults"
    return ", ".join(f"`{name}: {_value(value)}`" for name, value in changed.items())


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _emulator() -> Iterator[str]:
    yield "\n## The emulator's defaults\n"
    yield "| Option | Default | What it is |"
    yield "|---|---|---|"
    for option in fields(Options):
        if option.name in PACE:
            yield f"| `{option.name}` | {_value(option.default)} | {option.metadata['help']} |"


def _machines(kept: Sequence[Kept]) -> Iterator[str]:
    yield "\n## The machine\n"
    different: list[Mapping[str, Any]] = []
    for one in kept:
        if one.machine not in different:
            different.append(one.machine)
    for machine in different:
        yield ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in machine.items()) + "."
    yield "Emulator, connector and benchmark share it."


def aimed(target: Target, unit: str) -> str:
    """Write a target."""
    return f"{SIGNS[target.sign]} {_number(target.value)} {unit}".rstrip()


def shown(figure: Figure) -> str:
    """Write a measured value."""
    if isinstance(figure.value, str):
        return figure.value
    return f"{_number(figure.value)} {figure.unit}".rstrip()


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= THOUSAND:
        return f"{value:,.0f}"
    if abs(value) >= HUNDRED:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"
