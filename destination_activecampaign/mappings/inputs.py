"""Reads single inputs of a row, and leaves out or rejects what does not fit, as the user chose.

What an input means is the mapping's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.outcome import PartRefused
from destination_activecampaign.mappings.values import FALSE_WORDS, TRUE_WORDS, InvalidValue, UnreadableValue, to_text

if TYPE_CHECKING:
    from destination_activecampaign.mappings.columns import Cell, Columns
    from destination_activecampaign.mappings.names import Target
    from destination_activecampaign.mappings.placement import Place


class Inputs:
    """The inputs of one stream's rows. `invalid_values`: as the setting has it."""

    def __init__(self, columns: Columns, invalid_values: Literal["skip", "reject"]) -> None:
        self._columns = columns
        self._reject = invalid_values == "reject"

    def value(self, found: dict[Target, Cell], key: str) -> tuple[Any, str]:
        """Return an input's value and its column's name, also where the row has no such column."""
        cell = found.get(key)
        return (None, self._columns.source(key)) if cell is None else (cell[1], cell[0].column)

    def text(self, found: dict[Target, Cell], key: str, refused: list[PartRefused]) -> str | None:
        """Return the text of an input, None where it is null or left out."""
        cell = found.get(key)
        if cell is None or cell[1] is None:
            return None
        try:
            text = to_text(cell[1])
        except InvalidValue as wrong:
            self.leave_out(cell[0], wrong, refused)
            return None
        return text.strip() if text and key == "userId" else text

    def flag(self, found: dict[Target, Cell], key: str, refused: list[PartRefused]) -> bool:
        """Return whether an input says yes; null and what is left out do not."""
        word = (self.text(found, key, refused) or "").strip().lower()
        if word in TRUE_WORDS:
            return True
        if word and word not in FALSE_WORDS:
            self.leave_out(found[key][0], InvalidValue("it is neither true nor false"), refused)
        return False

    def leave_out(self, place: Place, wrong: InvalidValue, refused: list[PartRefused]) -> None:
        """Leave a value out and count it in *refused*. Raises RecordRejected where the user chose that."""
        column = place.column
        if isinstance(wrong, UnreadableValue):
            raise RecordRejected("value_unreadable", column, f"Column {column}: {wrong}. Correct it at the source.")
        message = f"Column {column} does not fit: {wrong}."
        if self._reject:
            raise RecordRejected("invalid_value", column, message)
        refused.append(PartRefused("invalid_value", column, message))
