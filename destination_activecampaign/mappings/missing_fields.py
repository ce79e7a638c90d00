"""Which custom fields to create for columns that have none. Creating them is not done here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import INPUTS
from destination_activecampaign.mappings.names import input_finder, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from destination_activecampaign.api.account import Directory
    from destination_activecampaign.mappings.base import StreamShape


def missing_fields(shape: StreamShape, directory: Directory, create: Iterable[str]) -> list[tuple[str, str]]:
    """Return (title, type) of each field to create for the columns *create* of this stream, in that order.

    Columns that the schema does not declare, that feed an input, or that have a field already are left out.
    """
    names = FieldNames(directory)
    is_input = input_finder(INPUTS)
    declared = {normalise(column): schema for column, schema in _columns(shape.properties)}
    missing: dict[str, tuple[str, str]] = {}
    for column in create:
        plain = normalise(column)
        if plain in declared and is_input(column).target is None and not names.find(column):
            missing.setdefault(plain, (column, _type(declared[plain])))
    return list(missing.values())


def _columns(properties: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield the columns of a schema, nested traits first: the row's own win over them."""
    for name, schema in properties.items():
        nested = schema.get("properties") if isinstance(schema, dict) else None
        if normalise(name) in ("context", "traits", "contexttraits") and isinstance(nested, dict):
            yield from _columns(nested)
    yield from properties.items()


def _type(schema: Any) -> str:
    """Return the type of field for a column.

    Numbers and booleans become text: a `number` type is only observed, never documented as one that can be created.
    """
    format_ = schema.get("format") if isinstance(schema, dict) else None
    return {"date": "date", "date-time": "datetime"}.get(format_, "text") if isinstance(format_, str) else "text"
