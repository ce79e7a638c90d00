"""What holds whatever the input's bytes are. Where the bytes come from is for `__main__` and the unit tests to say."""

from __future__ import annotations

import io
import json
from typing import Any, Final

from destination_activecampaign.api.account import ContactList, Directory, Field
from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.base import Mapping, StreamColumns, StreamShape
from destination_activecampaign.mappings.columns import MAX_NAMES
from destination_activecampaign.mappings.identify import Identify, IdentifySettings
from destination_activecampaign.mappings.page import Page
from destination_activecampaign.mappings.raw_calls import RawCalls, without_call_columns
from destination_activecampaign.mappings.track import Track, TrackSettings
from destination_activecampaign.messages import EndOfInput, Record, State
from destination_activecampaign.protocol.reader import READ_BYTES, Chunk, LineReader
from destination_activecampaign.rejected_rows.csv_parts import csv_parts
from destination_activecampaign.rejected_rows.rows import Refusal, kept_row
from unit_tests.confidential import leaks
from unit_tests.simulation import CONTACTS, Simulation, catalog, state

NOW: Final = 1_738_317_600.0
ACCOUNT: Final = Directory(
    (
        Field(1, "Plan", "dropdown", "PLAN", ("Gold", "Silver")),
        Field(2, "Signup date", "date", "SIGNUP_DATE"),
        Field(3, "Interests", "checkbox", "INTERESTS", ("Tea", "Coffee")),
        Field(4, "City", "text", "CITY"),
        Field(5, "Seen", "datetime", "SEEN"),
        Field(6, "Amount", "number", "AMOUNT"),
        Field(7, "External id", "text", "EXTERNAL_ID"),
    ),
    (ContactList(1, "News", "news"), ContactList(2, "1", "offers")),
    {"vip": "VIP"},
)
SHAPE: Final = StreamShape(
    "people", None, {name: {} for name in ("email", "type", "messageId", "traits", "context", "properties")}
)
STREAMS: Final = catalog(
    identifies=(*CONTACTS, "traits"),
    tracks=("email", "userId", "event", "value", "properties", "messageId"),
    pages=("email", "userId", "url", "referrer", "messageId"),
)
NAMED: Final = {(each.stream.namespace, each.stream.name) for each in STREAMS.streams}


class Broken(Exception):
    """A property does not hold."""


class _Pieces(io.RawIOBase):
    """A source that gives its bytes in pieces."""

    def __init__(self, data: bytes, piece: int) -> None:
        self._data = io.BytesIO(data)
        self._piece = piece

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(min(self._piece, size))


def read(data: bytes, piece: int = READ_BYTES) -> list[Record | State | Any]:
    """Read *data* in pieces, on this thread. Every line becomes one message, or is ignored and counted."""
    chunks: list[Chunk] = []
    reader = LineReader(chunks.append, _Pieces(data, piece), ahead=len(data) + 2, longest_line=READ_BYTES)
    reader._run()  # noqa: SLF001 - its thread would only be waited for
    *messages, end = [message for chunk in chunks for message in chunk]
    if end != EndOfInput(None):
        raise Broken(f"the input ended as {end}")
    lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    if len(messages) + reader.ignored.total() != lines:
        raise Broken(f"{lines} lines became {len(messages)} messages and {reader.ignored.total()} ignored")
    return messages


def mappings() -> list[Mapping]:
    """Return every mapping, of streams whose rows may hold anything."""
    clearing = IdentifySettings(null_values="clear", null_tags_with_reset="reject")
    strict = IdentifySettings(invalid_values="reject", run_automations=False, max_new_tags=1)
    rules = StreamColumns()
    calls = Identify(SHAPE, without_call_columns(SHAPE, rules), ACCOUNT, IdentifySettings())
    return [
        Identify(SHAPE, rules, ACCOUNT, clearing),
        Identify(SHAPE, rules, ACCOUNT, strict),
        Track(
            SHAPE, settings=TrackSettings(event_data="properties", event_data_time=True, long_event_names="truncate")
        ),
        Page(SHAPE),
        RawCalls(SHAPE, calls, Track(SHAPE), Page(SHAPE)),
    ]


def maps(record: Record, told: set[str]) -> None:
    """Each mapping maps the row, skips it or rejects it. *told*: what was told meanwhile, see `unit_tests.conftest`."""
    for mapping in mappings():
        try:
            mapping.map(record.data, NOW)
        except RecordRejected:
            continue
        if len(mapping.unmatched) > 10 * MAX_NAMES:
            raise Broken("names are remembered without end")
    tells_nothing(told)


def keeps(record: Record) -> None:
    """The row can be kept, as a line of JSON that tells the reason, and as a table."""
    line = kept_row(record.raw, Refusal("reason", "field", "message", stream=(record.namespace, record.stream)))
    if line.count(b"\n") != 1 or not line.endswith(b"\n"):
        raise Broken("a kept row is not one line")
    if json.loads(line, parse_int=str)["rejected_reason"] != "reason":
        raise Broken("a kept row does not tell its reason")
    if len(list(csv_parts([line]))) != 1:
        raise Broken("a kept row is not in the table")


def ends(records: list[Record], told: set[str]) -> None:
    """A whole sync of rows settles each once: written, skipped or rejected. Names of streams may be told: only known ones."""
    records = [record for record in records if (record.namespace, record.stream) in NAMED]
    simulation = Simulation()
    streams = sorted({record.stream for record in records})
    lines: list[Any] = [record.raw for record in records]
    finished = simulation.sync([*lines, *(state(stream, 1) for stream in streams)], STREAMS)
    if finished.error is not None and not isinstance(finished.error, ConfigError):
        raise Broken(f"the sync ended as {type(finished.error).__name__}: {finished.error}")
    if finished.error is None and finished.settled != len(records):
        raise Broken(f"of {len(records)} rows {finished.settled} ended")
    told.update(finished.report)
    tells_nothing(told)


def tells_nothing(told: set[str]) -> None:
    """Nothing that was told holds an email or a canary."""
    for text in told:
        if found := leaks(text):
            raise Broken(f"told {found}: {text[:200]!r}")
