"""How one line of input becomes a message that a destination acts on.

Nothing here reads or writes: see `reader` and `emitter`. No function here raises on what a line holds, and none keeps
or logs the content of a line that it cannot use.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import orjson

from destination_activecampaign.messages import Record, State, Unreadable


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that a destination has no use for, or a blank line. `type`: the message's type, or `BLANK`."""

    type: str


Message: TypeAlias = Record | State | Unreadable

NOT_FOR_DESTINATIONS: Final = frozenset(
    {"LOG", "TRACE", "CONTROL", "CATALOG", "SPEC", "CONNECTION_STATUS", "DESTINATION_CATALOG"}
)
_BLANK: Final = Ignored("BLANK")
_BOM: Final = b"\xef\xbb\xbf"
_LONG_NUMBER: Final = re.compile(rb"[0-9.]{17}")
_DOUBLE_DIGITS: Final = 17  # a double keeps no more significant digits than these
_LONGEST_INTEGER: Final = 20  # characters of a number that fits 64 bits; Python reads no integer of thousands of digits
_NESTED_OR_FLOAT: Final = frozenset({float, dict, list})


class Spelled(float):
    """A number that remembers how it was written, so that a STATE goes back out as it came in."""

    __slots__ = ("spelling",)

    def __new__(cls, spelling: str) -> Self:
        """Read *spelling*, a JSON number."""
        number = super().__new__(cls, spelling)
        number.spelling = spelling
        return number

    spelling: str


def parse_line(line: bytes) -> Message | Ignored:
    """Return what *line* says; never raises."""
    message = _loads(line)
    if not isinstance(message, dict):
        return Unreadable("line") if line.strip() else _BLANK
    kind = message.get("type")
    if kind == "RECORD":
        return _record(message.get("record"), line)
    if kind == "STATE":
        return _state(line)
    if isinstance(kind, str) and kind in NOT_FOR_DESTINATIONS:
        return Ignored(kind)
    return Unreadable("type")


def record_from(record: object, raw: bytes) -> Record | Unreadable:
    """Return the row in *record*, the object under a RECORD message's `record`."""
    if not isinstance(record, dict):
        return Unreadable("record")
    stream, namespace, data = record.get("stream"), record.get("namespace"), record.get("data")
    if not isinstance(stream, str):
        return Unreadable("record")
    if not isinstance(data, dict) or not (namespace is None or isinstance(namespace, str)):
        return Unreadable("record")
    return Record(stream, namespace, data, raw)


def state_from(message: dict[str, Any], size: int = 0) -> State | Unreadable:
    """Return the checkpoint in *message*, a whole STATE message. Without a type it is a legacy one, if it has data.

    `size`: bytes of the line.
    """
    state = message.get("state")
    if not isinstance(state, dict):
        return Unreadable("state")
    kind = state.get("type")
    if kind == "STREAM":
        stream = _described(state.get("stream"))
        return State("STREAM", stream, message, size) if stream else Unreadable("state")
    if kind == "GLOBAL":
        return State("GLOBAL", None, message, size) if isinstance(state.get("global"), dict) else Unreadable("state")
    if kind == "LEGACY" or (kind is None and "data" in state):
        return State("LEGACY", None, message, size)
    return Unreadable("state")


def _loads(line: bytes) -> Any:
    """Parse *line*, a byte order mark before it allowed; None where it is not JSON.

    What only Python's own parser reads (half a surrogate pair, deeper nesting) counts: the platform reads it too.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(line.removeprefix(_BOM), parse_int=_exact_int)
    except (ValueError, RecursionError):
        return None


def _record(record: object, line: bytes) -> Record | Unreadable:
    readable = record_from(record, line)
    if (
        isinstance(readable, Record)
        and not _NESTED_OR_FLOAT.isdisjoint(map(type, readable.data.values()))
        and _LONG_NUMBER.search(line)
    ):
        # orjson turns a number beyond 64 bits into the nearest float: a long customer number would become another one.
        try:
            exact = json.loads(line.removeprefix(_BOM), parse_int=_exact_int, parse_float=_exact_float)
        except (ValueError, RecursionError):
            return readable
        return Record(readable.stream, readable.namespace, exact["record"]["data"], line)
    return readable


def _state(line: bytes) -> State | Unreadable:
    try:
        message = json.loads(line.removeprefix(_BOM), parse_float=Spelled, parse_int=_spelled_int)
    except (ValueError, RecursionError):
        return Unreadable("state")
    return state_from(message, len(line))


def _described(stream: object) -> tuple[str | None, str] | None:
    """Return (namespace, name) of a stream state's descriptor, None where it has none."""
    descriptor = stream.get("stream_descriptor") if isinstance(stream, dict) else None
    if not isinstance(descriptor, dict):
        return None
    name, namespace = descriptor.get("name"), descriptor.get("namespace")
    if not isinstance(name, str) or not (namespace is None or isinstance(namespace, str)):
        return None
    return namespace, name


def _fitting(text: str) -> int | None:
    """Return an integer if it fits 64 bits."""
    if len(text) > _LONGEST_INTEGER:
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**64 else None


def _exact_int(text: str) -> int | str:
    number = _fitting(text)
    return text if number is None else number


def _exact_float(text: str) -> float | str:
    mantissa = text.lower().partition("e")[0]
    digits = mantissa.replace("-", "").replace(".", "").strip("0")
    return float(text) if len(digits) <= _DOUBLE_DIGITS else text


def _spelled_int(text: str) -> int | Spelled:
    number = _fitting(text)
    return Spelled(text) if number is None or text == "-0" else number
