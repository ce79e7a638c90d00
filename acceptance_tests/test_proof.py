"""The proof that the scenarios ran can fail."""

from __future__ import annotations

from typing import Literal

import pytest

from acceptance_tests.proof import unproven

SUITE = "TestStandard::"
TESTS = ("test_check", "test_config_matches_spec")


def report(test: str, scenario: int, outcome: Literal["passed", "failed", "skipped"] = "passed") -> pytest.TestReport:
    """Return the report of one scenario's test."""
    return pytest.TestReport(
        f"test_standard.py::{SUITE}{test}[{scenario}]", ("", 0, ""), {}, outcome, longrepr="why", when="call"
    )


def ran(scenarios: int) -> list[pytest.TestReport]:
    """Return the reports of so many scenarios that went through both tests."""
    return [report(test, scenario) for test in TESTS for scenario in range(scenarios)]


def test_enough_scenarios_are_proof() -> None:
    """Four scenarios that passed each test leave nothing open."""
    assert unproven(ran(4), SUITE) == []


@pytest.mark.parametrize("scenarios", [0, 3])
def test_too_few_scenarios_are_none(scenarios: int) -> None:
    """Fewer are told for each test, with how many there were."""
    problems = unproven(ran(scenarios), SUITE)
    assert [problem.partition(" scenarios")[0] for problem in problems] == [f"{test}: {scenarios}" for test in TESTS]


def test_skipped_scenario_is_told() -> None:
    """However many ran, one that was skipped is told with its reason."""
    (problem,) = unproven([*ran(4), report("test_check", 5, "skipped")], SUITE)
    assert "[5]" in problem
    assert "why" in problem


def test_failed_scenarios_prove_nothing() -> None:
    """What failed does not count as having run."""
    failed = [report("test_check", scenario, "failed") for scenario in range(2)]
    assert unproven([*ran(3), *failed, report("test_config_matches_spec", 3)], SUITE) != []
