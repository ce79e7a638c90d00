"""What a misspelled name may have meant."""

from __future__ import annotations

import pytest

from destination_activecampaign.nearest import meant, nearest


@pytest.mark.parametrize(
    ("name", "found"),
    [("e_mial", "email"), ("EMAIL", "email"), ("mail", "email"), ("name", None), ("", None), ("phone_no", "phone")],
)
def test_the_most_alike_is_found(name: str, found: str | None) -> None:
    """Without case; one that is only a little alike is not."""
    assert nearest(name, ["plan", "phone", "email"]) == found


def test_of_names_that_are_the_same_the_first_is_found() -> None:
    """What counts of a name is the caller's."""
    assert nearest("planteir", ["Plan-Tier", "plan_tier"], lambda name: "".join(filter(str.isalpha, name)).lower()) == (
        "Plan-Tier"
    )


def test_a_sentence_ends_with_it() -> None:
    """Or with nothing."""
    assert meant("dryrun", ["dry_run"]) == " (did you mean dry_run?)"
    assert meant("colour", ["dry_run"]) == ""
