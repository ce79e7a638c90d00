"""Events and visits on their way: whose they are, in which order, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from activecampaign_emulator import Options
from destination_activecampaign.errors import ConfigError, TransientError
from destination_activecampaign.mappings.outcome import Outcome, Written
from destination_activecampaign.sync.checkpoints import Segment
from destination_activecampaign.sync.entries import EventEntry
from destination_activecampaign.sync.event_delivery import EventDelivery
from unit_tests.simulation import CONTACTS, Finished, Simulation, catalog, control, dump, record, state
from unit_tests.sync.factories import a_row, an_event
from unit_tests.sync.pump import Pump
from unit_tests.sync.scenes import ada, an_account, email_of, people

STREAMS = catalog(
    identifies=CONTACTS, tracks=("email", "userId", "event", "value", "messageId"), pages=("email", "url", "messageId")
)
ADA = "ada@example.com"
LAST = state(None, 1)
EVENTS = {"method": "POST", "path": "/event"}


def track(email: str | None = ADA, **columns: Any) -> dict[str, Any]:
    """Return a row that is an event."""
    whose = {} if email is None else {"email": email}
    return record("tracks", event="zqx-Order", **whose, **columns)


def events_of(finished: Finished, email: str = ADA) -> list[str]:
    """The values of a contact's events, in their order."""
    contact = finished.contact(email)
    return [] if contact is None else [event["eventdata"] for event in contact["events"]]


def lookups(finished: Finished) -> int:
    """Requests that find contacts."""
    return finished.count("GET", "/fieldValues") + finished.count("GET", "/contacts*")


def test_an_event_follows_the_contact_rows_before_it() -> None:
    """An account may drop events of contacts that it does not have."""
    finished = Simulation().sync([ada(), track(value="1"), track(value="2"), LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 3)
    assert events_of(finished) == ["1", "2"]


def test_events_of_a_contact_keep_their_order() -> None:
    """Others go side by side."""
    simulation = Simulation(account=an_account({"email": ADA}))
    rows = [track(value=str(number)) for number in range(60)]
    finished = simulation.sync([*rows, LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 60)
    assert events_of(finished) == [str(number) for number in range(60)]


def test_what_stands_before_the_earliest_state_goes_first() -> None:
    """Though it became ready last: its STATE leaves the sooner."""
    pump = Pump(tracking=1)
    sent: list[str] = []

    def send(email: str, _: object) -> Outcome:
        sent.append(email)
        return Written()

    delivery = EventDelivery(pump.lanes, send, lambda *_: None)
    for number, email in ((2, "a"), (1, "b"), (2, "c"), (0, "d")):
        delivery.ready(EventEntry(email, a_row(segment=Segment(number)), an_event(email)))
    pump.run(delivery.work)
    pump.lanes.stop()
    assert sent == ["d", "b", "a", "c"]


def test_contact_rows_do_not_wait_for_events() -> None:
    """A thousand alternating rows among a thousand others take less than a minute."""
    rows = people(1_000)
    for number in range(500):
        rows += [ada(plan=str(number)), track(value=str(number))]
    finished = Simulation().sync([*rows, LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 2_000)
    assert finished.seconds < 60
    contact = finished.contact(ADA)
    assert contact is not None
    assert (contact["fields"]["PLAN"], len(contact["events"])) == ("499", 500)


def test_a_user_id_of_a_row_of_this_sync_costs_no_look_up() -> None:
    """Its email is known."""
    finished = Simulation().sync([ada(userId="u-1"), track(None, userId="u-1", value="1"), LAST], STREAMS)
    assert (finished.error, events_of(finished)) == (None, ["1"])
    assert lookups(finished) == 0


def test_a_user_id_is_asked_for_once() -> None:
    """Two thousand events of fifty users cost few look-ups."""
    contacts = [{"email": email_of(number), "fields": {"EXTERNAL_ID": f"u-{number}"}} for number in range(50)]
    rows = [track(None, userId=f"u-{number % 50}", value=str(number)) for number in range(2_000)]
    finished = Simulation(account=an_account(*contacts)).sync([*rows, LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 2_000)
    assert lookups(finished) <= 110
    assert events_of(finished, email_of(7)) == [str(number) for number in range(7, 2_000, 50)]


@pytest.mark.parametrize(("holders", "reason"), [(0, "contact_missing"), (2, "ambiguous_user_id")])
def test_a_user_id_of_nobody_or_of_two_touches_nobody(holders: int, reason: str) -> None:
    """Its rows are rejected, all with one question."""
    contacts = [{"email": email_of(number), "fields": {"EXTERNAL_ID": "u-1"}} for number in range(holders)]
    rows = [track(None, userId="u-1") for _ in range(5)]
    finished = Simulation(account=an_account(*contacts)).sync([ada(), *rows, LAST], STREAMS)
    assert (finished.error, finished.written, finished.rejected) == (None, 1, 5)
    assert any(reason in line for line in finished.report)
    assert sum(len(each["events"]) for each in dump(finished.emulator)) == 0


def test_nameless_rows_are_found_by_an_index() -> None:
    """Paging through the account once costs less than asking for each."""
    contacts = [{"email": email_of(number)} for number in range(20_000)]
    simulation = Simulation(account=an_account(*contacts))
    rows = [record("identifies", email=email_of(number * 4 + 1), plan="a") for number in range(5_000)]
    finished = simulation.sync([*rows, LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 5_000)
    assert len(finished.requests) <= 0.06 * 5_000


def test_a_nameless_row_of_nobody_is_rejected() -> None:
    """It may update a contact, not create one; after a row that creates it, it may."""
    rows = [
        record("identifies", email="bob@example.com", plan="a"),
        record("identifies", email=ADA, plan="a"),
        ada(),
        record("identifies", email=ADA, plan="b"),
        LAST,
    ]
    finished = Simulation().sync(rows, STREAMS)
    assert (finished.error, finished.written, finished.rejected) == (None, 2, 2)
    assert finished.contact("bob@example.com") is None
    contact = finished.contact(ADA)
    assert contact is not None
    assert contact["fields"]["PLAN"] == "b"


def test_an_event_whose_answer_was_lost_is_sent_again() -> None:
    """By default: it may count twice, and is never lost."""
    simulation = Simulation(account=an_account({"email": ADA}))
    simulation.faults({**EVENTS, "kind": "cut_after"})
    finished = simulation.sync([track(value="1"), LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 1)
    assert events_of(finished) == ["1", "1"]


def test_at_most_once_rejects_an_event_whose_answer_was_lost() -> None:
    """It never counts twice."""
    simulation = Simulation(account=an_account({"email": ADA}))
    simulation.faults({**EVENTS, "kind": "cut_after"})
    finished = simulation.sync([track(value="1"), track(value="2"), LAST], STREAMS, event_delivery="at_most_once")
    assert (finished.error, finished.written, finished.rejected) == (None, 1, 1)
    assert events_of(finished) == ["1", "2"]
    assert "delivery_unknown" in finished.report[0]


def test_a_message_that_comes_again_is_skipped() -> None:
    """By its id; rows without one are all sent."""
    simulation = Simulation(account=an_account({"email": ADA}))
    rows = [track(value=str(number), messageId="m-1") for number in range(3)] + [track(value="x"), track(value="x")]
    finished = simulation.sync([*rows, LAST], STREAMS)
    assert (finished.error, finished.written) == (None, 3)
    assert events_of(finished) == ["0", "x", "x"]
    assert sum(acknowledged.counts.skipped for acknowledged in finished.states) == 2


def test_events_of_unknown_contacts_count_as_unconfirmed() -> None:
    """The account may drop them and does not say so."""
    finished = Simulation().sync([ada(), track(), track("bob@example.com"), LAST], STREAMS)
    [acknowledged] = finished.states
    assert (acknowledged.counts.written, acknowledged.counts.unconfirmed) == (3, 1)


def test_events_of_unknown_contacts_can_be_rejected() -> None:
    """Those of contacts of the account, or of this sync, are sent."""
    simulation = Simulation(account=an_account({"email": "old@example.com"}))
    rows = [ada(), track(), track("bob@example.com"), track("old@example.com", value="1"), LAST]
    finished = simulation.sync(rows, STREAMS, unknown_contacts="reject")
    assert (finished.error, finished.written, finished.rejected) == (None, 3, 1)
    assert events_of(finished, "old@example.com") == ["1"]
    assert any("contact_missing" in line for line in finished.report)
    assert finished.states[0].counts.unconfirmed == 0


def test_an_event_of_a_contact_that_was_rejected_is_still_sent() -> None:
    """It may have come from elsewhere; nothing waits for ever."""
    simulation = Simulation(Options(unknown_contact_events="keep"))
    simulation.faults({"kind": "refuse_email", "emails": [ADA]})
    finished = simulation.sync([*people(3), ada(), track(), LAST], STREAMS)
    assert (finished.error, finished.written, finished.rejected) == (None, 4, 1)


def test_an_event_name_is_registered_before_its_first_use() -> None:
    """Once, though many rows need it; unknown names may be dropped."""
    simulation = Simulation(account=an_account(*({"email": email_of(number)} for number in range(30))))
    finished = simulation.sync([*(track(email_of(number)) for number in range(30)), LAST], STREAMS)
    assert finished.count("POST", "/eventTrackingEvents") == 1
    assert all(len(events_of(finished, email_of(number))) == 1 for number in range(30))


def test_new_event_names_are_limited() -> None:
    """One wrong column must not flood the account."""
    simulation = Simulation(account=an_account({"email": ADA}))
    rows = [record("tracks", email=ADA, event=f"e{number}") for number in range(5)]
    finished = simulation.sync([*rows, LAST], STREAMS, max_new_event_names=3)
    assert (finished.error, finished.written, finished.rejected) == (None, 3, 2)
    assert "too_many_new_event_names" in finished.report[0]


@pytest.mark.parametrize("delivery", ["visit", "local_event", "event"])
def test_a_page_goes_the_way_that_is_set(delivery: str) -> None:
    """Only the answer to a visit says nothing."""
    simulation = Simulation(account=an_account({"email": ADA}, domains=["example.com"]))
    finished = simulation.sync(
        [ada(), record("pages", email=ADA, url="https://example.com/a"), LAST], STREAMS, page_delivery=delivery
    )
    assert (finished.error, finished.written) == (None, 2)
    assert finished.states[0].counts.unconfirmed == (delivery == "visit")
    contact = finished.contact(ADA)
    assert contact is not None
    assert (len(contact["events"]), len(contact["visits"])) == ((1, 0) if delivery == "event" else (0, 1))


@pytest.mark.parametrize("whitelist", [True, False])
def test_a_domain_must_be_whitelisted(*, whitelist: bool) -> None:
    """Or is, where the setting says so; once."""
    simulation = Simulation(account=an_account({"email": ADA}, domains=["example.com"]))
    rows = [record("pages", email=ADA, url=f"https://other.org/{number}") for number in range(3)]
    finished = simulation.sync([ada(), *rows, LAST], STREAMS, whitelist_domains=whitelist)
    assert (finished.error, finished.written, finished.rejected) == (None, 4 if whitelist else 1, 0 if whitelist else 3)
    assert finished.count("POST", "/prism/urlWhitelistings") == int(whitelist)


def test_an_outage_of_events_ends_the_sync() -> None:
    """Nothing is rejected, and the contacts before are acknowledged."""
    simulation = Simulation(account=an_account({"email": ADA}))
    simulation.faults({**EVENTS, "kind": "status", "status": 503, "times": -1})
    rows = [ada(), state("identifies", 1), track(), state("tracks", 2)]
    finished = simulation.sync(rows, STREAMS)
    assert isinstance(finished.error, TransientError)
    assert [each.state.message["state"]["id"] for each in finished.states] == [1]
    assert finished.rejected == 0


def test_event_tracking_must_be_on() -> None:
    """Else every event would be lost."""
    simulation = Simulation()
    control(simulation.emulator, "POST", "faults", [{"path": "/eventTracking", "kind": "status", "status": 200,
        "times": -1, "body": {"eventTracking": {"enabled": False}}}])  # fmt: skip
    finished = simulation.sync([track(), LAST], STREAMS)
    assert isinstance(finished.error, ConfigError)
    assert "switched off" in finished.error.message
