"""Rows that take contacts off."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.account import Field
from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.base import MatchingKey
from destination_activecampaign.mappings.contact import Membership, Removal
from destination_activecampaign.mappings.soft_delete import SoftDelete, SoftDeleteSettings
from destination_activecampaign.mappings.whose import NOTHING_TO_REMOVE
from unit_tests.mappings.factories import CITY, a_stream, an_account, rules


def a_soft_delete(
    *columns: str, key: MatchingKey = "email", fields: tuple[Field, ...] = (), entry: Any = None, **settings: Any
) -> SoftDelete:
    """Return the mapping of a stream with these columns."""
    account = an_account(*fields)
    return SoftDelete(a_stream(*columns), entry or rules(), account, SoftDeleteSettings(**settings), key)


def test_only_the_key_is_read() -> None:
    """Names, fields and lists of the row do not matter."""
    mapping = a_soft_delete("email", "firstName", "CITY")
    mapped = mapping.map({"email": " Ada@Example.com", "firstName": "Ada", "CITY": ["x"], "lists": "[broken"})
    change = mapped.change
    assert (change.email, change.basics, change.fields, change.lists) == ("ada@example.com", {}, {}, {})
    assert (mapped.if_missing, mapped.operation, mapped.by_user_id) == (NOTHING_TO_REMOVE, "soft_delete", False)
    assert (list(mapping.columns()), mapping.unmatched) == ([("email", "email")], {})


@pytest.mark.parametrize(
    ("settings", "removal", "lists"),
    [
        ({}, Removal.UNSUBSCRIBE_ALL, {}),
        ({"lists": (3, 5)}, None, {3: Membership.UNSUBSCRIBE, 5: Membership.UNSUBSCRIBE}),
        ({"removal": Removal.DELETE, "lists": (3,)}, Removal.DELETE, {}),
    ],
)
def test_the_settings_say_what_is_taken_off(
    settings: dict[str, Any], removal: Removal | None, lists: dict[int, Membership]
) -> None:
    """All lists, lists by name, or the contact."""
    change = a_soft_delete("email", **settings).map({"email": "ada@example.com"}).change
    assert (change.removal, change.lists) == (removal, lists)


@pytest.mark.parametrize("column", ["USER_ID", "EXTERNAL_ID", "External id"])
def test_the_user_id_comes_by_its_name_or_that_of_its_field(column: str) -> None:
    """As numbers too."""
    mapped = a_soft_delete(column, key="userId").map({column: 7, "email": "ada@example.com"})
    assert (mapped.user_id, mapped.by_user_id, mapped.change.email) == ("7", True, "")


@pytest.mark.parametrize("row", [{}, {"userId": None}, {"userId": " "}, {"userId": "\0"}, {"userId": {"a": 1}}])
def test_a_row_without_its_user_id_is_rejected(row: dict[str, Any]) -> None:
    """Nobody is taken off by guess."""
    with pytest.raises(RecordRejected) as error:
        a_soft_delete("userId", key="userId").map(row)
    assert (error.value.reason, error.value.field) == ("contact_key_missing", "userId")


def test_a_row_without_its_email_is_rejected() -> None:
    """A user id does not stand in for it."""
    with pytest.raises(RecordRejected) as error:
        a_soft_delete("EMAIL", "userId").map({"userId": "u-1"})
    assert (error.value.reason, error.value.field) == ("email_missing", "EMAIL")


def test_an_account_without_the_field_knows_no_user_id() -> None:
    """So the sync stops at its start."""
    with pytest.raises(ConfigError, match=r"people: its matching key is the user id.*external_id_field"):
        a_soft_delete("userId", key="userId", fields=(CITY,))


def test_all_lists_take_single_requests_which_run_automations() -> None:
    """Named ones go by import."""
    with pytest.raises(ConfigError, match="soft_delete_lists"):
        a_soft_delete("email", run_automations=False)
    assert a_soft_delete("email", run_automations=False, lists=(1,)).name == "soft_delete"


def test_an_entry_may_map_columns_of_contacts_that_do_not_matter() -> None:
    """One entry may serve several streams by a pattern."""
    mapping = a_soft_delete("MAIL", "TOWN", entry=rules(MAIL="email", TOWN="%CITY%"))
    assert mapping.map({"MAIL": "ada@example.com", "TOWN": "x"}).change.email == "ada@example.com"
