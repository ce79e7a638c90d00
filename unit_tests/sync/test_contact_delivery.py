"""Contacts on their way through imports that are refused, fail, wait and get lost, and what single requests follow."""

from __future__ import annotations

import random
from typing import Any

import pytest

from activecampaign_emulator import Options
from destination_activecampaign.errors import ConfigError, TransientError, UnexpectedResponse
from unit_tests.simulation import LATENCY, Finished, Simulation, control, dump, objects, record, state
from unit_tests.sync.scenes import IMPORTS, LAST, ada, an_account, email_of, emails_sent_twice, people, refusal

ADA = "ada@example.com"


def plans(finished: Finished) -> dict[str, str]:
    """Each contact's plan."""
    return {each["email"]: each["fields"].get("PLAN", "") for each in dump(finished.emulator)}


# refused as a whole


def test_only_the_rows_that_a_refusal_names_are_rejected() -> None:
    """All at once; the others are sent again."""
    simulation = Simulation()
    bad = [email_of(number) for number in (0, 7, 100, 150, 249)]
    simulation.faults({"kind": "refuse_email", "emails": bad})
    finished = simulation.sync([*people(600), LAST])
    assert finished.error is None
    assert (finished.written, finished.rejected) == (595, 5)
    assert set(plans(finished)) == {email_of(number) for number in range(600)} - set(bad)
    assert len(finished.imports) == 4
    [line] = finished.report
    assert "5 rows rejected: row_refused" in line
    assert "first in row 1." in line


def test_a_batch_is_halved_after_three_rounds() -> None:
    """Refusals that name one row each time must not cost a request for every row."""
    simulation = Simulation()
    simulation.faults(refusal(1, times=4))
    finished = simulation.sync([*people(100), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 96, 4)
    assert [len(rows) for rows in finished.imports] == [100, 99, 98, 97, 48, 48]


def test_a_refusal_that_names_no_row_halves_the_batch() -> None:
    """Until the row stands alone, while others pass."""
    simulation = Simulation()
    simulation.faults(refusal())
    finished = simulation.sync([*people(10), LAST])
    assert (finished.error, finished.written) == (None, 10)
    assert [len(rows) for rows in finished.imports] == [10, 5, 5]


def test_an_account_that_refuses_every_import_ends_the_sync() -> None:
    """It is not the rows' fault, so none is rejected."""
    simulation = Simulation()
    simulation.faults(refusal(times=-1))
    finished = simulation.sync([*people(4), LAST])
    assert isinstance(finished.error, UnexpectedResponse)
    assert finished.states == []


def test_a_fold_that_is_named_is_split_in_order() -> None:
    """Its rows are not all at fault."""
    simulation = Simulation()
    simulation.faults(refusal(1))
    finished = simulation.sync([*(ada(plan=str(number)) for number in range(10)), LAST])
    assert (finished.error, finished.written) == (None, 10)
    assert [rows[0]["fields"][0]["value"] for rows in finished.imports] == ["9", "4", "9"]
    assert plans(finished)[ADA] == "9"
    assert emails_sent_twice(finished) == set()


def test_rows_of_a_fold_are_rejected_one_by_one() -> None:
    """An address that is always refused loses all of them, and nobody else's."""
    simulation = Simulation()
    simulation.faults({"kind": "refuse_email", "emails": [ADA]})
    finished = simulation.sync([*people(20), *(ada(plan=str(number)) for number in range(8)), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 20, 8)


def test_a_nameless_row_of_a_refused_fold_creates_no_contact() -> None:
    """The row with a name was refused, so that nobody has the email: one by one it would be rejected."""
    simulation = Simulation()
    simulation.faults(refusal(1, times=2))
    finished = simulation.sync([ada(plan="a"), record("identifies", email=ADA, plan="b"), *people(5), LAST])
    assert finished.error is None
    assert finished.contact(ADA) is None
    assert (finished.written, finished.rejected) == (5, 2)


def test_a_row_too_large_for_an_import_is_rejected() -> None:
    """The others are not."""
    finished = Simulation().sync([ada(lastName="x" * 400_000), *people(3), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 3, 1)
    assert "row_too_large" in finished.report[0]


# imports that end badly, or late


@pytest.mark.parametrize("ending", ["import_fails", "import_interrupted"])
def test_an_import_that_fails_once_is_sent_once_more(ending: str) -> None:
    """The same rows."""
    simulation = Simulation()
    simulation.faults({"kind": ending})
    finished = simulation.sync([*people(20, plan="a"), LAST])
    assert (finished.error, finished.written) == (None, 20)
    assert finished.imports[0] == finished.imports[1]
    assert set(plans(finished).values()) == {"a"}
    assert emails_sent_twice(finished) == set()


@pytest.mark.parametrize("ending", ["import_fails", "import_interrupted"])
def test_an_import_that_fails_twice_ends_the_sync(ending: str) -> None:
    """As transient, and its STATE stays."""
    simulation = Simulation()
    simulation.faults({"kind": ending, "times": 2})
    finished = simulation.sync([*people(20), LAST])
    assert isinstance(finished.error, TransientError)
    assert finished.states == []
    assert len(finished.imports) == 2


def test_an_import_that_waits_is_waited_for() -> None:
    """And not sent again: a late copy could overwrite newer values."""
    simulation = Simulation()
    simulation.faults({"kind": "import_waits", "seconds": 60.0})
    finished = simulation.sync([*people(20), LAST])
    assert (finished.error, finished.written, len(finished.imports)) == (None, 20, 1)
    assert finished.seconds > 60


def test_an_import_is_not_waited_for_for_ever() -> None:
    """Its deadline ends the sync as transient."""
    simulation = Simulation()
    simulation.faults({"kind": "import_waits"})
    finished = simulation.sync([*people(20), LAST], import_deadline_minutes=2)
    assert isinstance(finished.error, TransientError)
    assert "within 2 minutes" in finished.error.message
    assert (finished.states, len(finished.imports)) == ([], 1)
    assert 120 < finished.seconds < 300


def test_a_row_of_an_email_waits_for_its_import() -> None:
    """Newer values come after older ones, however long those take."""
    simulation = Simulation()
    simulation.faults({"kind": "import_waits", "seconds": 60.0})
    rows = [ada(plan="old"), *people(300, plan="x"), ada(plan="zqx-new"), LAST]
    finished = simulation.sync(rows)
    assert finished.error is None
    assert plans(finished)[ADA] == "zqx-new"
    assert emails_sent_twice(finished) == set()


# emails that an import leaves out


def test_a_failed_email_goes_once_more_without_its_subscription() -> None:
    """It may have left the list: all else is written, and that is told."""
    simulation = Simulation(account=an_account({"email": ADA, "lists": {"1": 2}}))
    finished = simulation.sync([ada(plan="a", lists=[{"id": "1", "status": "active"}]), LAST])
    assert (finished.error, finished.written) == (None, 1)
    assert ["subscribe" in rows[0] for rows in finished.imports] == [True, False]
    contact = finished.contact(ADA)
    assert contact is not None
    assert (contact["fields"]["PLAN"], contact["lists"]) == ("a", {"1": 2})
    assert "not_resubscribed (list 1)" in finished.report[0]


def test_several_lists_are_subscribed_singly_where_no_membership_is() -> None:
    """Never the one that the contact left."""
    simulation = Simulation(account=an_account({"email": ADA, "lists": {"1": 2}}))
    lists = [{"id": "1", "status": "active"}, {"id": "2", "status": "active"}]
    finished = simulation.sync([ada(lists=lists), LAST])
    assert (finished.error, finished.written) == (None, 1)
    contact = finished.contact(ADA)
    assert contact is not None
    assert contact["lists"] == {"1": 2, "2": 1}
    assert finished.count("POST", "/contactLists") == 1
    assert [line for line in finished.report if "not_resubscribed (list 1)" in line]


def test_an_unsubscribe_of_a_failed_email_is_not_dropped() -> None:
    """It goes with the second try."""
    simulation = Simulation(account=an_account({"email": ADA, "lists": {"1": 2, "2": 1}}))
    lists = [{"id": "1", "status": "active"}, {"id": "2", "status": "unsubscribed"}]
    finished = simulation.sync([ada(lists=lists), LAST])
    contact = finished.contact(ADA)
    assert contact is not None
    assert contact["lists"] == {"1": 2, "2": 2}


def test_an_email_that_fails_again_is_rejected_with_all_its_rows() -> None:
    """Nobody else is."""
    simulation = Simulation()
    simulation.faults({"kind": "fail_email", "emails": [ADA]})
    asked = [{"id": "1", "status": "active"}]
    rows = [ada(lists=asked), ada(plan="b"), *people(20), ada(plan="c"), LAST]
    finished = simulation.sync(rows)
    assert (finished.error, finished.written, finished.rejected) == (None, 20, 3)
    assert "3 rows rejected: import_refused" in finished.report[0]


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (an_account({"email": ADA, "bounced": True}), "bounced"),
        (an_account(exclusions=[ADA]), "exclusion list"),
        (an_account(), "without a reason"),
    ],
)
def test_the_reason_of_a_refused_email_is_read(account: dict[str, Any], said: str) -> None:
    """It is never found out by writing."""
    simulation = Simulation(account=account)
    simulation.faults({"kind": "fail_email", "emails": [ADA]})
    finished = simulation.sync([ada(), *people(3), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 3, 1)
    assert said in finished.report[0]
    assert not [each for each in finished.requests if each[0] in ("PUT", "DELETE")]
    assert finished.count("POST", "/contact*") == 0


def test_an_account_at_its_limit_ends_the_sync() -> None:
    """The user can do something about it."""
    simulation = Simulation(Options(contact_limit=5), an_account())
    finished = simulation.sync([*people(10), LAST])
    assert isinstance(finished.error, ConfigError)
    assert "contact limit" in finished.error.message
    assert finished.states == []


def test_the_reasons_of_few_are_read() -> None:
    """They cost several requests each."""
    simulation = Simulation()
    simulation.faults({"kind": "fail_email", "emails": [email_of(number) for number in range(60)]})
    finished = simulation.sync([*people(100), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 40, 60)
    assert finished.count("GET", "/contacts") == 20


# 5xx


def test_a_row_that_the_account_cannot_digest_is_found() -> None:
    """It alone is rejected; the others are written."""
    simulation = Simulation()
    simulation.faults({"kind": "always_500_email", "emails": [email_of(333)]})
    finished = simulation.sync([*people(1_000), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 999, 1)
    assert "server_error" in finished.report[0]
    assert "first in row 334" in finished.report[0]


def test_in_an_outage_nothing_is_rejected() -> None:
    """The sync ends as transient after its deadline, and the next one loses nothing."""
    simulation = Simulation()
    simulation.faults({**IMPORTS, "kind": "status", "status": 503, "times": -1})
    broken = simulation.sync([*people(600, plan="a"), LAST], import_deadline_minutes=3)
    assert isinstance(broken.error, TransientError)
    assert broken.states == []
    assert broken.report == []
    assert 180 < broken.seconds < 600
    control(simulation.emulator, "DELETE", "faults")
    finished = simulation.sync([*people(600, plan="a"), LAST])
    assert (finished.error, finished.written) == (None, 600)
    assert set(plans(finished).values()) == {"a"}


def test_lost_answers_leave_the_same_contacts() -> None:
    """The same rows are sent again, and newer ones of their emails wait."""
    rows = [*people(300, plan="a"), *people(300, plan="b"), LAST]
    simulation = Simulation()
    simulation.faults({**IMPORTS, "kind": "cut_after", "times": 3})
    finished = simulation.sync(rows)
    assert (finished.error, finished.written) == (None, 600)
    assert set(plans(finished).values()) == {"b"}
    assert emails_sent_twice(finished) == set()


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"kind": "import_fails", "skip": 1}, {"kind": "import_waits", "seconds": 40.0, "skip": 2}],
        [{**IMPORTS, "kind": "cut_after", "times": 2, "skip": 1}],
        [refusal(3, times=2)],
        [{"kind": "fail_email", "emails": [email_of(1)], "times": 2}],
    ],
    ids=["nothing wrong", "endings", "lost", "refused", "left out"],
)
def test_an_email_is_never_sent_twice_at_a_time(faults: list[dict[str, Any]]) -> None:
    """Its newer rows wait until the older ones are done, so that the last one wins."""
    simulation = Simulation()
    simulation.faults(*faults)
    chance = random.Random(3)
    numbers = [chance.randrange(60) for _ in range(2_000)]
    rows = [ada(email=email_of(number), plan=str(place)) for place, number in enumerate(numbers)]
    finished = simulation.sync([*rows, LAST])
    assert finished.error is None
    assert emails_sent_twice(finished) == set()
    if finished.rejected == 0:
        assert plans(finished) == {email_of(number): str(place) for place, number in enumerate(numbers)}


# many rows of one email


def test_an_email_a_thousand_times_among_many_others() -> None:
    """It holds up nobody, and its last row stays."""
    rows = people(20_000, plan="x")
    rows[5_000:5_000] = [ada(plan=str(number)) for number in range(1_000)]
    finished = Simulation().sync([*rows, LAST])
    assert (finished.error, finished.written) == (None, 21_000)
    assert plans(finished)[ADA] == "999"
    assert finished.seconds < 90
    assert emails_sent_twice(finished) == set()


def test_a_thousand_rows_of_all_kinds_equal_one_by_one() -> None:
    """In less than a minute."""
    kinds: list[dict[str, Any]] = [
        {"tags": ["vip"]},
        {"tags": ["zqx-New"], "tagsReset": True},
        {"lists": [{"id": "1", "status": "unsubscribed"}], "tags_remove": ["zqx-new"]},
        {"lists": [{"id": "1", "status": "active"}, {"id": "2", "status": "active"}], "tags": ["third"]},
    ]
    rows = [ada(plan=str(number), **kinds[number % 4]) for number in range(1_000)]
    simulation = Simulation(account=an_account({"email": ADA, "tags": ["old"], "lists": {"1": 1}}))
    finished = simulation.sync([*rows, LAST])
    assert (finished.error, finished.written) == (None, 1_000)
    contact = finished.contact(ADA)
    assert contact is not None
    assert (contact["tags"], contact["lists"]) == (["third"], {"1": 2, "2": 1})
    assert contact["fields"]["PLAN"] == "999"
    assert finished.seconds < 60


# by difference, and automations


def test_a_reset_that_changes_nothing_touches_nothing() -> None:
    """A tag that stays is neither removed nor added again."""
    simulation = Simulation(account=an_account({"email": ADA, "firstName": "zqx-Ada", "tags": ["vip", "old"]}))
    finished = simulation.sync([ada(tags=["VIP", "Old"], tagsReset=True), LAST])
    assert (finished.error, finished.written) == (None, 1)
    assert not [each for each in finished.requests if each[0] == "DELETE"]
    assert set(finished.summary()["automations"]["fired"].values()) == {0}


def test_a_reset_removes_what_is_not_named() -> None:
    """Once each, and adds what is new."""
    simulation = Simulation(account=an_account({"email": ADA, "firstName": "zqx-Ada", "tags": ["vip", "old"]}))
    finished = simulation.sync([ada(tags=["vip", "zqx-New"], tagsReset=True), LAST])
    fired = finished.summary()["automations"]["fired"]
    assert (fired["tag_added"], fired["tag_removed"]) == (1, 1)
    contact = finished.contact(ADA)
    assert contact is not None
    assert contact["tags"] == ["vip", "zqx-New"]


def test_without_automations_none_starts() -> None:
    """Rows that need a single request are rejected."""
    simulation = Simulation(
        account=an_account({"email": ADA, "firstName": "zqx-Ada", "tags": ["old"], "lists": {"1": 2}})
    )
    asked = [{"id": "1", "status": "active"}, {"id": "2", "status": "active"}]
    rows = [
        *people(30, plan="a", tags=["vip"], lists=asked),
        ada(tags_remove=["old"]),
        ada(plan="b", lists=asked),
        LAST,
    ]
    finished = simulation.sync(rows, run_automations=False)
    assert (finished.error, finished.written, finished.rejected) == (None, 31, 1)
    automations = finished.summary()["automations"]
    assert set(automations["fired"].values()) == {0}
    assert automations["excluded"]["contact_created"] == 30
    assert any("would_run_automations" in line for line in finished.report)


def test_contacts_can_go_one_by_one() -> None:
    """For accounts without imports; the same end."""
    rows = [
        ada(plan="a", phone="+1", tags=["vip", "zqx-New"], lists=[{"id": "1", "status": "active"}]),
        *people(10, plan="x"),
        ada(plan="b", tags_remove=["vip"], lists=[{"id": "2", "status": "unsubscribed"}]),
        LAST,
    ]
    by_import, single = Simulation().sync(rows), Simulation().sync(rows, contacts_route="single")
    assert (single.error, single.written) == (None, 12)
    assert single.imports == []
    for finished in (by_import, single):
        contact = finished.contact(ADA)
        assert contact is not None
        assert (contact["fields"]["PLAN"], contact["phone"], contact["tags"]) == ("b", "+1", ["zqx-New"])
        assert contact["lists"] == {"1": 1, "2": 2}


def test_values_are_cleared_when_asked() -> None:
    """After their import, by difference."""
    simulation = Simulation(account=an_account({"email": ADA, "firstName": "zqx-Ada", "fields": {"PLAN": "a"}}))
    finished = simulation.sync([ada(plan=None), LAST], null_values="clear")
    assert (finished.error, finished.written) == (None, 1)
    assert plans(finished) == {ADA: ""}
    assert finished.count("DELETE", "/fieldValues/*") == 1


def test_a_contact_deleted_meanwhile_is_rejected() -> None:
    """Its import was confirmed, yet nobody has the email."""
    simulation = Simulation()
    simulation.faults({"method": "GET", "path": "/contacts", "kind": "status", "status": 200, "body": {"contacts": []}})
    finished = simulation.sync([ada(tags_remove=["vip"]), LAST])
    assert (finished.error, finished.rejected) == (None, 1)
    assert "contact_missing" in finished.report[0]


def test_rows_of_several_emails_in_capitals_are_one_contact() -> None:
    """Emails are compared without case."""
    finished = Simulation().sync([ada(plan="a"), record("identifies", email=" ADA@Example.com ", plan="b"), LAST])
    assert (finished.written, plans(finished)) == (2, {ADA: "b"})


# what an import's end is compared with


INFO = {"method": "GET", "path": "/import/info", "kind": "status", "status": 200}


def an_import_that_ends(failed: list[str], queued: int) -> Simulation:
    """Return an account that answers so to one import."""
    simulation = Simulation()
    taken = {"success": 1, "queued_contacts": queued, "batchId": "b-1", "message": "Contact import queued"}
    ended = {"status": "completed", "success": [], "failure": failed}
    simulation.faults(
        {**IMPORTS, "kind": "status", "status": 200, "times": 1, "body": taken},
        {**INFO, "times": 1, "body": ended},
    )
    return simulation


def test_a_failure_of_an_email_that_was_not_sent_ends_the_sync() -> None:
    """Its batch would be told wrongly."""
    finished = an_import_that_ends(["zed@example.com"], 3).sync([*people(3), LAST])
    assert isinstance(finished.error, UnexpectedResponse)
    assert "1 failures for emails that were not in it" in finished.error.message
    assert finished.states == []


def test_contacts_that_were_not_queued_and_did_not_fail_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Here one of three: one was queued, one failed."""
    an_import_that_ends([email_of(0)], 1).sync([*people(3), LAST])
    assert "ActiveCampaign queued 1 contacts less than it was sent" in caplog.text


def test_nothing_is_told_of_an_import_that_adds_up(caplog: pytest.LogCaptureFixture) -> None:
    """All were queued."""
    Simulation().sync([*people(3), LAST])
    assert "less than it was sent" not in caplog.text


# single requests, only where they are needed


def test_subscriptions_that_an_import_made_take_no_single_request() -> None:
    """And none of them is told as left out."""
    lists = [{"id": "1", "status": "active"}, {"id": "2", "status": "active"}]
    finished = Simulation().sync(
        [ada(lists=lists), record("identifies", email="bob@x.co", firstName="B", lists=lists[:1]), LAST]
    )
    assert (finished.error, finished.written, finished.report) == (None, 2, [])
    assert finished.count("GET", "/contacts") == 0


def test_one_list_that_was_left_takes_no_single_request() -> None:
    """What is told needs no look at the contact."""
    simulation = Simulation(account=an_account({"email": ADA, "lists": {"1": 2}}))
    finished = simulation.sync([ada(lists=[{"id": "1", "status": "active"}]), LAST])
    assert (finished.error, finished.written) == (None, 1)
    assert finished.count("GET", "/contacts") == 0


def test_memberships_are_not_read_after_an_import_with_its_subscriptions() -> None:
    """Only the tags are, which no import takes away."""
    simulation = Simulation(account=an_account({"email": ADA, "tags": ["old"]}))
    lists = [{"id": "1", "status": "active"}, {"id": "2", "status": "active"}]
    finished = simulation.sync([ada(lists=lists, tags_remove=["old"]), LAST])
    assert (finished.error, finished.written) == (None, 1)
    assert finished.count("GET", "/contacts/*/contactLists") == 0


def test_one_list_that_was_left_is_told_once() -> None:
    """Though single requests follow for the tags."""
    simulation = Simulation(account=an_account({"email": ADA, "tags": ["old"], "lists": {"1": 2}}))
    finished = simulation.sync([ada(lists=[{"id": "1", "status": "active"}], tags_remove=["old"]), LAST])
    assert (finished.error, finished.written) == (None, 1)
    [state] = finished.states
    assert state.counts.refused_parts == 1


def test_a_row_does_not_fold_into_a_contact_that_is_being_written() -> None:
    """By single requests as by imports: it would be lost."""
    rows = [ada(plan="old"), *people(600), ada(plan="zqx-new"), LAST]
    finished = Simulation().sync(rows, contacts_route="single")
    assert (finished.error, finished.written) == (None, 602)
    assert plans(finished)[ADA] == "zqx-new"


def test_the_last_import_does_not_wait_for_company() -> None:
    """Once no single request is under way that could bring another row."""
    simulation = Simulation(account=an_account({"email": ADA, "tags": ["old"]}))
    finished = simulation.sync([ada(tags_remove=["old"]), *people(600), ada(plan="zqx-new"), LAST])
    assert (finished.error, finished.written) == (None, 602)
    place = max(number for number, exchange in enumerate(finished.exchanges) if exchange.is_import())
    before, last = finished.exchanges[place - 1 : place + 1]
    assert len(last.rows()) == 1
    assert last.sent - before.sent < 1.0


def test_a_batch_waits_for_company_while_rows_may_come() -> None:
    """Whether the window is full or not."""
    finished = Simulation().sync([*people(900), LAST], window_rows=300)
    assert finished.error is None
    assert [len(rows) for rows in finished.imports] == [250, 50] * 3


# when imports go


def test_the_last_import_waits_for_what_stands_behind_a_single_request() -> None:
    """That takes a fraction of a second."""
    columns = ("email", "firstName")
    configured = objects(people=("append_dedup", "email", columns), gone=("soft_delete", "email", ("email",)))
    rows = [
        record("gone", email=ADA),
        record("people", email=ADA, firstName="Ada"),
        record("people", email="bob@example.com", firstName="Bob"),
    ]
    simulation = Simulation(account=an_account({"email": ADA}))
    finished = simulation.sync([*rows, state(None, 1)], configured, soft_delete="delete_contact")
    assert (finished.error, finished.written) == (None, 3)
    assert [len(contacts) for contacts in finished.imports] == [2]


def test_an_import_is_asked_for_six_seconds_after_it_was_accepted() -> None:
    """To the moment, whatever happens meanwhile."""
    finished = Simulation().sync([*people(500), LAST])
    accepted = next(exchange.sent for exchange in finished.exchanges if exchange.is_import()) + LATENCY
    asked = next(exchange.sent for exchange in finished.exchanges if exchange.path.endswith("/import/info"))
    assert asked - accepted == pytest.approx(6.0)
