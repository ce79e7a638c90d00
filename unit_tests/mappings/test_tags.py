"""How a row's tags are read and spelled."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import NewTags
from destination_activecampaign.mappings.tags import TagNames, read_names
from destination_activecampaign.mappings.values import InvalidValue


@pytest.mark.parametrize(
    "value", [["a", " B ", "", None, "A"], '["a", "B"]', "a, B, ,a", "a,B"], ids=["array", "json", "commas", "plain"]
)
def test_tags_come_in_many_forms(value: Any) -> None:
    """Trimmed, without empty ones, once each without case."""
    assert read_names(value, "tags") == ["a", "B"]


def test_an_array_element_is_not_split() -> None:
    """A tag's name may hold a comma."""
    assert read_names(["a,b"], "tags") == ["a,b"]


@pytest.mark.parametrize(("value", "names"), [(5, ["5"]), ([1.0, 2], ["1", "2"]), (None, []), ([], []), ("", [])])
def test_numbers_are_names(value: Any, names: list[str]) -> None:
    """Null and empty are no tags."""
    assert read_names(value, "tags") == names


@pytest.mark.parametrize("value", ['["a', "{a}", '{"a": 1}', {"a": 1}, [["a"]], [{"name": "a"}], True, [True]])
def test_what_is_no_list_of_names_rejects_the_row(value: Any) -> None:
    """A wrong column must not become tags."""
    with pytest.raises(RecordRejected) as rejected:
        read_names(value, "TAGS_REMOVE", "tags_remove")
    assert (rejected.value.reason, rejected.value.field) == ("tags_remove_unreadable", "TAGS_REMOVE")


def test_a_name_that_is_not_text_is_invalid() -> None:
    """Half of a surrogate pair cannot be sent."""
    with pytest.raises(InvalidValue):
        read_names(["\ud800"], "tags")


def test_the_accounts_spelling_is_used() -> None:
    """Tags are compared without case."""
    names = TagNames({"vip": "VIP"}, NewTags(5))
    assert names.admitted(["vip", "zqx-New"], "tags") == ({"vip": "VIP", "zqx-new": "zqx-New"}, ())
    assert names.spelled(["Vip", "gone"]) == {"vip": "VIP", "gone": "gone"}


def test_the_first_spelling_of_a_new_tag_stays() -> None:
    """Two rows of a sync cannot create two tags that differ in case."""
    names = TagNames({}, NewTags(5))
    names.admitted(["zqx-New"], "tags")
    assert names.admitted(["ZQX-NEW"], "tags")[0] == {"zqx-new": "zqx-New"}


def test_beyond_the_limit_new_tags_are_left_out() -> None:
    """Known tags and those already counted still pass."""
    new = NewTags(1)
    names = TagNames({"vip": "VIP"}, new)
    names.admitted(["one"], "tags")
    admitted, refused = names.admitted(["one", "two", "three", "vip"], "TAGS")
    assert admitted == {"one": "one", "vip": "VIP"}
    assert [(part.reason, part.field) for part in refused] == [("too_many_new_tags", "TAGS")]
    assert len(new) == 1


def test_the_limit_holds_for_a_whole_sync() -> None:
    """Streams share it."""
    new = NewTags(1)
    TagNames({}, new).admitted(["one"], "tags")
    assert TagNames({}, new).admitted(["two"], "tags")[0] == {}
