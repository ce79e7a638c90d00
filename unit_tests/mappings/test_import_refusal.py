"""Why an import left a contact out."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.import_refusal import UNEXPLAINED, RefusalReasons
from unit_tests.simulation import ACCOUNT, EmulatorTransport, Simulation

ADA = "ada@example.com"


def reasons(limit: tuple[int, int] | None = None, **account: Any) -> tuple[RefusalReasons, EmulatorTransport]:
    """Return what an account tells."""
    client, transport = Simulation(account={**ACCOUNT, **account}).client()
    return RefusalReasons(Contacts(client), lambda: limit), transport


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ({"contacts": [{"email": ADA, "bounced": True}]}, "bounced"),
        ({"exclusions": [ADA]}, "exclusion list"),
        ({"contacts": [{"email": ADA}], "exclusions": [ADA]}, "exclusion list"),
    ],
)
def test_a_reason_that_can_be_read_is_told(account: dict[str, Any], said: str) -> None:
    """With what to do."""
    rejected = reasons(**account)[0].explain(ADA)
    assert (rejected.reason, rejected.field) == ("import_refused", "email")
    assert said in rejected.message


@pytest.mark.parametrize("limit", [None, (0, 5), (10, 9)])
def test_no_reason_is_invented(limit: tuple[int, int] | None) -> None:
    """The usual ones are named."""
    assert reasons(limit)[0].explain(ADA) is UNEXPLAINED


@pytest.mark.parametrize("limit", [(10, 10), (10, 11)])
def test_an_account_that_is_full_is_a_matter_of_the_user(limit: tuple[int, int]) -> None:
    """No new contact will fit."""
    with pytest.raises(ConfigError, match=f"{limit[1]} of 10"):
        reasons(limit)[0].explain(ADA)


def test_a_full_account_does_not_explain_a_contact_that_is_there() -> None:
    """It needs no room."""
    assert reasons((10, 10), contacts=[{"email": ADA}])[0].explain(ADA) is UNEXPLAINED


def test_nothing_is_written() -> None:
    """An excluded or bounced person must not be touched by another door."""
    told, transport = reasons(contacts=[{"email": ADA}])
    told.explain(ADA)
    assert {method for method, _ in transport.requests} == {"GET"}
