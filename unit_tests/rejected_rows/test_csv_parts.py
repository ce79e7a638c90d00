"""Rows in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.rejected_rows.csv_parts import csv_parts
from destination_activecampaign.rejected_rows.rows import dump, parse


def tables(*rows: dict[str, Any], cells: int = 1000) -> list[list[list[str]]]:
    """Return the files that *rows* make, read by a CSV reader."""
    parts = csv_parts([json.dumps(row).encode() + b"\n" for row in rows], cells)
    return [list(csv.reader(io.StringIO(part.decode(), newline=""))) for part in parts]


def test_header_is_the_union_of_all_columns() -> None:
    """A row without a column has an empty cell there."""
    assert tables({"a": 1, "b": "x"}, {"c": True, "a": None}) == [[["a", "b", "c"], ["1", "x", ""], ["", "", "true"]]]


def test_nested_values_are_json() -> None:
    """They can be read back, numbers as they were."""
    line = b'{"tags":["a, \\"b\\"",1.10],"more":{"n":12345678901234567890123}}'
    (part,) = csv_parts([line])
    assert list(csv.reader(io.StringIO(part.decode())))[1] == ['["a, \\"b\\"",1.10]', '{"n":12345678901234567890123}']


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n1", " =1", "\0=1", "\uff1d1", "\ufeff=1"]
)
def test_text_that_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    """In cells and in the header; spreadsheets show it as the text it is."""
    assert tables({text: text}) == [[[f"'{text}"], [f"'{text}"]]]


def test_numbers_are_no_formulas() -> None:
    """A negative number stays one."""
    assert tables({"n": -5}) == [[["n"], ["-5"]]]


def test_every_cell_is_quoted() -> None:
    """No text can begin a cell of its own, whatever parts cells where the file is opened."""
    assert list(csv_parts([b'{"a;b":"x;=1","n":1}'])) == [b'"a;b","n"\r\n"x;=1","1"\r\n']


def test_rows_that_share_no_columns_are_parted() -> None:
    """A table of almost nothing but empty cells would fill the memory."""
    rows = [{f"c{number}_{each}": 1 for each in range(10)} for number in range(20)]
    parts = tables(*rows, cells=200)
    assert sum(len(part) - 1 for part in parts) == 20
    assert all(len(part[0]) * (len(part) - 1) <= 200 for part in parts)
    assert len(tables({str(column): 1 for column in range(5000)}, cells=200)) == 1


def test_nothing_makes_nothing() -> None:
    """No file without rows."""
    assert tables() == []


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(rows=st.lists(st.dictionaries(texts, texts, min_size=1), min_size=1, max_size=5))
def test_every_text_can_be_read_back(rows: list[dict[str, str]]) -> None:
    """Save for the apostrophe, what a reader of CSV finds is what the rows had, and no cell begins a formula."""
    read = [dict(zip(table[0], row, strict=True)) for table in tables(*rows) for row in table[1:]]
    for row, found in zip(rows, read, strict=True):
        assert all(found.get(name, found.get(f"'{name}")) in (text, f"'{text}") for name, text in row.items())
        assert not any(
            cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for pair in found.items() for cell in pair
        )


def test_dump_takes_only_what_parse_returns() -> None:
    """Anything else is a mistake of ours."""
    assert dump(parse(b'{"a":1}')) == b'{"a":1}'
    with pytest.raises(TypeError):
        dump({"a": object()})
