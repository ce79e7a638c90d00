"""A row's tags: read from an array, JSON text or a comma list, and spelled as the account spells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.outcome import PartRefused
from destination_activecampaign.mappings.values import UnreadableValue, read_json, scalar_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from destination_activecampaign.mappings.base import NewTags


def read_names(value: Any, column: str, part: str = "tags") -> list[str]:
    """Return the tag names in *value*, trimmed, without empty ones and repetitions (compared without case).

    Raises RecordRejected `<part>_unreadable` for objects, and for text that begins like JSON and is not;
    InvalidValue for a name that cannot be sent.
    """
    if value is None:
        return []
    if isinstance(value, str):
        text = value.strip()
        if text[:1] in ("[", "{"):
            try:
                value = read_json(text)
            except UnreadableValue:
                raise _unreadable(column, part) from None
        else:
            value = text.split(",")
    if isinstance(value, dict | bool):
        raise _unreadable(column, part)
    names: dict[str, str] = {}
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict | list | bool):
            raise _unreadable(column, part)
        name = (scalar_text(one) or "").strip()
        if name:
            names.setdefault(name.lower(), name)
    return list(names.values())


def _unreadable(column: str, part: str) -> RecordRejected:
    return RecordRejected(
        f"{part}_unreadable",
        column,
        f"Column {column} must hold tag names: an array, JSON text of an array, or text with commas.",
    )


class TagNames:
    """The account's tags, and those that this sync adds to it. `known`: lower-case name → the account's spelling."""

    def __init__(self, known: Mapping[str, str], new: NewTags) -> None:
        self._known = known
        self._new = new

    def spelled(self, names: list[str]) -> dict[str, str]:
        """Return lower-case name → the account's spelling, or the row's where the account has no such tag."""
        return {name.lower(): self._known.get(name.lower(), name) for name in names}

    def admitted(self, names: list[str], column: str) -> tuple[dict[str, str], tuple[PartRefused, ...]]:
        """Return as `spelled` does, and what is left out because the sync would create too many tags."""
        admitted: dict[str, str] = {}
        refused: tuple[PartRefused, ...] = ()
        for name in names:
            key = name.lower()
            spelling = self._known.get(key) or self._new.admit(key, name)
            if spelling is None:
                refused = (
                    PartRefused(
                        "too_many_new_tags",
                        column,
                        "The sync would create more tags than max_new_tags allows. If the column is right, raise it.",
                    ),
                )
            else:
                admitted[key] = spelling
        return admitted, refused
