"""A refused row as it is kept: the record's own data, and why it was refused, as one line of JSON.

Nothing here raises on what a row holds, and numbers stay as they were written, however long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

import orjson

StreamId: TypeAlias = tuple[str | None, str]

RESERVED: Final = frozenset(
    {
        "rejected_reason",
        "rejected_field",
        "rejected_message",
        "rejected_detail",
        "rejected_row_written",
        "rejected_namespace",
        "rejected_stream",
    }
)
"""Names of our own columns."""

PREFIX: Final = "record_"
"""What a column of the record gets before its name, if its name is one of ours."""

WHOLE_RECORD: Final = "record"
"""The column that holds the whole message as text, where its data cannot be taken apart."""

LONGEST_DETAIL: Final = 4_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row, or with `written` a part of it, was refused. `stream`: told in the row where its place does not tell it."""

    reason: str
    field: str
    message: str
    detail: str = ""
    written: bool = False
    stream: StreamId | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: a float would round it, and no integer of 64 bits holds every customer number."""

    spelling: str


def kept_row(record_line: bytes, refusal: Refusal) -> bytes:
    """Return the line of JSON, with its end, that keeps the record of *record_line*, a RECORD message."""
    ours = _columns(refusal)
    try:
        data = parse(record_line.decode("utf-8-sig"))["record"]["data"]
        return dump({**_renamed(data), **ours}) + b"\n"
    # Not JSON, no object, too deep, a lone surrogate: what cannot be taken apart is kept whole.
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return dump({WHOLE_RECORD: record_line.decode("utf-8", "replace"), **ours}) + b"\n"


def parse(text: str | bytes) -> Any:
    """Parse JSON, every number a `Number`."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_json)


def dump(value: Any) -> bytes:
    """Return JSON of what `parse` returned."""
    return orjson.dumps(value, default=_as_written, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _columns(refusal: Refusal) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "rejected_reason": _clean(refusal.reason),
        "rejected_field": _clean(refusal.field),
        "rejected_message": _clean(refusal.message),
    }
    if refusal.detail:
        columns["rejected_detail"] = _clean(refusal.detail[:LONGEST_DETAIL])
    if refusal.written:
        columns["rejected_row_written"] = True
    if refusal.stream is not None:
        namespace, name = refusal.stream
        if namespace is not None:
            columns["rejected_namespace"] = _clean(namespace)
        columns["rejected_stream"] = _clean(name)
    return columns


def _renamed(data: dict[str, Any]) -> dict[str, Any]:
    if RESERVED.isdisjoint(data):
        return data
    renamed: dict[str, Any] = {}
    for name, value in data.items():
        free = name
        while free in RESERVED or (free != name and free in data):
            free = PREFIX + free
        renamed[free] = value
    return renamed


def _clean(text: str) -> str:
    """Return *text* as it can be encoded: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _as_written(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.spelling)
    raise TypeError


def _no_json(_: str) -> NoReturn:
    raise ValueError
