"""How a row's list subscriptions are read."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.contact import Membership
from destination_activecampaign.mappings.lists import ListNames
from unit_tests.mappings.factories import LISTS

NAMES = ListNames(LISTS)


def read(value: Any) -> dict[int, Membership]:
    """Return what a `lists` column asks."""
    return NAMES.read(value, "lists")


@pytest.mark.parametrize("status", ["active", "Subscribed", " SUBSCRIBE ", 1, 1.0, "1", True, "true"])
def test_words_for_subscribe(status: Any) -> None:
    """All of Segment's words count, in any case."""
    assert read([{"id": 1, "status": status}]) == {1: Membership.SUBSCRIBE}


@pytest.mark.parametrize("status", ["unsubscribed", "Unsubscribe", 2, 2.0, "2", False, "false"])
def test_words_for_unsubscribe(status: Any) -> None:
    """All of Segment's words count, in any case."""
    assert read([{"id": 1, "status": status}]) == {1: Membership.UNSUBSCRIBE}


@pytest.mark.parametrize("status", [0, 3, "0", "", None, "yes", "bounced", [1], 1.5])
def test_any_other_status_rejects_the_row(status: Any) -> None:
    """Consent is never guessed."""
    with pytest.raises(RecordRejected) as rejected:
        read([{"id": 1, "status": status}])
    assert rejected.value.reason == "list_status_invalid"


@pytest.mark.parametrize("name", [1, 1.0, "1", " 01 ", "news", "NEWS", "News-Letter"])
def test_lists_are_named_by_id_stringid_or_name(name: Any) -> None:
    """Digits are an id."""
    assert read([{"id": name, "status": "active"}]) == {1: Membership.SUBSCRIBE}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([{"id": "offers", "status": 1}], "list_ambiguous"),
        ([{"id": 9, "status": 1}], "list_unknown"),
        ([{"id": "weather", "status": 1}], "list_unknown"),
        ([{"status": 1}], "list_unknown"),
        ([{"id": True, "status": 1}], "list_unknown"),
        ([{"id": 1}], "list_status_invalid"),
        ([{"id": 1, "status": 1}, {"id": "news", "status": 2}], "list_contradictory"),
        ("news", "lists_unreadable"),
        ("[1", "lists_unreadable"),
        ([1], "lists_unreadable"),
        (5, "lists_unreadable"),
    ],
)
def test_what_is_in_doubt_rejects_the_row(value: Any, reason: str) -> None:
    """Nobody is subscribed to a list that the row does not name clearly."""
    with pytest.raises(RecordRejected) as rejected:
        read(value)
    assert rejected.value.reason == reason


def test_json_text_and_a_single_object_are_read() -> None:
    """Warehouses keep arrays as text."""
    assert read('[{"ID": 1, "Status": "active"}]') == read({"id": 1, "status": 1}) == {1: Membership.SUBSCRIBE}


def test_one_list_twice_with_one_status_is_no_contradiction() -> None:
    """Saying it twice changes nothing."""
    assert read([{"id": 1, "status": 1}, {"id": "1", "status": "active"}]) == {1: Membership.SUBSCRIBE}


@pytest.mark.parametrize("value", [[], "[]", "null", None, ""])
def test_no_lists_ask_nothing(value: Any) -> None:
    """Lists are never emptied."""
    assert read(value) == {}
