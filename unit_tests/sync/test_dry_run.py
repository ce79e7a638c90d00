"""What a dry run counts, and what it reads of the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.errors import TransientError
from destination_activecampaign.mappings.lookups import LookUps, NotOne
from destination_activecampaign.mappings.outcome import Outcome, Written
from destination_activecampaign.sync.cost import Cost
from destination_activecampaign.sync.dry_run import DryEvents
from destination_activecampaign.sync.entries import EventEntry
from destination_activecampaign.sync.sampled_lookups import LOOKED_UP, SAMPLED, SampledLookUps
from unit_tests.simulation import Finished, Simulation, catalog, objects, record, state
from unit_tests.sync.factories import ADA, a_row, an_event
from unit_tests.sync.scenes import LAST, ada, an_account, email_of, people


def told(finished: Finished) -> str:
    """Return what a dry run ends with, from the number of rows on."""
    assert finished.error is not None
    return finished.error.message.removeprefix("Dry run finished, nothing was written: ")


def a_cost(**counts: float) -> Cost:
    """Return the cost of a sync that has not started, with these counts."""
    cost = Cost(0, 4.0, 0.6, 0.08, 10)
    for name, count in counts.items():
        setattr(cost, name, count)
    return cost


def test_a_dry_run_tells_what_a_sync_would_take() -> None:
    """Rows by their end, requests, imports, events, and the time of the quota."""
    rows = [*people(1_500), record("identifies", firstName="Ann"), LAST]
    finished = Simulation().sync(rows, dry_run=True)
    assert told(finished) == (
        "of 1501 rows 1500 would be written, 1 rejected, 0 skipped. The sync would take about 25 requests (6 imports), "
        "0 events and visits, and 16 s. Switch `dry_run` off to sync."
    )
    assert finished.seconds < 5.0


def test_contacts_by_single_requests_take_one_for_each_part() -> None:
    """The contact with its fields, each tag, each list, the phone; and the four requests before the first row."""
    lists = [{"id": "1", "status": "active"}]
    rows = [*people(10, tags=["a", "b"], phone="1", lists=lists), LAST]
    finished = Simulation().sync(rows, dry_run=True, contacts_route="single")
    assert "about 54 requests (0 imports)" in told(finished)


def test_rows_fold_as_much_as_the_window_lets_them() -> None:
    """Imports are cut when it is full."""
    rows = [ada(email=email_of(number % 500)) for number in range(2_000)]
    imports = {}
    for window in (1_000, 5_000):
        finished = Simulation().sync([*rows, LAST], dry_run=True, window_rows=window)
        assert "of 2000 rows 2000 would be written" in told(finished)
        assert finished.seconds < 2.0
        imports[window] = told(finished).partition("(")[2].partition(")")[0]
    assert imports == {1_000: "6 imports", 5_000: "3 imports"}


def test_what_single_requests_would_change_is_taken_from_a_sample() -> None:
    """All are read by the sync; of those that are read here, half have a tag to lose."""
    contacts = ({"email": email_of(number), "tags": ["old"]} for number in range(SAMPLED // 2))
    simulation = Simulation(account=an_account(*contacts))
    finished = simulation.sync([*people(60, tags=["vip"], tagsReset=True), LAST], dry_run=True)
    # The start, one import and its polls, contacts read a hundred at once, one removal for every second that exists.
    assert "of 60 rows 60 would be written" in told(finished)
    assert "about 41 requests (1 imports)" in told(finished)
    assert finished.count("GET", "/contacts") == SAMPLED + 1  # and how many the account has


GONE = objects(gone=("soft_delete", "userId", ("userId",)))


def gone(*user_ids: str) -> list[dict[str, Any]]:
    """Return rows that delete these users' contacts."""
    return [*(record("gone", userId=user_id) for user_id in user_ids), state("gone", 1)]


def test_only_contacts_that_were_looked_up_are_sampled() -> None:
    """What stands for the others has nothing to take away; all of them count."""
    contacts = [
        {"email": email_of(number), "lists": {"1": 1, "2": 1}, "fields": {"EXTERNAL_ID": f"u-{number}"}}
        for number in range(60)
    ]
    rows = gone(*(f"u-{number}" for number in range(60)))
    finished = Simulation(account=an_account(*contacts)).sync(rows, GONE, dry_run=True)
    assert "of 60 rows 60 would be written" in told(finished)
    # The start; two indexes of a page each; an index of ids, with which all are read at once; two lists for each.
    assert "about 130 requests (0 imports)" in told(finished)


def test_what_no_sample_tells_is_said() -> None:
    """Contacts of which none was found would else be taken to need nothing."""
    finished = Simulation().sync(gone(*(f"u-{number}" for number in range(60))), GONE, dry_run=True)
    told_of = "What 40 contacts take one by one is not in this: none of them was found. Switch"
    assert "of 60 rows 40 would be written, 0 rejected, 20 skipped" in told(finished)
    assert told_of in told(finished)


def test_a_sample_that_cannot_be_read_ends_the_dry_run() -> None:
    """Its sums would be wrong."""
    simulation = Simulation()
    simulation.faults({"kind": "status", "status": 503, "method": "GET", "path": "/contacts", "times": 1_000})
    finished = simulation.sync([*people(1, tagsReset=True), LAST], dry_run=True)
    assert isinstance(finished.error, TransientError)


def test_events_end_as_unconfirmed() -> None:
    """Each counts once, in their order."""
    cost, ended = a_cost(), list[tuple[EventEntry, Outcome]]()
    events = DryEvents(cost, lambda _: None, lambda entry, outcome: ended.append((entry, outcome)))
    entries = [EventEntry(ADA, a_row(number), an_event()) for number in range(2)]
    for entry in entries:
        events.ready(entry)
    events.work()
    events.work()
    assert ended == [(entry, Written(unconfirmed=True)) for entry in entries]
    assert cost == a_cost(tracking=2)


DOMAINS = ("shop.example", "www.shop.example", "other.example")
PAGES = catalog(pages=("url", "email"))


@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({}, 2),
        ({"page_delivery": "local_event"}, 2),
        ({"page_delivery": "event"}, 3),
        ({"whitelist_domains": True}, 3),
    ],
)
def test_pages_of_domains_that_are_not_whitelisted_are_rejected(settings: dict[str, Any], written: int) -> None:
    """As many as the sync rejects."""
    rows = [record("pages", url=f"https://{domain}/zqx", email=ADA) for domain in DOMAINS]
    account = an_account({"email": ADA}, domains=["shop.example"])
    dry = Simulation(account=account).sync(rows, PAGES, dry_run=True, **settings)
    assert f"of 3 rows {written} would be written, {3 - written} rejected" in told(dry)
    assert f", {written} events and visits" in told(dry)
    finished = Simulation(account=account).sync([*rows, state("pages", 1)], PAGES, **settings)
    assert (finished.written, finished.rejected) == (written, 3 - written)


def test_pages_are_taken_where_the_whitelist_cannot_be_read() -> None:
    """As the sync does."""
    simulation = Simulation(account=an_account({"email": ADA}, domains=["shop.example"]))
    for path in ("/siteTrackingDomains", "/prism/urlWhitelistings"):
        simulation.faults({"kind": "status", "status": 403, "method": "GET", "path": path, "times": 100})
    rows = [record("pages", url=f"https://{domain}/zqx", email=ADA) for domain in DOMAINS]
    assert told(simulation.sync(rows, PAGES, dry_run=True)).startswith("of 3 rows 3 would be written")


def test_the_table_says_what_would_be_written(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing was."""
    caplog.set_level("INFO")
    Simulation().sync([*people(3), LAST], dry_run=True)
    [head, line] = [each for each in caplog.messages if each.startswith(("stream  ", "identifies  "))]
    assert head.split()[:5] == ["stream", "would", "be", "written", "rejected"]
    assert len(head) == len(line)


class Asked:
    """Look-ups of an account with one contact. `meanwhile`: what happens while the next request is on its way."""

    def __init__(self) -> None:
        self.meanwhile: list[Callable[[], object]] = []
        ada = {"email": ADA, "firstName": "Ada", "fields": {"EXTERNAL_ID": "u-1"}}
        client, self._transport = Simulation(account=an_account(ada)).client()
        self._transport._watch = self._ask_meanwhile
        self.cost = a_cost()
        self.lookups = SampledLookUps(self.cost, LookUps(Contacts(client), 2))

    @property
    def requests(self) -> int:
        """Requests so far."""
        return len(self._transport.requests)

    def _ask_meanwhile(self) -> None:
        while self.meanwhile:
            self.meanwhile.pop()()


def test_the_first_emails_are_looked_up() -> None:
    """The others are taken to exist; all are counted."""
    asked = Asked()
    assert asked.lookups.exists(ADA)
    assert [asked.lookups.exists(email_of(number)) for number in range(LOOKED_UP - 1)] == [False] * (LOOKED_UP - 1)
    assert asked.requests == LOOKED_UP
    assert asked.lookups.exists("nobody@example.com")
    assert (asked.requests, asked.cost) == (LOOKED_UP, a_cost(lookups=LOOKED_UP + 1))


def test_the_first_user_ids_are_looked_up() -> None:
    """Each takes two requests; something stands for the others, one for each."""
    asked = Asked()
    assert asked.lookups.contact_of("u-1") == ADA
    for _ in range(LOOKED_UP // 2 - 1):
        assert asked.lookups.contact_of("u-2") is NotOne.MISSING
    made = asked.requests
    assert asked.lookups.contact_of("u-3") == "user id u-3"
    assert (asked.requests, asked.cost) == (made, a_cost(lookups=LOOKED_UP + 2))


@pytest.mark.parametrize("what", ["emails", "users"])
def test_an_index_is_counted_and_not_loaded(what: str) -> None:
    """With it an email takes no request and a user id takes one; the first are looked up all the same."""
    asked = Asked()
    lookups: Any = asked.lookups
    cost, load = {
        "emails": (lookups.emails_cost, lookups.load_emails),
        "users": (lookups.user_ids_cost, lookups.load_user_ids),
    }[what]
    assert cost() == 1
    load()
    counted = asked.requests
    if what == "emails":
        answers = [lookups.exists(email_of(number)) for number in range(LOOKED_UP + 1)]
        assert answers == [False] * LOOKED_UP + [True]
        assert asked.cost == a_cost(lookups=1)
    else:
        answers = [lookups.contact_of(f"u-{number}") for number in range(9, 9 + LOOKED_UP // 2 + 1)]
        assert answers == [NotOne.MISSING] * (LOOKED_UP // 2) + [f"user id u-{9 + LOOKED_UP // 2}"]
        assert asked.cost == a_cost(lookups=1 + LOOKED_UP // 2 + 1)
    assert asked.requests - counted <= LOOKED_UP


def test_an_index_of_emails_is_none_of_user_ids() -> None:
    """Those are still asked for."""
    asked = Asked()
    asked.lookups.load_emails()
    assert asked.lookups.contact_of("u-1") == ADA
    asked.lookups.load_user_ids()
    assert asked.lookups.contact_of("u-1") == ADA
    assert asked.cost == a_cost(lookups=1 + 2 + 1 + 1)


def test_an_index_is_counted_beside_the_questions_before_it() -> None:
    """It came after them."""
    asked = Asked()
    assert asked.lookups.exists(ADA)
    asked.lookups.load_emails()
    assert asked.cost == a_cost(lookups=2)


@pytest.mark.parametrize("index", ["emails", "contacts", "user_ids"])
def test_what_is_asked_while_an_index_is_counted_counts_too(index: str) -> None:
    """Look-ups have several threads."""
    asked = Asked()
    asked.meanwhile.append(lambda: asked.lookups.exists(ADA))
    getattr(asked.lookups, f"load_{index}")()
    assert asked.cost == a_cost(lookups=1 + (2 if index == "contacts" else 1))


def test_events_of_unknown_contacts_are_counted_with_their_look_ups() -> None:
    """Few are looked up one by one."""
    rows = [record("tracks", event="zqx-Order", email=email_of(number)) for number in range(5)]
    streams = catalog(tracks=("event", "email"))
    simulation = Simulation(account=an_account({"email": email_of(0)}))
    finished = simulation.sync(rows, streams, dry_run=True, unknown_contacts="reject")
    assert told(finished).startswith("of 5 rows 1 would be written, 4 rejected, 0 skipped.")
    assert "about 13 requests (0 imports), 1 events and visits" in told(finished)
