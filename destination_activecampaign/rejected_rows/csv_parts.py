"""Rows as CSV, for those who open them in a spreadsheet. JSON lines keep a row exactly; this is the readable form of them.

Each part has one header, the union of its rows' columns. Every cell is quoted, nested values are JSON text, null is an
empty cell. Text, and a column's name, that a spreadsheet could take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from destination_activecampaign.rejected_rows.rows import Number, dump, parse

CELLS_IN_A_PART: Final = 2_000_000
"""Rows that share no columns make a table that is almost all empty cells; it is cut before it fills the memory."""

# Spreadsheets take the wide forms for the plain ones, and some leave out blanks before them.
_FORMULA: Final = re.compile(r"[\t\r\n]|[\s\x00-\x1f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def csv_parts(lines: Iterable[bytes], cells: int = CELLS_IN_A_PART) -> Iterator[bytes]:
    """Yield the rows in *lines*, each a JSON object, as CSV files of at most so many *cells* each, or of one row."""
    rows: list[dict[str, Any]] = []
    columns: dict[str, None] = {}
    for line in lines:
        row = parse(line)
        wider = len(columns) + sum(name not in columns for name in row)
        if rows and wider * (len(rows) + 1) > cells:
            yield _file(rows, columns)
            rows, columns = [], {}
        rows.append(row)
        columns.update(dict.fromkeys(row))
    if rows:
        yield _file(rows, columns)


def _file(rows: list[dict[str, Any]], columns: dict[str, None]) -> bytes:
    text = io.StringIO(newline="")
    # All are quoted: where a semicolon parts cells, an unquoted text could begin a new one, and a formula in it.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(map(_harmless, columns))
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return _harmless(value)
        case Number():
            return value.spelling
        case _:
            return dump(value).decode()


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
