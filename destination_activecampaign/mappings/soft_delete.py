"""soft_delete: a row is a person who is to be taken off, by unsubscribing or by deleting the contact.

Only the row's key is read. Sending is not decided here: see `contact_import` and `contact_single`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import MappedContact, MatchingKey, StreamColumns, StreamShape
from destination_activecampaign.mappings.columns import Columns
from destination_activecampaign.mappings.contact import NO_TAGS, ContactChange, Membership, Removal
from destination_activecampaign.mappings.emails import check_email
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import external_id_field, no_external_id, user_id_missing
from destination_activecampaign.mappings.inputs import Inputs
from destination_activecampaign.mappings.names import IGNORE, UNMATCHED, Match, Target, input_finder, normalise
from destination_activecampaign.mappings.values import InvalidValue, to_text
from destination_activecampaign.mappings.whose import NOTHING_TO_REMOVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.api.account import Directory

_INPUTS = ("email", "userId")
_SIZE = 120
"""Bytes of such a contact in an import beside its email and lists, an upper estimate."""


@dataclass(frozen=True, slots=True)
class SoftDeleteSettings:
    """What the user chose for soft deletes. `lists`: ids of those to unsubscribe from, empty for all."""

    removal: Removal = Removal.UNSUBSCRIBE_ALL
    lists: tuple[int, ...] = ()
    external_id_field: str | None = None
    run_automations: bool = True


class SoftDelete:
    """Maps the rows of one stream to what takes their contacts off."""

    name = "soft_delete"

    def __init__(
        self,
        shape: StreamShape,
        rules: StreamColumns,
        directory: Directory,
        settings: SoftDeleteSettings,
        key: MatchingKey = "email",
    ) -> None:
        self._key = key
        self._external_id = external_id_field(FieldNames(directory), settings.external_id_field)
        if key == "userId" and self._external_id is None:
            raise ConfigError(no_external_id(shape))
        named = settings.removal is Removal.UNSUBSCRIBE_ALL and bool(settings.lists)
        self._removal = None if named else settings.removal
        if self._removal is Removal.UNSUBSCRIBE_ALL and not settings.run_automations:
            raise ConfigError(
                f"Stream {shape.label}: unsubscribing from all lists takes single requests, which run automations, and "
                "`run_automations` is off. Name the lists in `soft_delete_lists`, or switch `run_automations` on."
            )
        self._lists = dict.fromkeys(settings.lists, Membership.UNSUBSCRIBE) if named else {}
        self._names = FieldNames(directory)
        self._stream = shape.label
        self._columns = Columns(shape, self._find, self._resolve, str, rules)
        self._inputs = Inputs(self._columns, "reject")

    @property
    def notes(self) -> list[str]:
        """What the plan's reader should know."""
        return self._columns.notes

    @property
    def unmatched(self) -> dict[str, int]:
        """Nothing: what a soft delete has beside its key does not matter."""
        return {}

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (column, input), as far as columns are known."""
        for column, target in self._columns:
            yield column, str(target)

    def feeds(self, target: Target) -> bool:
        """Whether a known column feeds *target*."""
        return target in self._columns

    def map(self, row: dict[str, Any], _now: float = 0.0, /) -> MappedContact:
        """Map one row. Raises RecordRejected."""
        found = self._columns.read(row)
        email, user_id = "", None
        if self._key == "email":
            email = check_email(*self._inputs.value(found, "email"))
        else:
            user_id = _user_id(*self._inputs.value(found, "userId"))
        size = _SIZE + 6 * len(email) + 40 * len(self._lists)
        change = ContactChange(email, {}, {}, NO_TAGS, self._lists, size, self._removal)
        return MappedContact(change, (), NOTHING_TO_REMOVE, user_id, "soft_delete", self._key == "userId")

    def _find(self, name: str) -> Match:
        match = input_finder(_INPUTS)(name)
        if match.target is not None or self._external_id is None:
            return match
        fields = self._names.find(name)
        return Match("userId") if [field.id for field in fields] == [self._external_id] else UNMATCHED

    def _resolve(self, target: str) -> Target | None:
        """Return the key that a setting names, None for nowhere and for what a contact has besides."""
        return None if normalise(target) == IGNORE else self._find(target).target


def _user_id(value: Any, column: str) -> str:
    try:
        text = (to_text(value) or "").strip() if value is not None else ""
    except InvalidValue:
        text = ""
    if not text:
        raise user_id_missing(column)
    return text
