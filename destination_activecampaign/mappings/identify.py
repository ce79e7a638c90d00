"""identify: a row is a person, written to the contact with its email.

How a change is sent is not decided here: see `contact_import` and `contact_single`.
"""

from __future__ import annotations

from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any, Literal

from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.base import MappedContact, MatchingKey, NewTags, StreamColumns, StreamShape
from destination_activecampaign.mappings.columns import Cell, Columns
from destination_activecampaign.mappings.contact import CLEAR, ContactChange, FieldValue, Membership, TagChange
from destination_activecampaign.mappings.emails import check_email
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import (
    IdentifyTargets,
    external_id_field,
    no_external_id,
    user_id_missing,
)
from destination_activecampaign.mappings.inputs import Inputs
from destination_activecampaign.mappings.lists import ListNames
from destination_activecampaign.mappings.outcome import PartRefused, Rejected
from destination_activecampaign.mappings.tag_inputs import TagInputs
from destination_activecampaign.mappings.tags import TagNames
from destination_activecampaign.mappings.values import InvalidValue, encoder_for
from destination_activecampaign.mappings.whose import (
    CONTACT_MISSING,
    EMAIL_FOR_NEW,
    NAME_REQUIRED,
    would_run_automations,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.api.account import Directory
    from destination_activecampaign.mappings.names import Target

MAX_CONTACT_BYTES = 390_000
"""An import's body is under 400,000 bytes (documented); one contact must fit it."""

NO_EXTERNAL_ID = "user ids are not kept: set external_id_field to a custom field, or add a field %EXTERNAL_ID%"

_BASICS = ("firstName", "lastName", "phone")


@dataclass(frozen=True, slots=True)
class IdentifySettings:
    """What the user chose for contacts; each name is the setting's. `create_missing_fields`: columns, as listed."""

    external_id_field: str | None = None
    create_without_name: bool = False
    null_values: Literal["keep", "clear"] = "keep"
    invalid_values: Literal["skip", "reject"] = "skip"
    null_tags_with_reset: Literal["remove_all", "reject"] = "remove_all"
    max_new_tags: int = 100
    resubscribe: frozenset[int] = frozenset()
    run_automations: bool = True
    create_missing_fields: frozenset[str] = frozenset()


class Identify:
    """Maps the rows of one stream to contact changes. `new_tags` is shared by all streams of a sync."""

    name = "identify"

    def __init__(
        self,
        shape: StreamShape,
        rules: StreamColumns,
        directory: Directory,
        settings: IdentifySettings,
        new_tags: NewTags | None = None,
        *,
        operation: Literal["upsert", "update"] = "upsert",
        key: MatchingKey = "email",
    ) -> None:
        self._settings = settings
        self._operation = operation
        self._by_user_id = key == "userId"
        self._clears = settings.null_values == "clear"
        names = FieldNames(directory)
        self._external_id = external_id_field(names, settings.external_id_field)
        if self._by_user_id and self._external_id is None:
            raise ConfigError(no_external_id(shape))
        self._targets = IdentifyTargets(names, shape, settings.create_missing_fields)
        self._encoders = {field.id: encoder_for(field) for field in directory.fields}
        self._lists = ListNames(directory.lists)
        self._columns = Columns(shape, self._targets.find, self._targets.resolve, self._targets.describe, rules)
        self._inputs = Inputs(self._columns, settings.invalid_values)
        tags = TagNames(directory.tags, NewTags(settings.max_new_tags) if new_tags is None else new_tags)
        self._tags = TagInputs(
            self._inputs,
            tags,
            reject_null=settings.null_tags_with_reset == "reject" and "tags" in self._columns,
            only_add=not settings.run_automations,
        )

    @property
    def notes(self) -> list[str]:
        """What the plan's reader should know."""
        unkept = self._external_id is None and "userId" in self._columns
        return [*self._targets.notes, *self._columns.notes, *([NO_EXTERNAL_ID] if unkept else [])]

    @property
    def unmatched(self) -> dict[str, int]:
        """Column → rows with a value in it that match no field."""
        return self._columns.unmatched

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (column, where it goes), as far as columns are known."""
        for column, target in self._columns:
            yield column, self._targets.describe(target)

    def feeds(self, target: Target) -> bool:
        """Whether a known column feeds *target*."""
        return target in self._columns

    def map(self, row: dict[str, Any], _now: float = 0.0, /) -> MappedContact:
        """Map one row. Raises RecordRejected."""
        found = self._columns.read(row)
        email = self._email(found)
        refused: list[PartRefused] = []
        fields = self._fields(found, refused)
        user_id = self._user_id(found, fields, refused)
        if self._by_user_id and user_id is None:
            raise user_id_missing(self._inputs.value(found, "userId")[1])
        basics = self._basics(found, refused)
        lists: dict[int, Membership] = {}
        cell = found.get("lists")
        if cell is not None and cell[1] is not None:
            lists = self._lists.read(cell[1], cell[0].column)
        tags = self._tags.change(found, refused)
        change = ContactChange(email, basics, fields, tags, lists, _size(email, basics, fields, tags, lists))
        if change.size > MAX_CONTACT_BYTES:
            raise RecordRejected(
                "row_too_large", "", "The row does not fit one request of 400,000 bytes. Leave out its longest columns."
            )
        if not self._settings.run_automations:
            self._refuse_single_requests(change)
        return MappedContact(
            change, tuple(refused), self._if_missing(change), user_id, self._operation, self._by_user_id
        )

    def _email(self, found: dict[Target, Cell]) -> str:
        """Return the row's email, empty where it is not the key and the row has none."""
        value, column = self._inputs.value(found, "email")
        return "" if self._by_user_id and value is None else check_email(value, column)

    def _if_missing(self, change: ContactChange) -> Rejected | None:
        """Return how a row ends whose contact does not exist, None where it may create it."""
        if self._operation == "update":
            return CONTACT_MISSING
        if not change.email:
            return EMAIL_FOR_NEW
        return None if self._settings.create_without_name or change.named else NAME_REQUIRED

    def _fields(self, found: dict[Target, Cell], refused: list[PartRefused]) -> dict[int, FieldValue]:
        fields: dict[int, FieldValue] = {}
        encoders = self._encoders
        for target, (place, value) in found.items():
            if not isinstance(target, int):
                continue
            try:
                text = encoders[target](value) if value is not None else None
            except InvalidValue as wrong:
                self._inputs.leave_out(place, wrong, refused)
                continue
            if text:
                fields[target] = text
            elif self._clears:
                fields[target] = CLEAR
        return fields

    def _user_id(
        self, found: dict[Target, Cell], fields: dict[int, FieldValue], refused: list[PartRefused]
    ) -> str | None:
        """Return the row's user id and keep it in the external id field. A null one never empties that field."""
        user_id = self._inputs.text(found, "userId", refused)
        field = self._external_id
        if user_id is not None:
            if field is not None:
                fields[field] = user_id
            return user_id
        kept = fields.get(field) if field is not None else None
        return kept if isinstance(kept, str) else None

    def _basics(self, found: dict[Target, Cell], refused: list[PartRefused]) -> dict[str, FieldValue]:
        basics: dict[str, FieldValue] = {}
        for key in _BASICS:
            if key in found:
                text = self._inputs.text(found, key, refused)
                if text:
                    basics[key] = text
                elif self._clears and found[key][1] is None:
                    basics[key] = CLEAR
        if "name" in found and not any(isinstance(basics.get(key), str) for key in ("firstName", "lastName")):
            name = self._inputs.text(found, "name", refused)
            if name:
                first, _, last = name.strip().partition(" ")
                basics["firstName"] = first
                if last.strip():
                    basics["lastName"] = last.strip()
            elif self._clears and found["name"][1] is None:
                basics["firstName"] = basics["lastName"] = CLEAR
        return basics

    def _refuse_single_requests(self, change: ContactChange) -> None:
        """Reject what no import can do: single requests always run automations."""
        if change.cleared:
            raise would_run_automations("a value is emptied")
        if any(change.lists.get(id_) is Membership.SUBSCRIBE for id_ in self._settings.resubscribe):
            raise would_run_automations("a subscription is forced")


def _size(
    email: str,
    basics: dict[str, FieldValue],
    fields: dict[int, FieldValue],
    tags: TagChange,
    lists: dict[int, Membership],
) -> int:
    """Return an upper estimate of the contact's bytes in an import: escapes are counted at their longest."""
    values = (*basics.values(), *fields.values(), *tags.added.values())
    texts = [value for value in values if isinstance(value, str)]
    size = 120 + len(email) * 6 + 40 * (len(fields) + len(lists)) + 16 * len(basics)
    return size + sum([len(encode_basestring_ascii(text)) + 1 for text in texts])
