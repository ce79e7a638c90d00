"""How a row's value becomes a field's text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.api.account import Field
from destination_activecampaign.mappings.values import InvalidValue, UnreadableValue, encoder_for


def encoded(type_: str, value: object, *options: str) -> str | None:
    """Return the text of *value* in a field of this type."""
    return encoder_for(Field(1, "F", type_, "F", options))(value)


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        ("text", "a||b", "a||b"),
        ("text", "[VIP]", "[VIP]"),
        ("text", 7, "7"),
        ("text", 7.0, "7"),
        ("text", 0.0000001, "0.0000001"),
        ("text", 1e20, "100000000000000000000"),
        ("text", True, "true"),
        ("text", ["a", None, 2, False], "a, 2, false"),
        ("text", [], None),
        ("textarea", "a\nb", "a\nb"),
        ("hidden", "x", "x"),
        ("NULL", "x", "x"),
        ("some_new_type", "x", "x"),
        ("date", "2025-01-31", "2025-01-31"),
        ("date", " 2025-01-31T23:30:00-08:00 ", "2025-01-31"),
        ("date", "2025-01-31 23:30:00 UTC", "2025-01-31"),
        ("datetime", "2025-01-31", "2025-01-31T00:00:00+00:00"),
        ("datetime", "2025-01-31T10:00:00.123456Z", "2025-01-31T10:00:00+00:00"),
        ("datetime", "2025-01-31T10:00:00+01:00", "2025-01-31T10:00:00+01:00"),
        ("number", "1e3", "1000"),
        ("number", " 1.50 ", "1.50"),
        ("number", -2.5, "-2.5"),
        ("number", 10**15, "1000000000000000"),
    ],
)
def test_values_take_the_form_of_the_type(type_: str, value: Any, text: str | None) -> None:
    """Each type has one form; an empty array is nothing."""
    assert encoded(type_, value) == text


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", {"a": 1}),
        ("text", [["a"]]),
        ("text", "a\0b"),
        ("text", "a\ud800"),
        ("text", float("nan")),
        pytest.param("text", 10**5000, id="thousands of digits"),
        ("date", "yesterday"),
        ("date", "31.01.2025"),
        ("date", "0000-00-00"),
        ("date", "20250131"),
        ("date", "1612122512345"),
        ("date", 1_738_281_600),
        ("datetime", "10:00"),
        ("datetime", True),
        ("datetime", ["2025-01-31"]),
        ("number", "1,5"),
        ("number", "1_000"),
        ("number", "\u0661"),
        ("number", "NaN"),
        ("number", float("inf")),
        ("number", "1e999"),
        ("number", True),
        ("number", [1]),
    ],
)
def test_values_that_do_not_fit_are_invalid(type_: str, value: Any) -> None:
    """Nothing is guessed, and nothing is sent that ActiveCampaign would store wrongly."""
    with pytest.raises(InvalidValue):
        encoded(type_, value)


@pytest.mark.parametrize("type_", ["dropdown", "radio"])
@pytest.mark.parametrize(
    ("value", "text"), [(" gold ", "Gold"), ("Silver", "Silver"), (["gold"], "Gold"), ([], None), (1, "1")]
)
def test_options_match_without_case(type_: str, value: Any, text: str | None) -> None:
    """The account's spelling is sent."""
    assert encoded(type_, value, "Gold", "Silver", "1") == text


@pytest.mark.parametrize("value", ["Bronze", ["Gold", "Silver"], {"a": 1}, True])
def test_what_is_no_option_is_invalid(value: Any) -> None:
    """ActiveCampaign would not show it."""
    with pytest.raises(InvalidValue):
        encoded("dropdown", value, "Gold", "Silver")


def test_a_choice_without_known_options_is_text() -> None:
    """Where the account does not tell its options, nothing is refused."""
    assert encoded("radio", "anything") == "anything"
    assert encoded("listbox", "a,b") == "||a||b||"


def test_exact_spelling_wins_among_options_alike() -> None:
    """Two options may differ in case only."""
    assert encoded("radio", "GOLD", "Gold", "GOLD") == "GOLD"
    assert encoded("radio", "gold", "Gold", "GOLD") == "Gold"


@pytest.mark.parametrize(
    ("options", "yes", "no"),
    [(("Yes", "No"), "Yes", "No"), (("1", "0"), "1", "0"), (("On", "Off"), "On", "Off"), (("True", "False"), "True", "False")],
)  # fmt: skip
def test_booleans_take_the_fields_own_option(options: tuple[str, ...], yes: str, no: str) -> None:
    """A field may call true and false as it likes."""
    assert [encoded("radio", value, *options) for value in (True, False)] == [yes, no]


@pytest.mark.parametrize("type_", ["checkbox", "listbox"])
@pytest.mark.parametrize(
    "value",
    [["tea", "COFFEE"], '["tea", "coffee"]', "||tea||coffee||", "tea, coffee", "tea||Coffee", ["Tea", "tea", "coffee", None]],
)  # fmt: skip
def test_multiple_choices_come_in_many_forms(type_: str, value: Any) -> None:
    """Arrays, JSON text, ActiveCampaign's own form and comma lists mean the same."""
    assert encoded(type_, value, "Tea", "Coffee") == "||Tea||Coffee||"


def test_an_option_may_hold_a_comma() -> None:
    """The whole text is tried before it is split."""
    assert encoded("checkbox", "tea, black", "Tea, black", "Tea") == "||Tea, black||"


@pytest.mark.parametrize("value", [["Tea", "Wine"], ["a||b"], {"a": 1}, [["Tea"]], '{"a": 1}'])
def test_a_wrong_choice_makes_the_whole_value_invalid(value: Any) -> None:
    """Half of a value would be another value."""
    with pytest.raises(InvalidValue):
        encoded("checkbox", value, "Tea")


def test_a_separator_inside_a_value_is_invalid() -> None:
    """Also where the options are not known."""
    with pytest.raises(InvalidValue):
        encoded("listbox", ["a||b"])


def test_broken_json_is_not_taken_for_a_comma_list() -> None:
    """Text that begins like JSON must be JSON."""
    with pytest.raises(UnreadableValue):
        encoded("checkbox", '["Tea", ', "Tea")


@pytest.mark.parametrize("value", [[], "||||", "[]", [None, " "], ","])
def test_no_choice_is_nothing(value: Any) -> None:
    """An empty array is null, not an empty choice."""
    assert encoded("checkbox", value, "Tea") is None


@given(st.datetimes(timezones=st.timezones()))
def test_datetimes_keep_their_moment(moment: datetime) -> None:
    """Whatever the offset, to the second."""
    text = encoded("datetime", moment.isoformat())
    assert text is not None
    assert datetime.fromisoformat(text) == datetime.fromisoformat(moment.isoformat()).replace(microsecond=0)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    ),
    st.sampled_from(["text", "date", "datetime", "number", "checkbox", "dropdown"]),
)
def test_any_value_ends_as_text_nothing_or_invalid(value: Any, type_: str) -> None:
    """No value of a row raises anything else, and what is sent can be encoded."""
    if value is None:
        return
    try:
        text = encoded(type_, value, "a", "1")
    except InvalidValue:
        return
    assert text is None or isinstance(text.encode(), bytes)


@pytest.mark.parametrize("type_", ["dropdown", "checkbox"])
def test_the_field_whose_options_a_value_is_none_of_is_told(type_: str) -> None:
    """By its title; its options are values of other rows."""
    with pytest.raises(InvalidValue, match=r"^it is none of the options of the field F$"):
        encoded(type_, "zqx", "Red", "Blue")
