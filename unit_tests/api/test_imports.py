"""Bulk imports: submitted, refused, asked after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from destination_activecampaign.api.imports import ImportInfo, ImportRefused, Imports, Submitted
from destination_activecampaign.api.quotas import Lane, Quotas
from destination_activecampaign.errors import ConnectionFailed, UnexpectedResponse
from unit_tests.api.fakes import EMAIL, FakeTransport, answer

if TYPE_CHECKING:
    from destination_activecampaign.api.client import Client


@pytest.fixture
def imports(client: Client) -> Imports:
    """Give the imports of the scripted account."""
    return Imports(client)


QUEUED = answer(200, {"Success": 1, "queued_contacts": 2, "batchId": "b-1", "message": "Contact import queued"})


@pytest.mark.parametrize("success", ["Success", "success"])
def test_an_import_is_queued(imports: Imports, transport: FakeTransport, success: str) -> None:
    """`Success` is written in two ways."""
    transport.script.append(answer(200, {success: 1, "queued_contacts": "2", "batchId": "b-1"}))
    assert imports.submit(b"{}", 2) == Submitted("b-1", 2)
    assert transport.sent[0].body == b"{}"


def test_an_import_whose_answer_was_lost_is_sent_again(imports: Imports, transport: FakeTransport) -> None:
    """The same values twice leave a contact the same."""
    transport.script.extend([ConnectionFailed("x"), QUEUED])
    assert imports.submit(b"{}", 2).batch_id == "b-1"


def test_imports_have_their_lane(imports: Imports, transport: FakeTransport, quotas: Quotas) -> None:
    """One contact uses the smaller quota."""
    transport.script.append(QUEUED)
    imports.submit(b"{}", 1)
    assert quotas.taken()[Lane.IMPORT] == 1
    assert quotas.import_due(single=True) > 3


def test_a_refusal_names_rows_from_one(imports: Imports, transport: FakeTransport) -> None:
    """Rows and reasons are handed on; the message says how many."""
    reasons = [
        {"contact": 1, "failureReason": f"bad {EMAIL}"},
        {"contact": "3", "failureReason": "b"},
        {"failureReason": "c"},
        "d",
    ]
    transport.script.append(answer(400, {"success": 0, "message": "JSON payload", "failureReasons": reasons}))
    with pytest.raises(ImportRefused) as caught:
        imports.submit(b"{}", 3)
    refused = caught.value
    assert (refused.rows, refused.general, refused.status) == ({1: f"bad {EMAIL}", 3: "b"}, ("c", "d"), 400)
    assert "2 of its rows" in refused.message
    assert EMAIL not in repr(refused)


@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_without_rows_keeps_its_message(imports: Imports, transport: FakeTransport, status: int) -> None:
    """A 200 that says `success` 0 is a refusal too."""
    transport.script.append(answer(status, {"success": 0, "message": "Not JSON"}))
    with pytest.raises(ImportRefused, match="no row") as caught:
        imports.submit(b"{}", 3)
    assert caught.value.general == ("Not JSON",)


def test_a_413_is_a_refusal_without_rows(imports: Imports, transport: FakeTransport) -> None:
    """A page instead of JSON names nothing."""
    transport.script.append(answer(413, "<html>"))
    with pytest.raises(ImportRefused) as caught:
        imports.submit(b"{}", 3)
    assert (caught.value.rows, caught.value.general) == ({}, ("",))


def test_an_import_without_a_number_is_sent_again(imports: Imports, transport: FakeTransport) -> None:
    """It could never be asked after, and the same values twice leave a contact the same."""
    transport.script.append(answer(200, {"success": 1, "queued_contacts": 2}))
    transport.script.append(answer(200, {"success": 1, "queued_contacts": 2, "batchId": "b-1"}))
    assert imports.submit(b"{}", 2).batch_id == "b-1"


@pytest.mark.parametrize("status", [False, "waiting", "claimed", "active", "WAITING"])
def test_an_import_that_is_not_done_is_pending(imports: Imports, transport: FakeTransport, status: object) -> None:
    """`false` comes right after it was sent."""
    transport.script.append(answer(200, {"status": status}))
    assert imports.info("b-1") == ImportInfo("pending", 0, ())


def test_a_completed_import_names_failures(imports: Imports, transport: FakeTransport) -> None:
    """Emails, lower case; the batch id travels in the query."""
    body = {"status": "completed", "success": ["1", "2"], "failure": [" Bad@Example.com "]}
    transport.script.append(answer(200, body))
    info = imports.info("b-1")
    assert info == ImportInfo("completed", 2, ("bad@example.com",))
    assert "bad@" not in repr(info)
    assert transport.sent[0].url.endswith("/import/info?batchId=b-1")


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_an_import_that_ended_badly(imports: Imports, transport: FakeTransport, status: str) -> None:
    """The vendor does not try these again."""
    transport.script.append(answer(200, {"status": status, "failure": {}}))
    assert imports.info("b-1").state == status


@pytest.mark.parametrize(
    ("status", "named"), [("paused", ": paused"), ("A b@c", "known."), (5, "known."), ([], "known.")]
)
def test_a_status_that_is_not_known_is_unexpected(
    imports: Imports, transport: FakeTransport, status: object, named: str
) -> None:
    """It is told if it looks like a status."""
    transport.script.append(answer(200, {"status": status}))
    with pytest.raises(UnexpectedResponse) as caught:
        imports.info("b-1")
    assert named in caught.value.message


def test_failures_that_are_no_list_are_unexpected(imports: Imports, transport: FakeTransport) -> None:
    """Contacts must not count as written by mistake."""
    transport.script.append(answer(200, {"status": "completed", "failure": "x"}))
    with pytest.raises(UnexpectedResponse):
        imports.info("b-1")


def test_outstanding_contacts_are_added_up(imports: Imports, transport: FakeTransport) -> None:
    """Numbers come as text, by day."""
    days = [{"forDate": "2021-06-01", "batches": "3", "contacts": "750"}, {"contacts": 5}]
    transport.script.append(answer(200, {"outstanding": days, "recentlyCompleted": []}))
    assert imports.outstanding() == 755
