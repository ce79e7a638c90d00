"""What a measure found, as values and as JSON files, with the machine and the commit. How it is shown is `page`'s."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.harness import ROOT, Request

FOLDER: Final = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to reach."""

    sign: Literal["<=", ">=", "="]
    value: float

    def is_met(self, value: float) -> bool:
        """Say whether *value* reaches it."""
        if self.sign == "<=":
            return value <= self.value
        return value >= self.value if self.sign == ">=" else value == self.value


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `value`: text where there is nothing to count, such as what is not built yet."""

    what: str
    value: float | str
    unit: str = ""
    target: Target | None = None

    @property
    def is_met(self) -> bool | None:
        """Say whether the target is reached; None without one."""
        if self.target is None:
            return None
        return isinstance(self.value, int | float) and self.target.is_met(self.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that one measure found. `notes`: how it was measured, whole sentences; `emulator`: options that were changed."""

    name: str
    figures: Sequence[Figure]
    notes: Sequence[str]
    emulator: Mapping[str, Any] = field(default_factory=dict)
    connector: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """An outcome with where and when it was measured."""

    outcome: Outcome
    seconds: float
    measured_at: str
    commit: str
    machine: Mapping[str, Any]


def keep(outcome: Outcome, seconds: float) -> Kept:
    """Add where and when to an outcome that was just measured."""
    now = datetime.now(UTC).isoformat(timespec="minutes")
    return Kept(outcome, round(seconds, 1), now, commit(), machine())


def save(kept: Kept, folder: Path) -> None:
    """Write a result to its file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(kept), indent=2, ensure_ascii=False)
    (folder / f"{kept.outcome.name}.json").write_text(text + "\n", "utf-8")


def load(name: str, folder: Path) -> Kept | None:
    """Read a result; None where it was never measured."""
    file = folder / f"{name}.json"
    if not file.exists():
        return None
    body = json.loads(file.read_text("utf-8"))
    outcome = body.pop("outcome")
    figures = [
        Figure(**{**figure, "target": Target(**figure["target"]) if figure["target"] else None})
        for figure in outcome.pop("figures")
    ]
    return Kept(Outcome(figures=figures, **outcome), **body)


def commit() -> str:
    """Return what is measured: the commit, and whether the connector or the emulator differs from it."""

    def git(*arguments: str) -> str:
        command = ["git", "--no-optional-locks", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    changed = git(
        "status", "--porcelain", "--", "destination_activecampaign", "activecampaign_emulator", "benchmarks/*.py"
    )
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with changes" if changed else "")


def machine() -> dict[str, Any]:
    """Describe this machine."""
    return {
        "processor": _proc("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory_gigabytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _proc(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def quota_answers(requests: Sequence[Request], *, targets: bool = False) -> list[Figure]:
    """Count what the account refused for its quotas."""
    none = Target("=", 0) if targets else None
    return [
        Figure("answers of 429", sum(one.is_over_quota for one in requests), target=none),
        Figure("refusals for the import limit", sum(one.is_over_import_quota for one in requests), target=none),
    ]
