"""What is kept of a row."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.rejected_rows.rows import LONGEST_DETAIL, RESERVED, Refusal, kept_row
from unit_tests.rejected_rows.factories import a_line

REFUSAL = Refusal("email_invalid", "email", "Correct the address.")
WHY = {"rejected_reason": "email_invalid", "rejected_field": "email", "rejected_message": "Correct the address."}


def kept(line: bytes, refusal: Refusal = REFUSAL) -> dict[str, Any]:
    """Return the row that is kept of *line*."""
    row: dict[str, Any] = orjson.loads(kept_row(line, refusal))
    return row


def test_row_is_the_record_and_why_it_was_refused() -> None:
    """Airbyte's three columns stand beside the record's own."""
    assert kept(a_line(email="a@", plan=None)) == {"email": "a@", "plan": None, **WHY}


def test_words_of_the_account_and_a_row_that_was_written_are_told() -> None:
    """They are there only where there is something to tell; long words are cut."""
    refusal = Refusal("option_unknown", "plan", "Add it.", "no such option " * 1000, written=True)
    row = kept(a_line(plan="x"), refusal)
    assert row["rejected_row_written"] is True
    assert len(row["rejected_detail"]) == LONGEST_DETAIL


def test_stream_is_told_where_it_is_asked_for() -> None:
    """A file of several streams says whose row it is; no namespace is none."""
    assert kept(a_line(a=1), Refusal("r", "", "", stream=(None, "users")))["rejected_stream"] == "users"
    row = kept(a_line(a=1), Refusal("r", "", "", stream=("public", "users")))
    assert row["rejected_namespace"] == "public"


def test_columns_of_our_names_keep_their_values_under_another() -> None:
    """A table of earlier rejects can be synced again without losing anything."""
    row = kept(a_line(rejected_reason="old", record_rejected_reason="older", rejected_detail="d"))
    assert row == {
        "record_record_rejected_reason": "old",
        "record_rejected_reason": "older",
        "record_rejected_detail": "d",
        **WHY,
    }


@pytest.mark.parametrize(
    "number", ["123456789012345678901234567890", "-0", "1.10", "1e400", "0.1234567890123456789", "9" * 5000]
)
def test_numbers_are_kept_as_they_were_written(number: str) -> None:
    """None is rounded, however long."""
    line = b'{"type":"RECORD","record":{"stream":"users","data":{"deep":[{"n":%s}]}}}' % number.encode()
    assert b'{"n":%s}' % number.encode() in kept_row(line, REFUSAL)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json",
        b"[1]",
        b'"text"',
        b'{"type":"RECORD"}',
        b'{"record":{"data":[1]}}',
        b'{"record":{"data":"text"}}',
        b'{"record":{"data":{"n":NaN}}}',
        b'{"record":{"data":{"t":"\\ud800"}}}',
        b'{"record":{"data":{"t":"\xff"}}}',
        b'{"record":{"data":{"deep":' + b"[" * 500 + b"]" * 500 + b"}}}",
        b'{"record":{"data":{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}}}",
    ],
    ids=lambda line: line[:40].decode("ascii", "replace"),
)
def test_what_cannot_be_taken_apart_is_kept_whole(line: bytes) -> None:
    """The message stands in one column, as text."""
    assert kept(line) == {"record": line.decode("utf-8", "replace"), **WHY}


def test_nul_and_byte_order_mark_are_no_obstacle() -> None:
    """Both can come before and in a row that the reader could read."""
    assert kept(b"\xef\xbb\xbf" + a_line(name="a\0b"))["name"] == "a\0b"


def test_lone_surrogates_of_our_own_texts_are_replaced() -> None:
    """The words of an answer may be as broken as a row."""
    assert kept(a_line(a=1), Refusal("r", "f\ud800", "m", "\udfff"))["rejected_field"] == "f?"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
names = st.text() | st.sampled_from(sorted(RESERVED)) | st.sampled_from([f"record_{name}" for name in RESERVED])


@given(data=st.dictionaries(names, json_values, max_size=6), detail=st.text())
def test_no_value_of_any_row_is_lost(data: dict[str, Any], detail: str) -> None:
    """Every row can be read back: its values are all there, beside ours."""
    row = kept_row(a_line(data), Refusal("r", "f", "m", detail))
    assert row.endswith(b"\n")
    assert row.count(b"\n") == 1
    read = json.loads(row)
    ours = {"rejected_reason": "r", "rejected_field": "f", "rejected_message": "m"}
    assert ours.items() <= read.items()
    if detail:
        ours["rejected_detail"] = ""
    theirs = [value for name, value in read.items() if name not in ours]
    assert theirs == list(data.values())


@given(line=st.binary())
def test_any_line_makes_a_row(line: bytes) -> None:
    """Nothing that a line holds stops the sync."""
    assert kept(line)["rejected_reason"] == "email_invalid"
