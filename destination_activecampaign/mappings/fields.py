"""Finds a custom field of the account by the name that a column or a setting has for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from destination_activecampaign.mappings.names import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from destination_activecampaign.api.account import Directory, Field

_BY_ID = re.compile(r"field_(\d{1,18})", re.IGNORECASE)


class FieldNames:
    """The account's custom fields by personalization tag, then title; `field_<id>` names an id."""

    def __init__(self, directory: Directory) -> None:
        self.by_id = {field.id: field for field in directory.fields}
        self._tags: dict[str, list[Field]] = {}
        self._titles: dict[str, list[Field]] = {}
        for field in directory.fields:
            self._tags.setdefault(normalise(field.perstag), []).append(field)
            self._titles.setdefault(normalise(field.title), []).append(field)

    def find(self, name: str) -> tuple[Field, ...]:
        """Return the fields that *name* may mean: none, the one, or several that are alike.

        `%NAME%` means a personalization tag only.
        """
        by_id = _BY_ID.fullmatch(name.strip())
        if by_id:
            field = self.by_id.get(int(by_id[1]))
            return (field,) if field else ()
        plain = normalise(name)
        if not plain:
            return ()
        stripped = name.strip()
        tag = stripped.strip("%")
        found = _narrowed(self._tags.get(plain, ()), lambda field: field.perstag == tag.upper())
        if found or (stripped[0] == stripped[-1] == "%"):
            return found
        return _narrowed(self._titles.get(plain, ()), lambda field: field.title == stripped)

    def spelled(self, field: Field, name: str) -> bool:
        """Whether *name* is the field's own spelling."""
        return name in (field.perstag, field.title, f"%{field.perstag}%", f"field_{field.id}")


def _narrowed(fields: Sequence[Field], is_exact: Callable[[Field], bool]) -> tuple[Field, ...]:
    """Return the one of *fields* that is spelled exactly so, else all."""
    exact = tuple(field for field in fields if is_exact(field))
    return exact if len(exact) == 1 else tuple(fields)
