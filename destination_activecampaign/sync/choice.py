"""Which mapping each stream of a catalog takes: from the catalog and the setting `mappings` alone, not the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import NO_RULES, MatchingKey, Operation, StreamShape
from destination_activecampaign.mappings.names import normalise
from destination_activecampaign.sync.advice import columns_told, needs_not_met, no_mapping
from destination_activecampaign.sync.chosen import BY_ENTRY, Choices, Chosen, Kind
from destination_activecampaign.sync.mapping_entries import Decisions, MappingEntry, stream_columns
from destination_activecampaign.sync.needs import Needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BY_OBJECT_NAME: dict[str, Kind] = {"contact": "identify", "event": "track", "page_view": "page"}
"""`destination_object_name` of data activation → mapping."""

BY_SEGMENT_NAME: dict[str, Kind] = {"identifies": "identify", "users": "identify", "tracks": "track", "pages": "page"}
"""Segment's table names, in any case → mapping."""

CONTACT_MODES: dict[str, Operation] = {"update": "update", "soft_delete": "soft_delete"}
"""`destination_sync_mode` of data activation that only contacts have → what it does to them."""

ALLOWED_MODES = ("append", "append_dedup")

_RAW_CALL_MARKS = frozenset({"userid", "anonymousid", "traits", "properties"})


def choose(streams: Iterable[Any], entries: Sequence[MappingEntry]) -> Choices:
    """Return the mapping of each `ConfiguredAirbyteStream`.

    Raises one ConfigError that tells about all streams with no mapping, or whose schema lacks what theirs needs.
    """
    configured = [(stream, _shape(stream.stream)) for stream in streams]
    decisions = Decisions([shape for _, shape in configured], entries)
    chosen: list[Chosen] = []
    wrong: list[str] = []
    for stream, shape in configured:
        try:
            choice = _choice(stream, shape, decisions)
            if choice.kind != "ignore":
                _check_mode(choice, stream.destination_sync_mode)
        except ConfigError as error:
            wrong.append(error.message)
        else:
            chosen.append(choice)
    if wrong:
        raise ConfigError(" ".join(wrong))
    unused = [f"mappings: the entry for {name} decides about no stream" for name in decisions.unused]
    return Choices(tuple(chosen), (*decisions.slips, *columns_told(chosen)), tuple(unused))


def _choice(stream: Any, shape: StreamShape, decisions: Decisions) -> Chosen:
    """Return the stream's mapping by the first of the four ways that applies."""
    entry = decisions.entry_for(shape)
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
            return Chosen(shape, kind, BY_ENTRY)
        operation = entry.operation if operation == "upsert" else operation
        key = entry.matching_key if kind == "identify" else "email"
        return _proven(Chosen(shape, kind, BY_ENTRY, stream_columns(entry), operation, key))
    kind = BY_SEGMENT_NAME.get(shape.name.lower())
    if kind is not None and not Needs(Chosen(shape, kind, "")).undeclared:
        return Chosen(shape, kind, "Segment's table name", operation=operation)
    names = {normalise(name) for name in shape.properties}
    if {"type", "messageid"} <= names and names & _RAW_CALL_MARKS:
        return Chosen(shape, "raw_calls", "Segment's raw calls")
    raise ConfigError(no_mapping(shape, kind, decisions.slip_for(shape)))


def _proven(chosen: Chosen) -> Chosen:
    """Return *chosen* if the schema has what its mapping needs."""
    needs = Needs(chosen)
    if needs.missing:
        raise ConfigError(needs_not_met(chosen, needs))
    return chosen


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


def _shape(stream: Any) -> StreamShape:
    schema = stream.json_schema
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return StreamShape(stream.name, stream.namespace, properties if isinstance(properties, dict) else {})
