"""What must be taken away or forced, by difference."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.contacts import ContactRecord, Contacts
from destination_activecampaign.api.once import Once
from destination_activecampaign.mappings.contact import (
    CLEAR,
    NO_TAGS,
    ContactChange,
    FieldValue,
    Membership,
    Removal,
    TagChange,
)
from destination_activecampaign.mappings.contact_ids import ContactIds
from destination_activecampaign.mappings.contact_single import Forecast, SingleRequests
from destination_activecampaign.mappings.outcome import Rejected, Written
from destination_activecampaign.mappings.whose import NOTHING_TO_REMOVE
from unit_tests.simulation import ACCOUNT, Simulation, control, dump

ADA = "ada@example.com"
SUBSCRIBE = Membership.SUBSCRIBE


class Scene:
    """A contact in an account, and the requests about her."""

    def __init__(
        self, *, resubscribe: frozenset[int] = frozenset(), run_automations: bool = True, **contact: Any
    ) -> None:
        self.simulation = Simulation(account={**ACCOUNT, "contacts": [{"email": ADA, "firstName": "Ada", **contact}]})
        client, self.transport = self.simulation.client()
        names: Once[int, str] = Once(client, {1: "old"})
        self.singles = SingleRequests(Contacts(client), names, resubscribe, run_automations=run_automations)

    @property
    def contact(self) -> dict[str, Any]:
        """Her."""
        return dump(self.simulation.emulator)[0]

    def writes(self) -> list[str]:
        """Requests that changed something."""
        return [method for method, _ in self.transport.requests if method != "GET"]


def a_change(
    *,
    tags: TagChange | None = None,
    lists: dict[int, Membership] | None = None,
    fields: dict[int, FieldValue] | None = None,
    basics: dict[str, FieldValue] | None = None,
) -> ContactChange:
    """Return a change of hers."""
    return ContactChange(ADA, basics or {}, fields or {}, tags or TagChange(), lists or {}, 0)


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        (a_change(), False),
        (a_change(tags=TagChange(added={"a": "a"}), lists={1: SUBSCRIBE}, fields={1: "x"}), False),
        (a_change(tags=TagChange(reset=True)), True),
        (a_change(tags=TagChange(removed={"a": "a"})), True),
        (a_change(fields={1: CLEAR}), True),
        (a_change(basics={"phone": CLEAR}), True),
        (a_change(lists={2: SUBSCRIBE}), True),
        (a_change(lists={2: Membership.UNSUBSCRIBE}), False),
    ],
)
def test_what_an_import_cannot_do_is_needed(change: ContactChange, *, needed: bool) -> None:
    """Taking away, and forcing lists of `resubscribe`."""
    assert Scene(resubscribe=frozenset({2})).singles.needed(change) is needed


def test_tags_are_removed_by_difference() -> None:
    """Only those that the contact has; a name that is not known is asked for."""
    scene = Scene(tags=["old", "vip", "third"])
    outcome = scene.singles.apply(a_change(tags=TagChange(removed={"vip": "VIP", "none": "none"})))
    assert outcome == Written()
    assert (scene.contact["tags"], scene.writes()) == (["old", "third"], ["DELETE"])


def test_a_reset_keeps_what_is_added() -> None:
    """All others go."""
    scene = Scene(tags=["old", "vip", "third"])
    scene.singles.apply(a_change(tags=TagChange(reset=True, added={"vip": "VIP"})))
    assert scene.contact["tags"] == ["vip"]


def test_values_are_cleared_by_difference() -> None:
    """An empty one costs nothing."""
    scene = Scene(phone="+1", fields={"PLAN": "a"})
    scene.singles.apply(a_change(fields={1: CLEAR, 2: CLEAR}, basics={"phone": CLEAR, "lastName": CLEAR}))
    assert (scene.contact["fields"], scene.contact["phone"], scene.contact["firstName"]) == ({}, "", "Ada")
    assert scene.writes() == ["DELETE", "PUT"]


def test_a_list_is_forced_unless_she_is_on_it() -> None:
    """Only lists of `resubscribe`."""
    scene = Scene(resubscribe=frozenset({1, 2}), lists={"1": 2, "2": 1})
    scene.singles.apply(a_change(lists={1: SUBSCRIBE, 2: SUBSCRIBE}))
    assert (scene.contact["lists"], scene.writes()) == ({"1": 1, "2": 1}, ["POST"])


@pytest.mark.parametrize("status", [0, 2, 3])
def test_only_lists_without_any_membership_are_subscribed(status: int) -> None:
    """Where the import went without its subscriptions."""
    scene = Scene(lists={"1": status})
    outcome = scene.singles.apply(a_change(lists={1: SUBSCRIBE, 2: SUBSCRIBE}), subscribed=False)
    assert isinstance(outcome, Written)
    assert [(part.reason, part.field) for part in outcome.refused] == [("not_resubscribed", "list 1")]
    assert scene.contact["lists"] == {"1": status, "2": 1}


def test_a_list_that_the_contact_is_on_is_done() -> None:
    """Nothing is sent, and nothing to tell."""
    scene = Scene(lists={"1": 1})
    assert scene.singles.apply(a_change(lists={1: SUBSCRIBE}), subscribed=False) == Written()
    assert scene.writes() == []


def test_a_subscription_that_would_run_automations_is_not_made() -> None:
    """It is told."""
    scene = Scene(run_automations=False, lists={"1": 2})
    outcome = scene.singles.apply(a_change(lists={1: SUBSCRIBE, 2: SUBSCRIBE}), subscribed=False)
    assert isinstance(outcome, Written)
    assert [part.reason for part in outcome.refused] == ["not_resubscribed", "would_run_automations"]
    assert scene.writes() == []


def test_a_contact_that_is_not_there_is_rejected() -> None:
    """Nobody else is touched."""
    scene = Scene()
    change = ContactChange("bob@example.com", {}, {}, TagChange(reset=True), {}, 0)
    outcome = scene.singles.apply(change)
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "contact_missing"
    assert scene.singles.forecast(change) == Forecast(0, exists=False)


def test_a_request_that_is_refused_leaves_out_its_part() -> None:
    """The rest is done."""
    scene = Scene(tags=["old"], fields={"PLAN": "a"})
    scene.simulation.faults({"method": "DELETE", "path": "/fieldValues/{id}", "kind": "status", "status": 422})
    outcome = scene.singles.apply(a_change(fields={1: CLEAR}, tags=TagChange(reset=True)))
    assert isinstance(outcome, Written)
    assert [(part.reason, part.field) for part in outcome.refused] == [("request_refused", "null values")]
    assert scene.contact["tags"] == []


@pytest.mark.parametrize(("sideloads", "cost"), [(True, 3), (False, 2 + 3)])
def test_the_cost_is_counted_without_writing(cost: int, *, sideloads: bool) -> None:
    """For the dry run: what is read and what would be written."""
    scene = Scene(tags=["old", "vip"], fields={"PLAN": "a"})
    control(scene.simulation.emulator, "POST", "switches", {"contact_sideloads": sideloads})
    change = a_change(fields={1: CLEAR}, tags=TagChange(reset=True))
    assert scene.singles.forecast(change) == Forecast(cost, exists=True)
    assert scene.writes() == []


def a_removal(removal: Removal, email: str = ADA) -> ContactChange:
    """Return what a soft delete asks for."""
    return ContactChange(email, {}, {}, NO_TAGS, {}, 100, removal)


def test_all_subscriptions_end() -> None:
    """Whatever their status, but for those that have ended; no list is added."""
    scene = Scene(lists={"1": 1, "2": 2})
    assert scene.singles.needed(a_removal(Removal.UNSUBSCRIBE_ALL))
    assert scene.singles.apply(a_removal(Removal.UNSUBSCRIBE_ALL)) == Written()
    assert (scene.contact["lists"], scene.writes()) == ({"1": 2, "2": 2}, ["POST"])
    assert scene.singles.forecast(a_removal(Removal.UNSUBSCRIBE_ALL)) == Forecast(0, exists=True)


def test_a_contact_is_deleted() -> None:
    """A second time there is nothing to remove."""
    scene = Scene()
    change = a_removal(Removal.DELETE)
    assert scene.singles.forecast(change) == Forecast(1, exists=True)
    assert scene.singles.apply(change) == Written()
    assert dump(scene.simulation.emulator) == []
    assert scene.singles.apply(change) is NOTHING_TO_REMOVE


@pytest.mark.parametrize(
    ("method", "path", "removal"),
    [("DELETE", "/contacts/{id}", Removal.DELETE), ("POST", "/contactLists", Removal.UNSUBSCRIBE_ALL)],
)
def test_a_removal_that_is_refused_rejects_its_row(method: str, path: str, removal: Removal) -> None:
    """There is nothing else in it that could be written."""
    scene = Scene(lists={"1": 1})
    scene.simulation.faults({"method": method, "path": path, "kind": "status", "status": 422})
    outcome = scene.singles.apply(a_removal(removal))
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "row_refused"


def test_a_contact_that_somebody_deletes_meanwhile_has_nothing_to_remove() -> None:
    """It is found, and gone when its lists are asked for."""
    scene = Scene()
    control(scene.simulation.emulator, "POST", "switches", {"contact_sideloads": False})
    gone = {"kind": "status", "status": 404, "body": {"message": "No Result found for Subscriber with id 1"}}
    scene.simulation.faults({"method": "GET", "path": "/contacts/{id}/contactLists", **gone})
    assert scene.singles.apply(a_removal(Removal.UNSUBSCRIBE_ALL)) is NOTHING_TO_REMOVE


@pytest.mark.parametrize(("sideloads", "reads"), [(True, 1), (False, 4)])
def test_what_hangs_on_a_contact_comes_with_it(reads: int, *, sideloads: bool) -> None:
    """In one request where the account gives it, else in one each; what is changed is the same."""
    scene = Scene(tags=["old", "vip"], fields={"PLAN": "a"}, lists={"1": 2}, resubscribe=frozenset({1}))
    control(scene.simulation.emulator, "POST", "switches", {"contact_sideloads": sideloads})
    scene.singles.apply(a_change(fields={1: CLEAR}, tags=TagChange(reset=True), lists={1: SUBSCRIBE}))
    assert (scene.contact["tags"], scene.contact["fields"], scene.contact["lists"]) == ([], {}, {"1": 1})
    assert [method for method, path in scene.transport.requests if "/contacts" in path].count("GET") == reads


BOB = "bob@example.com"


def read_together(scene: Scene, *emails: str, ids: ContactIds | None = None) -> dict[str, ContactRecord]:
    """Read contacts of an account that has an index."""
    changes = [(ContactChange(email, {}, {}, TagChange(reset=True), {}, 0), True) for email in emails]
    return scene.singles.read_together(changes, ids or ContactIds(scene.singles._contacts))


def test_several_are_read_in_one_request() -> None:
    """After the index, which each sync loads once."""
    scene = Scene(tags=["old"])
    control(scene.simulation.emulator, "POST", "seed", {"contacts": [{"email": BOB}]})
    ids = ContactIds(scene.singles._contacts)
    ids.load()
    before = len(scene.transport.requests)
    found = read_together(scene, ADA, BOB, ids=ids)
    assert {email: record.tags and len(record.tags) for email, record in found.items()} == {ADA: 1, BOB: ()}
    assert len(scene.transport.requests) - before == 1


def test_contacts_that_are_new_are_added_to_the_index() -> None:
    """Imports of this sync have made them."""
    scene = Scene()
    ids = ContactIds(scene.singles._contacts)
    ids.load()
    new = [f"n{number}@example.com" for number in range(5)]
    control(scene.simulation.emulator, "POST", "seed", {"contacts": [{"email": email} for email in new]})
    assert read_together(scene, *new, ids=ids).keys() == set(new)


def test_a_contact_that_has_another_email_now_is_left_out() -> None:
    """The index is older than the change: nobody else is touched."""
    scene = Scene(tags=["old"])
    ids = ContactIds(scene.singles._contacts)
    ids.load()
    scene.singles._contacts.update(1, {"contact": {"email": BOB}})
    assert read_together(scene, ADA, ids=ids) == {}


def test_a_refused_read_leaves_all_to_be_looked_for() -> None:
    """One by one they are found."""
    scene = Scene(tags=["old"])
    ids = ContactIds(scene.singles._contacts)
    ids.load()
    scene.simulation.faults({"method": "GET", "path": "/contacts", "kind": "status", "status": 400})
    assert read_together(scene, ADA, ids=ids) == {}
    assert read_together(scene, ADA, ids=ids).keys() == {ADA}


def test_a_contact_that_was_read_is_not_looked_for() -> None:
    """What was read with it decides what is taken away."""
    scene = Scene(tags=["old", "vip"])
    ids = ContactIds(scene.singles._contacts)
    ids.load()
    record = read_together(scene, ADA, ids=ids)[ADA]
    before = len(scene.transport.requests)
    assert scene.singles.apply(a_change(tags=TagChange(reset=True, added={"old": "old"})), record=record) == Written()
    assert scene.contact["tags"] == ["old"]
    assert [method for method, _ in scene.transport.requests[before:]].count("DELETE") == 1
    assert ("GET", "/api/3/contacts") not in scene.transport.requests[before:]
