"""Where identify's columns may go: its inputs, and the custom fields of the account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.names import IGNORE, UNMATCHED, Match, Target, input_finder, normalise
from destination_activecampaign.nearest import meant

if TYPE_CHECKING:
    from destination_activecampaign.mappings.base import StreamShape
    from destination_activecampaign.mappings.fields import FieldNames

INPUTS = ("email", "firstName", "lastName", "name", "phone", "userId", "tags", "tagsReset", "tags_remove", "lists")

RESERVED = frozenset(
    {
        "address", "age", "avatar", "birthday", "company", "createdat", "description", "email", "firstname", "gender",
        "id", "lastname", "name", "phone", "title", "username", "website",
    }
)  # fmt: skip
"""Segment's reserved traits, normalised: they write no custom field of that name unless a mapping entry says so."""

DEFAULT_EXTERNAL_ID = "%EXTERNAL_ID%"

_FIELD_ID = re.compile(r"field_\d+", re.IGNORECASE)


class IdentifyTargets:
    """Finds a column's target. `wanted`: columns that the settings name as fields, though their names are reserved."""

    def __init__(self, names: FieldNames, shape: StreamShape, wanted: frozenset[str] = frozenset()) -> None:
        self.notes: list[str] = []
        self._names = names
        self._shape = shape
        self._wanted = {normalise(name) for name in wanted}
        self._input = input_finder(INPUTS)

    def find(self, name: str) -> Match:
        """Return where a column of this name goes."""
        match = self._input(name)
        if match.target is not None:
            return match
        fields = self._names.find(name)
        if not fields:
            return UNMATCHED
        plain = normalise(name)
        if plain in RESERVED and plain not in self._wanted and not _FIELD_ID.fullmatch(name):
            self._say(
                f"column {name} is one of Segment's reserved traits and writes no custom field; if it should, add to "
                f'mappings: {{{self._entry()}, "mapping": "identify", '
                f'"columns": [{{"column": "{name}", "field": "%{fields[0].perstag}%"}}]}}'
            )
            return Match(silent=True)
        if len(fields) > 1:
            tags = ", ".join(f"field_{field.id}" for field in fields)
            self.notes.append(f"column {name} is not written: it may mean {tags}; name one in a mapping entry")
            return UNMATCHED
        return Match(fields[0].id, self._names.spelled(fields[0], name))

    def resolve(self, target: str) -> Target | None:
        """Return the target that a setting names, None for nowhere. Raises ConfigError."""
        if normalise(target) == IGNORE:
            return None
        match = self._input(target)
        if match.target is not None and "%" not in target:
            return match.target
        fields = self._names.find(target)
        if len(fields) == 1:
            return fields[0].id
        known = (*INPUTS, *(f"%{field.perstag}%" for field in self._names.by_id.values() if field.perstag))
        near = meant(target, known, normalise)
        what = "several custom fields alike" if fields else f"no such input or custom field{near}"
        raise ConfigError(
            f"mappings, stream {self._shape.label}: field {target}: {what}. Use one of {', '.join(INPUTS)}, "
            "a custom field as %PERSONALIZATION_TAG% or field_<id>, or ignore."
        )

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def describe(self, target: Target) -> str:
        """Return a target as notes and the plan name it."""
        if isinstance(target, int):
            field = self._names.by_id[target]
            return f"%{field.perstag}%" if field.perstag else f"field_{field.id}"
        return target

    def _entry(self) -> str:
        """Return how a mapping entry names the stream."""
        namespace = f', "namespace": "{self._shape.namespace}"' if self._shape.namespace else ""
        return f'"stream": "{self._shape.name}"{namespace}'


def external_id_field(names: FieldNames, setting: str | None) -> int | None:
    """Return the id of the custom field that keeps user ids, None where the account lacks the default one.

    Raises ConfigError where the setting names a field that is not there, or may be several.
    """
    found = names.find(setting or DEFAULT_EXTERNAL_ID)
    if len(found) == 1:
        return found[0].id
    if setting and setting != DEFAULT_EXTERNAL_ID:
        what = "several custom fields" if found else "no custom field"
        raise ConfigError(
            f"external_id_field: the account has {what} of that name. Name one by its %PERSONALIZATION_TAG%."
        )
    return None


def no_external_id(shape: StreamShape) -> str:
    """Return what is told of a stream whose key is the user id, in an account that has no field for it."""
    return (
        f"Stream {shape.label}: its matching key is the user id, and the account has no custom field that keeps user ids. "
        "Set external_id_field to one, or match by email."
    )


def user_id_missing(column: str) -> RecordRejected:
    """Return what is told of a row without its key."""
    return RecordRejected(
        "contact_key_missing",
        column,
        "The row has no user id, which is its matching key. Filter such rows out, or map another column to userId.",
    )
