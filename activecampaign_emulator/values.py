"""What a custom field accepts, and finding values by what they are. Values are always text."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from activecampaign_emulator import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activecampaign_emulator.records import Field, FieldValue

MANY: Final = frozenset({"listbox", "checkbox"})
ONE: Final = frozenset({"dropdown", "radio"})


def accepted(field: Field, value: str, offset: str) -> str | None:
    """Give the text that the account keeps, or None where the field does not take the value.

    Options must match exactly; several are `||a||b||`; dates are YYYY-MM-DD; datetimes are shifted into the
    account's offset (vendor page on creating a field value). That what does not match is dropped is assumed.
    """
    if not value:
        return ""
    if field.type in ONE or field.type in MANY:
        return _accepted_option(field, value)
    if field.type == "date":
        return _accepted_date(value)
    if field.type == "datetime":
        seconds = clock.parse(value, offset)
        return None if seconds is None else clock.iso(seconds, offset)
    return value


def _accepted_option(field: Field, value: str) -> str | None:
    known = {option.value for option in field.options}
    if field.type in ONE:
        return value if value in known else None
    if not (value.startswith("||") and value.endswith("||")):
        return None
    chosen = [part for part in value.strip("|").split("||") if part in known]
    return f"||{'||'.join(chosen)}||" if chosen else None


def _accepted_date(value: str) -> str | None:
    try:
        return value if date.fromisoformat(value).isoformat() == value else None
    except ValueError:
        return None


class ValueIndex:
    """The values of one field: all by id, and by text.

    Built when a filter first names the field and kept from then on, so that accounts which are only written to
    pay nothing for it.
    """

    __slots__ = ("all", "by_text")

    def __init__(self, values: Iterable[FieldValue]) -> None:
        self.all: dict[int, FieldValue] = {}
        self.by_text: dict[str, dict[int, FieldValue]] = {}
        for value in values:
            self.add(value)

    def add(self, value: FieldValue) -> None:
        """Take a value in."""
        self.all[value.id] = value
        self.by_text.setdefault(value.value, {})[value.id] = value

    def remove(self, value: FieldValue) -> None:
        """Take a value out; it must still have the text that it came in with."""
        self.all.pop(value.id, None)
        same = self.by_text.get(value.value)
        if same is not None and same.pop(value.id, None) is not None and not same:
            del self.by_text[value.value]

    def matching(self, text: str) -> dict[int, FieldValue]:
        """Give the values that are exactly *text*."""
        return self.by_text.get(text, {})
