"""Whether the standard tests proved anything: a scenario that nobody ran fails nothing."""

from __future__ import annotations

from typing import Final

import pytest

AT_LEAST: Final = 4
REPORTS: Final = pytest.StashKey[list[pytest.TestReport]]()


def unproven(reports: list[pytest.TestReport], standard_suite: str) -> list[str]:
    """Return what the *reports* of a run leave open about the scenarios of *standard_suite*, a part of its tests' ids."""
    of_suite = [report for report in reports if standard_suite in report.nodeid]
    problems = [f"skipped: {report.nodeid}: {report.longrepr}" for report in of_suite if report.skipped]
    for test in ("test_check", "test_config_matches_spec"):
        ran = [
            report.nodeid
            for report in of_suite
            if report.when == "call" and report.passed and f"::{test}[" in report.nodeid
        ]
        if len(ran) < AT_LEAST:
            problems.append(f"{test}: {len(ran)} scenarios ran and passed, expected at least {AT_LEAST}: {ran}")
    return problems
