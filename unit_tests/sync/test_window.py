"""How many rows may be unsettled, and who waits for whom."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from destination_activecampaign.mappings.base import MappedContact
from destination_activecampaign.mappings.contact import ContactChange, Membership, Removal, TagChange
from destination_activecampaign.mappings.outcome import PartRefused
from destination_activecampaign.mappings.whose import NAME_REQUIRED
from destination_activecampaign.sync.entries import ContactEntry, Move, Row
from destination_activecampaign.sync.window import FOLD_BYTES, FOLD_ROWS, MAX_STATES, People, Window
from unit_tests.sync.factories import ADA, a_change, a_contact, a_row, an_event

SUBSCRIBE, UNSUBSCRIBE = Membership.SUBSCRIBE, Membership.UNSUBSCRIBE


def measure(change: ContactChange) -> int:
    """Bytes of a change: its first name's."""
    return 50 + len(str(change.basics.get("firstName", "")))


@pytest.fixture
def people() -> People:
    """Give the queues of nobody."""
    return People(measure)


def add(people: People, row: Row | None = None, **contact: object) -> ContactEntry:
    """Queue a contact row and return its entry."""
    return people.add_contact(row or a_row(), a_contact(**contact))[0]  # type: ignore[arg-type]


# the window


def test_the_window_is_full_of_rows() -> None:
    """At its bound, until one leaves."""
    window, row = Window(2, 1_000), a_row()
    window.enter(row)
    assert not window.full
    window.enter(a_row())
    assert window.full
    window.leave(row)
    assert not window.full


def test_the_window_is_full_of_bytes() -> None:
    """One row larger than it still passes, alone."""
    window, row = Window(10, 100), a_row(size=500)
    window.enter(row)
    assert window.full
    window.leave(row)
    assert (window.rows, window.bytes, window.full) == (0, 0, False)


def test_the_window_is_full_of_states() -> None:
    """Some sources send one for each row."""
    window = Window(10, 100)
    window.states = MAX_STATES
    assert window.full


# folding


def test_rows_of_an_email_fold_while_they_wait(people: People) -> None:
    """The later value stays; both rows do."""
    rows = [a_row(1), a_row(2)]
    first = add(people, rows[0], fields={1: "a", 2: "b"})
    second, grown = people.add_contact(rows[1], a_contact(name="zqx-Augusta", fields={1: "c"}))
    assert second is first
    assert [part.row for part in first.parts] == rows
    assert (first.change.basics, first.change.fields) == ({"firstName": "zqx-Augusta"}, {1: "c", 2: "b"})
    assert (grown, first.size) == (4, measure(first.change))


def test_emails_do_not_fold_with_each_other(people: People) -> None:
    """Each has a queue of its own."""
    first, second = add(people), add(people, email="bob@example.com")
    assert second is not first
    assert people.is_head(first)
    assert people.is_head(second)
    assert len(people) == 2


def test_nothing_folds_into_what_is_sent(people: People) -> None:
    """A second entry waits behind it."""
    first = add(people)
    first.sent = True
    second = add(people)
    assert second is not first
    assert (people.is_head(first), people.is_head(second)) == (True, False)
    assert people.contacts_behind == 1
    assert add(people) is second


def test_a_fold_closes_at_its_rows(people: People) -> None:
    """The next row begins another."""
    first = add(people)
    for _ in range(FOLD_ROWS - 1):
        assert add(people) is first
    assert add(people) is not first
    assert len(first.parts) == FOLD_ROWS


def test_a_fold_closes_at_its_bytes() -> None:
    """What would grow beyond stays outside, and the fold as it was."""
    people = People(lambda change: sum(len(str(value)) for value in change.fields.values()))
    first = add(people, fields={1: "x" * (FOLD_BYTES - 10)})
    assert add(people, fields={2: "y" * 10}) is first
    second = add(people, fields={3: "z"})
    assert second is not first
    assert first.size == FOLD_BYTES
    assert 3 not in first.change.fields


def test_nameless_then_named_does_not_fold(people: People) -> None:
    """Alone, the earlier row could not have created the contact."""
    first = add(people, must_exist=True)
    second = add(people)
    assert second is not first
    assert (first.must_exist, second.must_exist) == (True, False)


@pytest.mark.parametrize("before", [True, False])
def test_a_nameless_row_folds_with_what_came_before(people: People, *, before: bool) -> None:
    """With another nameless one, or with one that creates the contact."""
    first = add(people, must_exist=before)
    assert add(people, must_exist=True) is first
    assert first.must_exist is before


def test_folding_can_be_switched_off() -> None:
    """For accounts whose automations must see each value."""
    people = People(measure, fold=False)
    first, second = add(people), add(people)
    assert second is not first
    assert people.is_head(first)
    assert people.contacts_behind == 1


def test_an_unsubscribe_sticks(people: People) -> None:
    """A later subscribe does not undo it, as an import would not."""
    for asked in (SUBSCRIBE, UNSUBSCRIBE, SUBSCRIBE):
        entry = add(people, lists={1: asked, 2: SUBSCRIBE})
    assert entry.change.lists == {1: UNSUBSCRIBE, 2: SUBSCRIBE}


def test_a_list_of_resubscribe_takes_the_later_status() -> None:
    """That is what the setting is for."""
    people = People(measure, frozenset({1}))
    for asked in (UNSUBSCRIBE, SUBSCRIBE):
        entry = add(people, lists={1: asked, 2: asked})
    assert entry.change.lists == {1: SUBSCRIBE, 2: UNSUBSCRIBE}


def test_folded_tags_equal_one_row_after_another(people: People) -> None:
    """Whatever comes in whichever order, with whatever the contact had."""
    chance = random.Random(1)
    names = "abcd"
    for _ in range(200):
        have = set(chance.sample(names, 2))
        expected, email = set(have), f"{_}@example.com"
        for _row in range(chance.randint(1, 6)):
            tags = TagChange(
                chance.random() < 0.3,
                {name: name for name in chance.sample(names, 1)},
                {name: name.upper() for name in chance.sample(names, 2)},
            )
            entry = add(people, email=email, tags=tags)
            expected = (set() if tags.reset else expected - set(tags.removed)) | set(tags.added)
        folded = entry.change.tags
        assert (set() if folded.reset else have - set(folded.removed)) | set(folded.added) == expected


# events


def test_an_event_waits_for_the_contact_rows_before_it(people: People) -> None:
    """It is free when they are gone."""
    contact = add(people)
    event = people.add_event(a_row(), ADA, an_event())
    assert not people.is_head(event)
    assert people.remove(contact) == [event]


def test_a_contact_row_never_waits_for_events(people: People) -> None:
    """It folds into what waits before them."""
    first = add(people)
    event = people.add_event(a_row(), ADA, an_event())
    assert add(people) is first
    assert people.is_head(first)
    assert people.remove(first) == [event]


def test_an_event_does_not_wait_for_contact_rows_after_it(people: People) -> None:
    """Only for the entry before it, of two."""
    first = add(people)
    first.sent = True
    event = people.add_event(a_row(), ADA, an_event())
    second = add(people)
    assert people.remove(first) == [second, event]


def test_an_event_of_someone_without_contact_rows_goes_at_once(people: People) -> None:
    """Nothing stands before it."""
    assert people.is_head(people.add_event(a_row(), ADA, an_event()))


def test_events_of_an_email_go_one_after_another(people: People) -> None:
    """The second is free when the first is settled."""
    first, second = (people.add_event(a_row(), ADA, an_event()) for _ in range(2))
    assert not people.is_head(second)
    assert people.remove(first) == [second]
    assert people.remove(second) == []
    assert len(people) == 0


def test_an_event_is_freed_once(people: People) -> None:
    """Not again when a contact row that came after it is settled, say while its contact is looked up."""
    event = people.add_event(a_row(), ADA, an_event())
    assert people.free(event)
    contact = add(people)
    assert people.remove(contact) == []


# freed entries, halves


def test_the_next_entry_is_freed_with_the_one_before(people: People) -> None:
    """And nobody else's."""
    first = add(people)
    first.sent = True
    second = add(people)
    add(people, email="bob@example.com")
    assert people.remove(first) == [second]
    assert people.contacts_behind == 0
    assert people.remove(second) == []
    assert len(people) == 1


def test_halves_keep_the_order(people: People) -> None:
    """Each has the change of its own rows; the second waits behind the first, before later rows."""
    for number in range(5):
        fold = add(people, a_row(number), fields={1: str(number), 10 + number: "x"})
    fold.sent = True
    later = add(people, a_row(9), fields={1: "9"})
    rest = people.split(fold)
    assert [part.row.number for part in fold.parts] == [0, 1]
    assert [part.row.number for part in rest.parts] == [2, 3, 4]
    assert fold.change.fields == {1: "1", 10: "x", 11: "x"}
    assert rest.change.fields == {1: "4", 12: "x", 13: "x", 14: "x"}
    assert people.contacts_behind == 2
    assert people.remove(fold) == [rest]
    assert people.remove(rest) == [later]


def test_a_half_takes_in_no_row(people: People) -> None:
    """What was refused must not grow while its fault is looked for."""
    add(people)
    fold = add(people)
    fold.sent = True
    rest = people.split(fold)
    assert add(people) not in (fold, rest)


def test_halves_measure_themselves(people: People) -> None:
    """The batcher's tally needs it."""
    add(people, name="A")
    fold = add(people, name="Augusta")
    rest = people.split(fold)
    assert (fold.size, rest.size) == (51, 57)


def test_an_event_waits_for_both_halves(people: People) -> None:
    """It came after all their rows."""
    add(people)
    fold = add(people)
    event = people.add_event(a_row(), ADA, an_event())
    rest = people.split(fold)
    assert people.remove(fold) == [rest]
    assert people.remove(rest) == [event]


def test_a_half_of_nameless_rows_creates_no_contact(people: People) -> None:
    """The row that may create one is in the other half, which may be refused."""
    fold = add(people)
    assert add(people, must_exist=True) is fold
    rest = people.split(fold)
    assert (fold.must_exist, rest.must_exist) == (False, True)


def test_the_window_counts_the_bytes_of_all_rows() -> None:
    """Not of the last one."""
    window = Window(10, 100)
    for _ in range(2):
        window.enter(a_row(size=50))
    assert (window.bytes, window.full) == (100, True)


def test_what_a_row_was_refused_stays_with_it(people: People) -> None:
    """It is told with the row when the entry is written."""
    refused = (PartRefused("invalid_value", "plan", "Correct it."),)
    entry, grown = people.add_contact(a_row(), MappedContact(a_change(), refused, None, None))
    assert [part.refused for part in entry.parts] == [refused]
    assert grown == 0


def test_entries_behind_others_are_counted(people: People) -> None:
    """Of one email and of several."""
    for number in range(4):
        add(people, email=f"{number % 2}@example.com").sent = True
    assert people.contacts_behind == 2


def test_an_event_does_not_wait_for_the_first_contact_row_after_it(people: People) -> None:
    """Even if that row is the first of its email."""
    event = people.add_event(a_row(), ADA, an_event())
    add(people)
    assert people.is_head(event)


def test_both_halves_know_that_their_subscriptions_were_refused(people: People) -> None:
    """An import must not ask for them again."""
    add(people)
    fold = add(people)
    fold.subscribes = False
    assert people.split(fold).subscribes is False


def test_the_second_half_of_a_fold_can_end_before_the_first(people: People) -> None:
    """Nothing is freed by that: the first is under way."""
    entry = add(people)
    add(people)
    assert people.remove(people.split(entry)) == []


# moves


def move_from(people: People, before: str | None, **contact: object) -> ContactEntry:
    """Queue a row that moves its contact to Ada's email."""
    move = Move("u-1", before, may_change=True, done=lambda _: None)
    return people.add_move(a_row(), a_contact(**contact), move)  # type: ignore[arg-type]


def test_a_contact_moves_when_the_events_of_the_email_before_are_gone(people: People) -> None:
    """Those that came later are the next contact's."""
    event = people.add_event(a_row(), "old@example.com", an_event("old@example.com"))
    entry = move_from(people, "old@example.com")
    later = people.add_event(a_row(), "old@example.com", an_event("old@example.com"))
    assert (people.free(event), people.is_head(entry)) == (True, False)
    assert people.remove(event) == [entry]
    assert people.is_head(entry)
    assert people.remove(entry) == [later]


def test_a_contact_moves_while_events_of_its_new_email_wait(people: People) -> None:
    """They are its own."""
    people.add_event(a_row(), ADA, an_event())
    assert people.is_head(move_from(people, "old@example.com"))


@pytest.mark.parametrize(("removal", "waits"), [(Removal.DELETE, True), (Removal.UNSUBSCRIBE_ALL, False)])
def test_a_contact_is_deleted_when_its_events_are_gone(people: People, removal: Removal, *, waits: bool) -> None:
    """One that stays does not wait for them."""
    people.add_event(a_row(), ADA, an_event())
    mapped = a_contact()
    entry, _ = people.add_contact(a_row(), replace(mapped, change=replace(mapped.change, removal=removal)))
    assert people.is_head(entry) is not waits


def test_a_row_that_moves_keeps_what_was_left_out_of_it_and_how_it_ends(people: People) -> None:
    """As any row does."""
    refused = (PartRefused("value_invalid", "%PLAN%", ""),)
    mapped = replace(a_contact(must_exist=True), refused=refused)
    entry = people.add_move(a_row(), mapped, Move("u-1", None, may_change=True, done=lambda _: None))
    assert [(part.refused, part.if_missing) for part in entry.parts] == [(refused, NAME_REQUIRED)]


def test_no_row_joins_one_that_moves(people: People) -> None:
    """It is written to the contact that has the email by then."""
    entry = move_from(people, "old@example.com")
    assert add(people) is not entry


def test_a_row_that_takes_the_contact_off_joins_none_and_none_joins_it(people: People) -> None:
    """What came before it is written first, what comes after it later."""
    before, mapped = add(people), a_contact()
    change = replace(mapped.change, removal=Removal.UNSUBSCRIBE_ALL)
    removal, _ = people.add_contact(a_row(), replace(mapped, change=change))
    assert [len(entry.parts) for entry in (before, removal, add(people))] == [1, 1, 1]
