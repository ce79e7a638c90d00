"""What changes to a contact do when they are joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.mappings.contact import CLEAR, NO_TAGS, ContactChange, Membership, TagChange

NAMES = st.dictionaries(st.sampled_from("abcde"), st.just("X"))
CHANGES = st.builds(TagChange, st.booleans(), NAMES, NAMES)


def applied(change: TagChange, tags: set[str]) -> set[str]:
    """Return the contact's tags after *change*: what it adds is added last."""
    kept = set() if change.reset else tags - set(change.removed)
    return kept | set(change.added)


def a_change(**parts: object) -> ContactChange:
    """Return a change of nothing but *parts*."""
    empty: dict[str, object] = {"basics": {}, "fields": {}, "tags": NO_TAGS, "lists": {}, "size": 10}
    return ContactChange(**{"email": "ada@example.com", **empty, **parts})  # type: ignore[arg-type]


@given(first=CHANGES, second=CHANGES, tags=st.sets(st.sampled_from("abcdef")))
def test_joined_tag_changes_equal_one_after_the_other(first: TagChange, second: TagChange, tags: set[str]) -> None:
    """Folding tags changes nothing about what the contact ends with."""
    assert applied(first.then(second), tags) == applied(second, applied(first, tags))


@given(first=CHANGES, second=CHANGES, third=CHANGES, tags=st.sets(st.sampled_from("abcdef")))
def test_joining_tag_changes_does_not_depend_on_grouping(
    first: TagChange, second: TagChange, third: TagChange, tags: set[str]
) -> None:
    """A fold may be split anywhere and joined again."""
    assert applied(first.then(second).then(third), tags) == applied(first.then(second.then(third)), tags)


def test_later_values_win() -> None:
    """A field's later value stands, and an empty one is a value."""
    joined = a_change(fields={1: "a", 2: "b"}).then(a_change(fields={1: CLEAR}), frozenset())
    assert joined.fields == {1: CLEAR, 2: "b"}
    assert joined.cleared


def test_an_unsubscribe_sticks() -> None:
    """A later subscribe does not undo it."""
    joined = a_change(lists={1: Membership.UNSUBSCRIBE}).then(a_change(lists={1: Membership.SUBSCRIBE}), frozenset())
    assert joined.lists == {1: Membership.UNSUBSCRIBE}


def test_resubscribe_undoes_an_unsubscribe() -> None:
    """For lists that the user named, the later row counts."""
    later = a_change(lists={1: Membership.SUBSCRIBE})
    assert a_change(lists={1: Membership.UNSUBSCRIBE}).then(later, frozenset({1})).lists == later.lists


def test_a_cleared_name_is_no_name() -> None:
    """Only a text names a contact."""
    assert not a_change(basics={"firstName": CLEAR}).named
    assert a_change(basics={"lastName": "L"}).named


def test_only_removals_take_away() -> None:
    """Added tags can travel by import."""
    assert not TagChange(added={"a": "A"}).takes_away
    assert TagChange(removed={"a": "A"}).takes_away
    assert TagChange(reset=True).takes_away
