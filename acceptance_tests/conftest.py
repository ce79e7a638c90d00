"""Starts the accounts before the scenarios are collected, and leaves out the standard tests that cannot run here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from typing import Final

import pytest
from airbyte_cdk.test.models.scenario import ConnectorTestScenario, ScenarioCommand

from acceptance_tests import configs, proof

pytest.register_assert_rewrite("acceptance_tests.destination_suite")

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]

NETWORK: Final = "reaches the network: compares with the spec that Airbyte's registry has published"
IMAGE: Final = "needs Docker: builds the connector's image"
NOT_LISTED: Final = "its config is not listed for this test in acceptance-test-config.yml"

COMMANDS: Final[Mapping[str, ScenarioCommand]] = {"test_check": "check", "test_config_matches_spec": "spec"}

_STACK: Final = pytest.StashKey[ExitStack]()
_LEFT_OUT: Final = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Write the configs: the standard tests read them while they are collected."""
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        raise pytest.UsageError("acceptance_tests writes its configs to one folder: run it without -n.")
    config.stash[_STACK] = ExitStack()
    config.stash[proof.REPORTS] = []
    config.stash[_LEFT_OUT] = Counter()
    configs.lend_accounts(config.stash[_STACK])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the accounts."""
    if _STACK in config.stash:
        config.stash[_STACK].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, rather than skip, what cannot run here: a skipped test is then always a mistake."""
    reasons = {item: _why_left_out(item) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if reasons[item]])
    config.stash[_LEFT_OUT] = Counter(reason for reason in reasons.values() if reason)
    items[:] = [item for item in items if not reasons[item]]


def _why_left_out(item: pytest.Item) -> str | None:
    if item.name == "test_docker_image_spec_backward_compatibility":
        return NETWORK
    if item.get_closest_marker("image_tests"):
        return IMAGE
    called = getattr(item, "callspec", None)
    scenario = called.params.get("scenario") if called else None
    command = COMMANDS.get(getattr(item, "originalname", ""))
    if not isinstance(scenario, ConnectorTestScenario) or command is None or scenario.runs(command):
        return None
    return NOT_LISTED


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Say what was left out and why."""
    return [f"left out {count}: {reason}" for reason, count in config.stash[_LEFT_OUT].items()]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep every report, for the proof that the scenarios ran."""
    report = yield
    item.config.stash[proof.REPORTS].append(report)
    return report
