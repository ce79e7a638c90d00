"""Every folder of `scenarios` as one sync, or one for each variant of the account that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests import expectations, harness

SCENARIOS = Path(__file__).parent / "scenarios"


def _read(folder: Path, name: str, default: Any) -> Any:
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def _runs() -> Iterator[Any]:
    for folder in sorted(SCENARIOS.iterdir()):
        if not folder.is_dir():
            continue
        settings: dict[str, Any] = _read(folder, "emulator.json", {})
        for variant in settings.pop("variants", [{}]):
            changed = variant.get("expected", {})
            options = {**settings, **variant.get("options", {})}
            name = "-".join([folder.name, *(f"{key}={value}" for key, value in variant.get("options", {}).items())])
            yield pytest.param(folder, options, changed, id=name)


@pytest.mark.parametrize(("folder", "options", "changed"), list(_runs()))
def test_scenario(folder: Path, options: dict[str, Any], changed: dict[str, Any], tmp_path: Path) -> None:
    """The account, the STATEs and the log end up as the scenario says."""
    now = harness.now()
    expected = json.loads(harness.dated((folder / "expected.json").read_text(encoding="utf-8"), now))
    messages = harness.dated((folder / "messages.jsonl").read_text(encoding="utf-8"), now)
    sent = harness.as_platform(messages.splitlines())
    seed, faults = _read(folder, "account.json", {}), _read(folder, "faults.json", [])

    with harness.emulated_account(options, seed, faults) as server:
        config = harness.connection(server, **_read(folder, "config.json", {}))
        output = harness.write(tmp_path, config, _read(folder, "configured_catalog.json", {}), sent)
        wrong = expectations.differences(_overridden(expected, changed), sent, output, server)

    if wrong:
        pytest.fail("\n".join([expected["about"], *wrong]), pytrace=False)


def _overridden(expected: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """Put what a variant expects in place of what all do, name by name."""
    merged = dict(expected)
    for key, value in changed.items():
        merged[key] = _overridden(merged.get(key, {}), value) if isinstance(value, dict) else value
    return merged
