"""Which entry of the setting `mappings` decides about which stream, and which one was likely meant to.

What a stream becomes by its entry is not decided here: see `choice`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, TypeAlias

from destination_activecampaign.mappings.base import ColumnRule, MatchingKey, Operation, StreamColumns, StreamShape
from destination_activecampaign.mappings.names import normalise
from destination_activecampaign.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

_StreamId: TypeAlias = tuple[str | None, str]


class NamedRule(Protocol):
    """A column and the field it goes to, as the settings write them."""

    @property
    def column(self) -> str: ...  # noqa: D102 — its class says it
    @property
    def field(self) -> str: ...  # noqa: D102


class NamedConstant(Protocol):
    """A field and the value that every row has in it."""

    @property
    def field(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> str: ...  # noqa: D102


class MappingEntry(Protocol):
    """An entry of the setting `mappings`. `namespace`: None for any."""

    @property
    def stream(self) -> str: ...  # noqa: D102
    @property
    def mapping(self) -> str: ...  # noqa: D102
    @property
    def namespace(self) -> str | None: ...  # noqa: D102
    @property
    def operation(self) -> Operation: ...  # noqa: D102
    @property
    def matching_key(self) -> MatchingKey: ...  # noqa: D102
    @property
    def columns(self) -> Sequence[NamedRule]: ...  # noqa: D102
    @property
    def constants(self) -> Sequence[NamedConstant]: ...  # noqa: D102


class Decisions:
    """Which of the entries decides about each of the streams: the first that fits."""

    def __init__(self, shapes: Sequence[StreamShape], entries: Sequence[MappingEntry]) -> None:
        self._entries = {
            _id(shape): next((entry for entry in entries if _fits(entry, shape)), None) for shape in shapes
        }
        self._undecided = [shape for shape in shapes if self._entries[_id(shape)] is None]
        self._slips: dict[_StreamId, str] = {}
        self.unused: list[str] = []
        """Streams of entries that fit none; several connections may share the settings, so that is no mistake."""
        for number, entry in enumerate(entries):
            if any(entry is each for each in self._entries.values()):
                continue
            meant = self._meant(entry)
            if meant is None:
                self.unused.append(entry.stream)
            else:
                self._slips.setdefault(_id(meant), _slip(number, entry, meant))

    @property
    def slips(self) -> list[str]:
        """What to tell of entries that fit no stream and were likely meant for one."""
        return list(self._slips.values())

    def entry_for(self, shape: StreamShape) -> MappingEntry | None:
        """Return the entry that decides about a stream."""
        return self._entries[_id(shape)]

    def slip_for(self, shape: StreamShape) -> str | None:
        """Return what to tell of an entry that was likely meant for a stream."""
        return self._slips.get(_id(shape))

    def _meant(self, entry: MappingEntry) -> StreamShape | None:
        """Return the stream, among those about which no entry decides, that is most like the one that *entry* names."""
        if "*" in entry.stream:
            return None
        names = {shape.name: shape for shape in reversed(self._undecided)}
        found = nearest(entry.stream, names, normalise)
        return None if found is None else names[found]


def stream_columns(entry: MappingEntry) -> StreamColumns:
    """Return what *entry* says about its stream's columns."""
    return StreamColumns(
        tuple(ColumnRule(rule.column, rule.field) for rule in entry.columns),
        tuple((constant.field, constant.value) for constant in entry.constants),
    )


def _id(shape: StreamShape) -> _StreamId:
    return shape.namespace, shape.name


def _slip(number: int, entry: MappingEntry, shape: StreamShape) -> str:
    """Tell of an entry that was likely meant for the stream that *shape* is of."""
    if _matches(entry.stream, shape.name):
        its = f"is {shape.namespace}" if shape.namespace else "is not named"
        return (
            f"mappings[{number}] is for stream {entry.stream} in namespace {entry.namespace}, but the namespace of stream "
            f"{shape.name} {its}."
        )
    return (
        f"mappings[{number}] is for stream {entry.stream}, which the catalog does not have; did you mean {shape.name}?"
    )


def _fits(entry: MappingEntry, shape: StreamShape) -> bool:
    return _matches(entry.stream, shape.name) and (
        entry.namespace is None or _matches(entry.namespace, shape.namespace or "")
    )


def _matches(pattern: str, name: str) -> bool:
    """Whether *name* fits a pattern in which `*` stands for any text. Case does not count: warehouses change it."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.IGNORECASE | re.DOTALL) is not None
