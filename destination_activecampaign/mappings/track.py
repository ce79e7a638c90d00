"""track: a row is an event of a contact. How events are sent, and their names registered, is not decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import NO_RULES, TOO_OLD, MappedEvent, StreamColumns, StreamShape
from destination_activecampaign.mappings.columns import NESTED_PROPERTIES, Cell
from destination_activecampaign.mappings.happenings import HappeningColumns, HappeningMapping, is_old, text_of, utc_text
from destination_activecampaign.mappings.names import listed, nowhere
from destination_activecampaign.mappings.placement import PATHS, PROPERTIES
from destination_activecampaign.mappings.values import InvalidValue, clean, scalar_text

if TYPE_CHECKING:
    from destination_activecampaign.mappings.names import Target
    from destination_activecampaign.mappings.outcome import PartRefused, Skipped

MAX_NAME = 32
"""Characters of an event's name (documented)."""

_NAMES = ("event_text", "event")
_VALUES = ("acValue", "value", "eventData")

_ALSO_PROPERTIES: frozenset[Target] = frozenset(_VALUES)

_TOLD_NAMES = 10_000
"""Shortened names that are remembered, to tell where two become one."""


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """What the user chose for events; each name is the setting's. `skip_events_older_than`: days, 0 for never."""

    skip_events_older_than: float = 7
    event_data: Literal["value", "properties"] = "value"
    event_data_time: bool = False
    long_event_names: Literal["reject", "truncate"] = "reject"


class Track(HappeningMapping):
    """Maps the rows of one stream to events."""

    name = "track"

    def __init__(
        self, shape: StreamShape, rules: StreamColumns = NO_RULES, settings: TrackSettings | None = None
    ) -> None:
        self._settings = settings or TrackSettings()
        super().__init__(HappeningColumns(shape, (*_NAMES, *_VALUES), rules, self.name))
        # A constant is what the user said about all rows: it stands before any column.
        said = self._happenings.columns.constants
        self._names = tuple(sorted(_NAMES, key=lambda name: name not in said))
        self._shortened: dict[str, str] = {}
        self._merged = 0

    @property
    def notes(self) -> list[str]:
        """What the plan's reader should know."""
        merged = [f"{self._merged} event names are the same as another once cut to {MAX_NAME} characters"]
        return [*self._happenings.columns.notes, *(merged if self._merged else [])]

    @property
    def unused_told(self) -> list[str]:
        """What is told of the columns that no input takes: properties of the event, or nothing."""
        unused, nested = self.unused, self._happenings.columns.nested_properties
        if self._settings.event_data == "properties":
            if nested is None:
                return [f"the event's properties: {listed(unused)}"] if unused else []
            beside = [column for column in unused if not column.startswith(PATHS[PROPERTIES])]
            left_out = f"; {nowhere(beside, ' where a row has that')}" if beside else ""
            return [f"the event's properties: what is in {nested}{left_out}"]
        if not unused:
            return []
        them = "it" if len(unused) == 1 else "them"
        sent = them if nested is None else f"what is in {nested}"
        do = f"map {them} in an entry of mappings, or set event_data to properties to send {sent} with the event"
        return [f"{nowhere(unused)}; {do}"]

    def map(self, row: dict[str, Any], now: float = 0.0, /) -> MappedEvent | Skipped:
        """Map one row at *now* (epoch seconds). Raises RecordRejected."""
        found = self._happenings.columns.read(row)
        whose = self._happenings.read(found)
        if is_old(whose.time, self._settings.skip_events_older_than, now):
            return TOO_OLD
        refused = list(whose.refused)
        name = self._name(found, refused)
        value = self._properties(row, found) if self._settings.event_data == "properties" else _value(found)
        if self._settings.event_data_time and whose.time is not None:
            value = f"{value} {utc_text(whose.time)}".lstrip()
        return MappedEvent(whose.email, whose.user_id, name, value, whose.message_id, whose.time, tuple(refused))

    def _name(self, found: dict[Target, Cell], refused: list[PartRefused]) -> str:
        name = next(filter(None, (text_of(found, key, refused) for key in self._names)), None)
        if name is None:
            raise RecordRejected(
                "event_name_missing",
                self._happenings.columns.source("event"),
                "The row has no event name. Map a column to event, or set a constant.",
            )
        if len(name) <= MAX_NAME:
            return name
        if self._settings.long_event_names == "reject":
            raise RecordRejected(
                "event_name_too_long",
                self._happenings.columns.source("event"),
                f"An event name has at most {MAX_NAME} characters. Shorten it, or set long_event_names to truncate.",
            )
        short = name[:MAX_NAME].rstrip()
        if len(self._shortened) < _TOLD_NAMES and self._shortened.setdefault(short, name) != name:
            self._merged += 1
        return short

    def _properties(self, row: dict[str, Any], found: dict[Target, Cell]) -> str:
        """Return the event's properties as JSON: the nested object, else the columns that have no other place."""
        cell = found.get(NESTED_PROPERTIES)
        properties = cell[1] if cell is not None else self._happenings.columns.rest(row, _ALSO_PROPERTIES)
        return _json(properties) if properties else ""


def _value(found: dict[Target, Cell]) -> str:
    """Return the event's value as text, empty where it has none."""
    for key in _VALUES:
        cell = found.get(key)
        if cell is not None and cell[1] is not None:
            value = cell[1]
            try:
                return _json(value) if isinstance(value, dict | list) else scalar_text(value) or ""
            except InvalidValue as wrong:
                raise RecordRejected("value_invalid", cell[0].column, f"The event's value: {wrong}.") from None
    return ""


def _json(value: Any) -> str:
    try:
        return clean(orjson.dumps(value).decode())
    except (orjson.JSONEncodeError, InvalidValue):
        raise RecordRejected(
            "value_invalid", "properties", "The event's properties hold a character that is not text."
        ) from None
