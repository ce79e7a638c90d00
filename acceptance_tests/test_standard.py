"""The CDK's standard tests of a connector, over the scenarios of `acceptance-test-config.yml`."""

from __future__ import annotations

import json
import logging

import pytest
from airbyte_cdk.models import Status
from airbyte_cdk.test.standard_tests import DestinationTestSuiteBase
from airbyte_cdk.test.standard_tests._spec_lint import assert_spec_is_valid

from acceptance_tests import configs, proof
from destination_activecampaign.destination import DestinationActiveCampaign


class TestStandard(DestinationTestSuiteBase):
    """What Airbyte asks of every connector."""

    connector = DestinationActiveCampaign


def test_spec_passes_the_lint() -> None:
    """The linter of the image's tests passes on the spec without an image."""
    spec = DestinationActiveCampaign().spec(logging.getLogger("airbyte"))
    assert_spec_is_valid(spec, connector_name="destination-activecampaign")


def test_every_failed_scenario_has_its_reason() -> None:
    """A scenario that is to fail cannot be listed without what its message must name."""
    failed = {one.id for one in TestStandard.get_scenarios() if one.status == "failed"}
    assert failed == configs.WHY.keys()


@pytest.mark.parametrize("name", configs.WHY)
def test_failed_scenario_fails_for_its_reason(name: str) -> None:
    """`check` names what is wrong, not the first thing that went wrong."""
    config = json.loads((configs.FOLDER / f"{name}.json").read_text("utf-8"))
    status = DestinationActiveCampaign().check(logging.getLogger("airbyte"), config)
    assert status.status is Status.FAILED
    assert configs.WHY[name].lower() in (status.message or "").lower()


def test_scenarios_ran_and_none_was_skipped(request: pytest.FixtureRequest) -> None:
    """At least four scenarios went through each standard test; the last test here, to see all before it."""
    assert proof.unproven(request.config.stash[proof.REPORTS], f"{TestStandard.__name__}::") == []
