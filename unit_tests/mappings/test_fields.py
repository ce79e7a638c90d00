"""How custom fields are found by name."""

from __future__ import annotations

import pytest

from destination_activecampaign.api.account import Field
from destination_activecampaign.mappings.fields import FieldNames
from unit_tests.mappings.factories import CITY, PLAN, an_account

NAMES = FieldNames(an_account())


@pytest.mark.parametrize("name", ["PLAN", "%PLAN%", "plan", "Plan tier", "plan_tier", "field_1", "FIELD_1"])
def test_one_field_has_many_names(name: str) -> None:
    """Its tag, title and id."""
    assert NAMES.find(name) == (PLAN,)


@pytest.mark.parametrize("name", ["", "%", "%%", "  ", "field_", "field_99", "%Plan tier%", "nope"])
def test_other_names_find_nothing(name: str) -> None:
    """Percent signs mean a personalization tag only."""
    assert NAMES.find(name) == ()


def test_several_fields_alike_are_all_returned() -> None:
    """It is not decided here which one is meant."""
    other = Field(9, "CI TY", "text", "CI_TY")
    assert FieldNames(an_account(CITY, other)).find("Ci-ty") == (CITY, other)
