"""The one place where a row ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from destination_activecampaign.mappings.contact import Membership
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Skipped, Written
from destination_activecampaign.messages import State
from destination_activecampaign.rejected_rows.store import RejectedRows
from destination_activecampaign.sync.checkpoints import Counts, Ledger
from destination_activecampaign.sync.entries import Row
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People, Window
from unit_tests.sync.factories import ADA, STREAM, a_contact, an_event

PART = PartRefused("not_resubscribed", "list 1", "Add it.")
REFUSED = Rejected("row_refused", "", "")


class Books:
    """All that is told of a row's end."""

    def __init__(self, store: RejectedRows | None = None) -> None:
        self.window, self.people, self.known = Window(10, 1_000), People(lambda _: 50), Known()
        self.rejections = Rejections()
        self.ledger = Ledger(lambda _: False)
        self.settlement = Settlement(self.window, self.people, self.ledger, self.rejections, self.known, store=store)

    def row(self, raw: bytes = b"") -> Row:
        """Read one."""
        row = Row(STREAM, self.rejections.read(STREAM), self.ledger.record(), 10, raw)
        self.window.enter(row)
        return row

    def counts(self) -> Counts:
        """What a STATE tells now."""
        self.ledger.close(State("STREAM", STREAM, None))
        [acknowledged] = self.ledger.ready()
        return acknowledged.counts


def test_a_row_leaves_window_ledger_and_report() -> None:
    """All at once."""
    books = Books()
    books.settlement.row(books.row(), REFUSED)
    assert (books.window.rows, books.window.bytes) == (0, 0)
    assert books.rejections.totals == Counts(rejected=1)
    assert books.counts() == Counts(rejected=1)


def test_all_rows_of_a_fold_end_alike() -> None:
    """Each counts."""
    books = Books()
    for _ in range(3):
        entry, _grown = books.people.add_contact(books.row(), a_contact())
    books.settlement.contact(entry, Written())
    assert books.counts() == Counts(written=3)
    assert len(books.people) == 0


def test_a_part_refused_of_a_fold_counts_once() -> None:
    """What single rows lost counts with them."""
    books = Books()
    for _ in range(3):
        entry, _grown = books.people.add_contact(books.row(), a_contact())
    entry.parts[0].refused = (PART, PART)
    books.settlement.contact(entry, Written((PART,)))
    assert books.counts() == Counts(written=3, refused_parts=3)


def test_a_written_contact_is_known_to_exist() -> None:
    """A rejected one is not."""
    for outcome in (Written(), REFUSED):
        books = Books()
        entry, _grown = books.people.add_contact(books.row(), a_contact())
        books.settlement.contact(entry, outcome)
        assert books.known.exists(ADA) is (True if outcome == Written() else None)


def test_what_waited_for_an_entry_is_freed() -> None:
    """Also when it was rejected."""
    books = Books()
    entry, _grown = books.people.add_contact(books.row(), a_contact())
    first, second = (books.people.add_event(books.row(), ADA, an_event()) for _ in range(2))
    books.settlement.contact(entry, REFUSED)
    assert list(books.settlement.freed) == [first]
    books.settlement.freed.clear()
    books.settlement.event(first, Written())
    assert list(books.settlement.freed) == [second]
    books.settlement.event(second, Written())
    assert books.counts() == Counts(written=2, rejected=1)


class Store:
    """Refused rows, as they are handed over to be kept."""

    pending = False

    def __init__(self) -> None:
        self.kept: list[tuple[object, ...]] = []

    def add(self, *row: object, written: bool) -> None:
        """Keep a row, or what was refused of it."""
        self.kept.append((*row, written))

    def due(self, now: float) -> bool:
        """Never."""
        raise NotImplementedError

    def flush(self) -> None:
        """Nothing to flush."""

    def prove(self) -> None:
        """Nothing to prove."""


def test_a_rejected_row_is_kept_with_its_reason() -> None:
    """And with ActiveCampaign's own words."""
    store = Store()
    books = Books(store)
    books.settlement.row(books.row(b"ada"), Rejected("row_refused", "email", "Correct it.", "no such domain"))
    assert store.kept == [(STREAM, b"ada", "row_refused", "email", "Correct it.", "no such domain", False)]


def test_each_refused_part_of_a_written_row_is_kept() -> None:
    """A row that was written whole is not."""
    store = Store()
    books = Books(store)
    books.settlement.row(books.row(b"ada"), Written((PART, PartRefused("invalid_value", "plan", "Correct it."))))
    books.settlement.row(books.row(b"bob"), Written())
    books.settlement.row(books.row(b"cyd"), Skipped("too_old"))
    assert store.kept == [
        (STREAM, b"ada", "not_resubscribed", "list 1", "Add it.", "", True),
        (STREAM, b"ada", "invalid_value", "plan", "Correct it.", "", True),
    ]


def test_a_refused_part_is_kept_with_the_last_row_that_asked_for_it() -> None:
    """Beside what each row was refused before."""
    store = Store()
    books = Books(store)
    for raw, lists in ((b"a", {1: Membership.SUBSCRIBE}), (b"b", {1: Membership.SUBSCRIBE}), (b"c", {})):
        entry, _grown = books.people.add_contact(books.row(raw), a_contact(lists=lists))
    entry.parts[0].refused = (PartRefused("invalid_value", "plan", "Correct it."),)
    books.settlement.contact(entry, Written((PartRefused("not_resubscribed", "list 1", "Add it.", 1),)))
    assert [(kept[1], kept[2]) for kept in store.kept] == [(b"a", "invalid_value"), (b"b", "not_resubscribed")]


@pytest.mark.parametrize(("outcome", "parts"), [(Written((PART,), unconfirmed=True), 2), (REFUSED, 0)])
def test_a_part_refused_of_an_event_counts_where_it_is_written(outcome: Outcome, parts: int) -> None:
    """As one of a contact does."""
    books = Books()
    event = replace(an_event(), refused=(PART,))
    books.settlement.event(books.people.add_event(books.row(), ADA, event), outcome)
    assert books.counts().refused_parts == parts
