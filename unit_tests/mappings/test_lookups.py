"""Questions that rows ask of the account, one by one and by index."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.mappings.lookups import LookUps, NotOne, digest
from unit_tests.simulation import ACCOUNT, EmulatorTransport, Simulation

EXTERNAL_ID = 2
CONTACTS: list[dict[str, Any]] = [
    {"email": "ada@example.com", "fields": {"EXTERNAL_ID": "u-1"}},
    {"email": "bob@example.com", "fields": {"EXTERNAL_ID": "u-2"}},
    {"email": "eve@example.com", "fields": {"EXTERNAL_ID": "u-2"}},
    {"email": "zoe@example.com", "fields": {"PLAN": "u-3"}},
]


def some_lookups(field: int | None = EXTERNAL_ID, more: int = 0) -> tuple[LookUps, EmulatorTransport]:
    """Return the questions to an account."""
    contacts = [*CONTACTS, *({"email": f"c{number}@example.com"} for number in range(more))]
    client, transport = Simulation(account={**ACCOUNT, "contacts": contacts}).client()
    return LookUps(Contacts(client), field), transport


@pytest.mark.parametrize("indexed", [True, False])
def test_a_contact_exists_by_its_email(*, indexed: bool) -> None:
    """Asked singly or from the index."""
    lookups, _ = some_lookups()
    if indexed:
        lookups.load_emails()
    found = [lookups.exists(email) for email in ("ada@example.com", "ad@example.com", "zz@example.com")]
    assert found == [True, False, False]


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(
    ("user_id", "contact"),
    [
        ("u-1", "ada@example.com"),
        ("u-2", NotOne.AMBIGUOUS),
        ("u-3", NotOne.MISSING),
        ("u", NotOne.MISSING),
        ("", NotOne.MISSING),
    ],
)
def test_a_user_id_stands_for_one_contact(user_id: str, contact: str | NotOne, *, indexed: bool) -> None:
    """Exactly, in the right field, of one only."""
    lookups, _ = some_lookups()
    if indexed:
        lookups.load_user_ids()
    assert lookups.contact_of(user_id) == contact


def test_an_account_without_the_field_knows_no_user_id() -> None:
    """And is not asked."""
    lookups, transport = some_lookups(None)
    lookups.load_user_ids()
    assert (lookups.contact_of("u-1"), lookups.user_ids_cost()) == (NotOne.MISSING, 0)
    assert transport.requests == []


def test_an_index_costs_a_request_for_each_page() -> None:
    """As many as `load` sends, but for the empty last one."""
    lookups, transport = some_lookups(more=250)
    assert (lookups.emails_cost(), lookups.user_ids_cost()) == (3, 1)
    before = len(transport.requests)
    lookups.load_emails()
    assert len(transport.requests) - before <= 4
    before = len(transport.requests)
    assert lookups.exists("c249@example.com")
    assert len(transport.requests) == before


@pytest.mark.parametrize("indexed", [True, False])
def test_a_contact_deleted_meanwhile_is_missing(*, indexed: bool) -> None:
    """Between finding its id and reading it."""
    simulation = Simulation(account={**ACCOUNT, "contacts": CONTACTS})
    lookups = LookUps(Contacts(simulation.client()[0]), EXTERNAL_ID)
    if indexed:
        lookups.load_user_ids()
    simulation.faults(
        {"method": "GET", "path": "/contacts/{id}", "kind": "status", "status": 404, "body": {"message": "No Result"}}
    )
    assert lookups.contact_of("u-1") is NotOne.MISSING


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(
    ("user_id", "email", "contact"),
    [
        ("u-1", "new@example.com", "ada@example.com"),
        ("u-1", "", "ada@example.com"),
        ("u-2", "ada@example.com", NotOne.AMBIGUOUS),
        ("u-9", "", NotOne.MISSING),
        ("u-9", "new@example.com", NotOne.MISSING),
        ("u-9", "zoe@example.com", NotOne.MISSING),
        ("u-9", "ada@example.com", NotOne.TAKEN),
    ],
)
def test_a_new_user_does_not_get_the_email_of_another(
    user_id: str, email: str, contact: str | NotOne, *, indexed: bool
) -> None:
    """That of a contact without a user id is free."""
    lookups, _ = some_lookups()
    if indexed:
        lookups.load_contacts()
    assert lookups.contact_for(user_id, email) == contact


def test_an_index_of_contacts_answers_without_requests() -> None:
    """Whatever is asked; loading it twice sends nothing either."""
    lookups, transport = some_lookups(more=250)
    assert lookups.contacts_cost() == 4
    lookups.load_contacts()
    before = len(transport.requests)
    lookups.load_contacts()
    assert lookups.contact_for("u-1", "new@example.com") == "ada@example.com"
    assert lookups.contact_for("u-9", "c1@example.com") is NotOne.MISSING
    assert (lookups.contacts_cost(), len(transport.requests)) == (0, before)


def test_a_contact_that_was_created_since_the_index_is_read() -> None:
    """Its value is in the index of user ids, its email is not in the other."""
    simulation = Simulation(account={**ACCOUNT, "contacts": CONTACTS})
    client, _ = simulation.client()
    lookups = LookUps(Contacts(client), EXTERNAL_ID)
    lookups.load_emails()
    Contacts(client).sync({"contact": {"email": "late@example.com", "fieldValues": [{"field": "2", "value": "u-7"}]}})
    lookups.load_user_ids()
    assert lookups.contact_of("u-7") == "late@example.com"


def test_a_digest_has_eight_bytes() -> None:
    """Signed, and of any text."""
    assert all(-(2**63) <= digest(text) < 2**63 for text in ("", "a", "\ud800", "ü" * 1000))
    assert digest("a") != digest("b")
