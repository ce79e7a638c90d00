"""A contact gets another email, by its id."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.mappings.contact_move import EmailChange
from destination_activecampaign.mappings.lookups import NotOne
from destination_activecampaign.mappings.outcome import Rejected
from destination_activecampaign.mappings.whose import EMAIL_TAKEN
from unit_tests.simulation import ACCOUNT, Simulation, dump

EXTERNAL_ID = 2
NEW = "new@example.com"
CONTACTS: list[dict[str, Any]] = [
    {"email": "ada@example.com", "fields": {"EXTERNAL_ID": "u-1"}},
    {"email": "bob@example.com", "fields": {"EXTERNAL_ID": "u-2"}},
    {"email": "eve@example.com", "fields": {"EXTERNAL_ID": "u-2"}},
    {"email": "zoe@example.com"},
]


class Scene:
    """An account, and changes of its contacts' emails."""

    def __init__(self, field: int | None = EXTERNAL_ID) -> None:
        self.simulation = Simulation(account={**ACCOUNT, "contacts": CONTACTS})
        client, self.transport = self.simulation.client()
        self.change = EmailChange(Contacts(client), field)

    def emails(self) -> set[str]:
        """Those of the account."""
        return {contact["email"] for contact in dump(self.simulation.emulator)}

    def writes(self) -> list[str]:
        """Requests that changed something."""
        return [method for method, _ in self.transport.requests if method != "GET"]


BEFORE = {contact["email"] for contact in CONTACTS}


def test_the_one_contact_of_the_user_gets_the_email() -> None:
    """And no other is touched."""
    scene = Scene()
    assert scene.change.apply("u-1", NEW, may_change=True) == NEW
    assert scene.emails() == BEFORE - {"ada@example.com"} | {NEW}


def test_a_contact_that_has_the_email_is_left_alone() -> None:
    """A sync that was repeated changed it before."""
    scene = Scene()
    assert scene.change.apply("u-1", "ada@example.com", may_change=True) == "ada@example.com"
    assert scene.writes() == []


@pytest.mark.parametrize(
    ("user_id", "email", "result"),
    [
        ("u-2", NEW, NotOne.AMBIGUOUS),
        ("u-9", NEW, NotOne.MISSING),
        ("u-9", "zoe@example.com", NotOne.MISSING),
        ("u-9", "ada@example.com", NotOne.TAKEN),
    ],
)
def test_without_one_contact_nothing_is_changed(user_id: str, email: str, result: NotOne) -> None:
    """Several, or none; then it is told whether the email is another user's."""
    scene = Scene()
    assert scene.change.apply(user_id, email, may_change=True) is result
    assert (scene.writes(), scene.emails()) == ([], BEFORE)


def test_a_contact_whose_email_must_not_change_is_left_alone() -> None:
    """Somebody changed it meanwhile, and the row brings none."""
    scene = Scene()
    result = scene.change.apply("u-1", NEW, may_change=False)
    assert isinstance(result, Rejected)
    assert (result.reason, scene.writes()) == ("contact_missing", [])


def test_an_email_of_another_contact_is_taken() -> None:
    """ActiveCampaign refuses it."""
    scene = Scene()
    assert scene.change.apply("u-1", "zoe@example.com", may_change=True) is EMAIL_TAKEN
    assert scene.emails() == BEFORE


def test_another_refusal_rejects_the_row() -> None:
    """With what ActiveCampaign says."""
    scene = Scene()
    scene.simulation.faults({"method": "PUT", "path": "/contacts/{id}", "kind": "status", "status": 422})
    result = scene.change.apply("u-1", NEW, may_change=True)
    assert isinstance(result, Rejected)
    assert result.reason == "row_refused"


def test_a_contact_that_is_deleted_meanwhile_is_missing() -> None:
    """Between finding it and changing it."""
    scene = Scene()
    gone = {"kind": "status", "status": 404, "body": {"message": "No Result found for Subscriber with id 1"}}
    scene.simulation.faults({"method": "PUT", "path": "/contacts/{id}", **gone})
    assert scene.change.apply("u-1", NEW, may_change=True) is NotOne.MISSING


def test_an_account_without_the_field_knows_nobody() -> None:
    """And is not asked."""
    scene = Scene(field=None)
    assert (scene.change.apply("u-1", NEW, may_change=True), scene.transport.requests) == (NotOne.MISSING, [])
