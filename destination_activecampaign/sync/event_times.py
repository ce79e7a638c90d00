"""What is told of a stream of events or visits of which no column says when they happened: all of its history is sent.

Which column it is, is for the user to say: none is guessed. How a time is read is not decided here: see `happenings`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from destination_activecampaign.mappings.names import normalise
from destination_activecampaign.sync.chosen import BY_ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.mappings.page import Page
    from destination_activecampaign.mappings.track import Track
    from destination_activecampaign.sync.chosen import Chosen

_FORMATS = ("date", "date-time")
_AIRBYTE_TYPES = ("date", "timestamp_with_timezone", "timestamp_without_timezone")
_ONE_OF_THESE = "<one of these>"


def untimed(chosen: Chosen, mapping: Track | Page, days: float) -> tuple[list[str], list[str]]:
    """Return warnings and notes about a stream whose rows have no time, though those older than *days* are to be skipped."""
    if mapping.timed or not days:
        return [], []
    sent = "events" if chosen.kind == "track" else "visits"
    unused = {normalise(column): column for column in mapping.unused}
    times = [unused[plain] for plain in map(normalise, _time_columns(chosen.shape.properties)) if plain in unused]
    if not times:
        return [], [
            f"no declared column tells when its {sent} happened: rows without a time are not skipped, whatever their age"
        ]
    rule = {"column": times[0] if len(times) == 1 else _ONE_OF_THESE, "field": "timestamp"}
    if chosen.how == BY_ENTRY:
        add = f"add to columns of its entry of mappings: {_json(rule)}"
    else:
        namespace = {"namespace": chosen.shape.namespace} if chosen.shape.namespace else {}
        entry = {"stream": chosen.shape.name, **namespace, "mapping": chosen.kind, "columns": [rule]}
        add = f"add an entry to mappings: {_json(entry)}"
    warning = (
        f"no column is mapped that tells when its {sent} happened, so skip_events_older_than skips nothing: all rows, of "
        f"whatever age, are sent as new {sent}. Columns with dates or times: {', '.join(times)}. If one says it, "
        f"{add}."
    )
    return [warning], []


def _time_columns(properties: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield the columns that the schema declares as dates or times, those of nested objects with their path."""
    for name, schema in properties.items():
        if not isinstance(schema, dict):
            continue
        if any(map(_is_time, _variants(schema))):
            yield path + name
        nested = schema.get("properties")
        if isinstance(nested, dict):
            yield from _time_columns(nested, f"{path}{name}.")


def _variants(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a column's schema and its alternatives: a source may declare null as one of them."""
    yield schema
    for key in ("anyOf", "oneOf"):
        alternatives = schema.get(key)
        if isinstance(alternatives, list):
            yield from (each for each in alternatives if isinstance(each, dict))


def _is_time(schema: dict[str, Any]) -> bool:
    return schema.get("format") in _FORMATS or schema.get("airbyte_type") in _AIRBYTE_TYPES


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
