"""Which mapping each stream of a catalog takes: from the catalog and the setting `mappings` alone, not the account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import (
    NO_RULES,
    ColumnRule,
    MatchingKey,
    Operation,
    StreamColumns,
    StreamShape,
)
from destination_activecampaign.mappings.columns import Columns
from destination_activecampaign.mappings.identify_targets import INPUTS
from destination_activecampaign.mappings.names import Target, input_finder, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind: TypeAlias = Literal["identify", "track", "page", "raw_calls", "ignore"]

BY_OBJECT_NAME: dict[str, Kind] = {"contact": "identify", "event": "track", "page_view": "page"}
"""`destination_object_name` of data activation → mapping."""

BY_SEGMENT_NAME: dict[str, Kind] = {"identifies": "identify", "users": "identify", "tracks": "track", "pages": "page"}
"""Segment's table names, in any case → mapping."""

CONTACT_MODES: dict[str, Operation] = {"update": "update", "soft_delete": "soft_delete"}
"""`destination_sync_mode` of data activation that only contacts have → what it does to them."""

ALLOWED_MODES = ("append", "append_dedup")

_WHO = (("email", "userId"), "an email or a user id")
_NEEDS: dict[Kind, tuple[tuple[tuple[str, ...], str], ...]] = {
    "identify": ((("email",), "an email"),),
    "track": ((("event_text", "event"), "an event name"), _WHO),
    "page": ((("url",), "a url"), _WHO),
}
_KEY_NEEDED = ((("userId",), "a user id, its matching key"),)
_RAW_CALL_MARKS = frozenset({"userid", "anonymousid", "traits", "properties"})
_COLUMNS_TOLD = 30


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mapping of one stream, and what the settings say about its columns. `how`: by which rule it was chosen.

    `operation`, `key`: what rows do to contacts, and by what they name them.
    """

    shape: StreamShape
    kind: Kind
    how: str
    rules: StreamColumns = NO_RULES
    operation: Operation = "upsert"
    key: MatchingKey = "email"


@dataclass(frozen=True, slots=True)
class Choices:
    """All streams of a catalog, each with its mapping. `notes`: what to know about the entries."""

    streams: tuple[Chosen, ...]
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[Kind]:
        """The mappings in use: what must be read of the account follows from them."""
        return frozenset(chosen.kind for chosen in self.streams)

    @property
    def contacts(self) -> bool:
        """Whether any row may change a contact."""
        return bool(self.kinds & {"identify", "raw_calls"})

    @property
    def events(self) -> bool:
        """Whether any row may be an event."""
        return bool(self.kinds & {"track", "raw_calls"})

    @property
    def visits(self) -> bool:
        """Whether any row may be a page view."""
        return bool(self.kinds & {"page", "raw_calls"})


def choose(streams: Iterable[Any], entries: Sequence[MappingEntry]) -> Choices:
    """Return the mapping of each `ConfiguredAirbyteStream`.

    Raises one ConfigError that tells about all streams with no mapping, or whose schema lacks what theirs needs.
    """
    chosen: list[Chosen] = []
    wrong: list[str] = []
    used: set[int] = set()
    for stream in streams:
        shape = StreamShape(stream.stream.name, stream.stream.namespace, _properties(stream.stream.json_schema))
        number = next((n for n, entry in enumerate(entries) if _fits(entry, shape)), None)
        entry = None if number is None else entries[number]
        used |= set() if number is None else {number}
        try:
            choice = _choice(stream, shape, entry)
            if choice.kind != "ignore":
                _check_mode(choice, stream.destination_sync_mode)
        except ConfigError as error:
            wrong.append(error.message)
        else:
            chosen.append(choice)
    if wrong:
        raise ConfigError(" ".join(wrong))
    unused = [entry.stream for n, entry in enumerate(entries) if n not in used]
    return Choices(tuple(chosen), tuple(f"mappings: the entry for {name} decides about no stream" for name in unused))


def _choice(stream: Any, shape: StreamShape, entry: MappingEntry | None) -> Chosen:
    """Return the stream's mapping by the first of the four ways that applies."""
    object_name = getattr(stream, "destination_object_name", None)
    operation = CONTACT_MODES.get(_mode(stream.destination_sync_mode), "upsert")
    if object_name:
        kind = BY_OBJECT_NAME.get(object_name)
        if kind is None:
            raise ConfigError(
                f"Stream {shape.label}: there is no object {object_name}. Choose one of {', '.join(BY_OBJECT_NAME)}."
            )
        rules = stream_columns(entry) if entry is not None and entry.mapping == kind else NO_RULES
        key = _matching_key(shape, stream.primary_key) if kind == "identify" else "email"
        return _proven(Chosen(shape, kind, f"object {object_name}", rules, operation, key))
    if entry is not None:
        kind = cast("Kind", entry.mapping)
        if kind == "ignore":
            return Chosen(shape, kind, "setting mappings")
        operation = entry.operation if operation == "upsert" else operation
        return _proven(Chosen(shape, kind, "setting mappings", stream_columns(entry), operation, entry.matching_key))
    kind = BY_SEGMENT_NAME.get(shape.name.lower())
    if kind is not None and not _missing(Chosen(shape, kind, ""), declared_only=True):
        return Chosen(shape, kind, "Segment's table name", operation=operation)
    names = {normalise(name) for name in shape.properties}
    if {"type", "messageid"} <= names and names & _RAW_CALL_MARKS:
        return Chosen(shape, "raw_calls", "Segment's raw calls")
    raise ConfigError(_no_mapping(shape, kind))


def _proven(chosen: Chosen) -> Chosen:
    """Return *chosen* if the schema has what its mapping needs."""
    missing = _missing(chosen)
    if missing:
        target = missing[0][0][0]
        raise ConfigError(
            f"Stream {chosen.shape.label} is mapped to {chosen.kind} ({chosen.how}), but no column holds "
            f"{' nor '.join(what for _, what in missing)}. Columns found: {_told_columns(chosen.shape)}. "
            f"Name the column in its entry of mappings: {_entry(chosen.shape, chosen.kind, target)}."
        )
    return chosen


def _missing(chosen: Chosen, *, declared_only: bool = False) -> list[tuple[tuple[str, ...], str]]:
    """Return the needs of the mapping that no column meets.

    A nested object whose inside the schema does not declare may hold anything, so it counts unless *declared_only*.
    """
    inputs = {"identify": INPUTS}.get(chosen.kind, ("email", "userId", "event_text", "event", "url"))
    find = input_finder(inputs)

    def resolve(name: str) -> Target | None:
        return find(name).target or name

    columns = Columns(chosen.shape, find, resolve, str, chosen.rules)
    if columns.opaque and not declared_only:
        return []
    needs = _KEY_NEEDED if chosen.key == "userId" else _NEEDS[chosen.kind]
    return [need for need in needs if not any(target in columns for target in need[0])]


def _no_mapping(shape: StreamShape, kind: Kind | None) -> str:
    named = ""
    if kind is not None:
        lacking = " nor ".join(what for _, what in _missing(Chosen(shape, kind, ""), declared_only=True))
        named = f" Its name is that of a table for {kind}, but no column holds {lacking}."
    return (
        f"Stream {shape.label} has no mapping.{named} Columns found: {_told_columns(shape)}. Add an entry to mappings: "
        f"{_entry(shape, kind or 'identify', 'email' if kind in (None, 'identify') else _NEEDS[kind][0][0][0])} "
        f"(mapping: identify, track, page, or ignore to leave the stream out)."
    )


def _entry(shape: StreamShape, kind: Kind, target: str) -> str:
    namespace = f', "namespace": "{shape.namespace}"' if shape.namespace else ""
    return (
        f'{{"stream": "{shape.name}"{namespace}, "mapping": "{kind}", '
        f'"columns": [{{"column": "<your column>", "field": "{target}"}}]}}'
    )


def _told_columns(shape: StreamShape) -> str:
    names = list(shape.properties)
    more = f" and {len(names) - _COLUMNS_TOLD} more" if len(names) > _COLUMNS_TOLD else ""
    return (", ".join(names[:_COLUMNS_TOLD]) or "none") + more


def _mode(mode: Any) -> str:
    return str(getattr(mode, "value", mode))


def _check_mode(chosen: Chosen, mode: Any) -> None:
    name = _mode(mode)
    if name in ALLOWED_MODES or (name in CONTACT_MODES and chosen.kind == "identify"):
        return
    why = " It would delete the account's contacts." if name == "overwrite" else ""
    raise ConfigError(
        f"Stream {chosen.shape.label}: sync mode {name} is not supported.{why} Choose append or append_dedup for it."
    )


def _matching_key(shape: StreamShape, primary_key: Any) -> MatchingKey:
    """Return the matching key that was chosen for an object: the platform sends it as the stream's primary key."""
    names = [normalise(".".join(path)) for path in primary_key or []]
    if names in ([], ["email"]):
        return "email"
    if names == ["userid"]:
        return "userId"
    told = ", ".join(".".join(path) for path in primary_key)
    raise ConfigError(f"Stream {shape.label}: {told} is no matching key of contacts. Choose email or userId.")


def stream_columns(entry: MappingEntry) -> StreamColumns:
    """Return what *entry* says about its stream's columns."""
    return StreamColumns(
        tuple(ColumnRule(rule.column, rule.field) for rule in entry.columns),
        tuple((constant.field, constant.value) for constant in entry.constants),
    )


def _fits(entry: MappingEntry, shape: StreamShape) -> bool:
    return _matches(entry.stream, shape.name) and (
        entry.namespace is None or _matches(entry.namespace, shape.namespace or "")
    )


def _matches(pattern: str, name: str) -> bool:
    """Whether *name* fits a pattern in which `*` stands for any text. Case does not count: warehouses change it."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.IGNORECASE | re.DOTALL) is not None


def _properties(schema: Any) -> dict[str, Any]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}
