"""What a row asks of its contact's tags, by `tags`, `tagsReset` and `tags_remove` together.

How the names in one value are read is in `tags`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.contact import NO_TAGS, TagChange
from destination_activecampaign.mappings.tags import read_names
from destination_activecampaign.mappings.values import InvalidValue
from destination_activecampaign.mappings.whose import would_run_automations

if TYPE_CHECKING:
    from destination_activecampaign.mappings.columns import Cell
    from destination_activecampaign.mappings.inputs import Inputs
    from destination_activecampaign.mappings.names import Target
    from destination_activecampaign.mappings.outcome import PartRefused
    from destination_activecampaign.mappings.tags import TagNames


class TagInputs:
    """The tags of one stream's rows.

    `reject_null`: rows that reset and have null tags are rejected; `only_add`: so are rows that take tags away.
    """

    def __init__(self, inputs: Inputs, names: TagNames, *, reject_null: bool, only_add: bool) -> None:
        self._inputs = inputs
        self._tags = names
        self._reject_null = reject_null
        self._only_add = only_add

    def change(self, found: dict[Target, Cell], refused: list[PartRefused]) -> TagChange:
        """Return what the row asks of tags. Called last, so that rejected rows do not count towards new tags.

        Raises RecordRejected.
        """
        if not ("tags" in found or "tagsReset" in found or "tags_remove" in found):
            return NO_TAGS
        names = self._names(found, "tags", refused)
        # Tags that cannot be read are left out; a reset without them would take all tags away.
        reset = self._inputs.flag(found, "tagsReset", refused) and names is not None
        removed = {} if reset else self._tags.spelled(self._names(found, "tags_remove", refused) or [])
        value, column = self._inputs.value(found, "tags")
        if reset and self._reject_null and value is None:
            raise RecordRejected(
                "tags_null", column, "tagsReset with null tags would remove all tags. Send [] to mean that."
            )
        if self._only_add and (reset or removed):
            raise would_run_automations("tags are removed")
        added, left_out = self._tags.admitted(names or [], column)
        refused.extend(left_out)
        if left_out and reset:
            # A reset to tags that may not be made would take the contact's tags and give none for them.
            reset = False
        return TagChange(reset, {key: name for key, name in removed.items() if key not in added}, added)

    def _names(self, found: dict[Target, Cell], key: str, refused: list[PartRefused]) -> list[str] | None:
        value, column = self._inputs.value(found, key)
        try:
            return read_names(value, column, key)
        except InvalidValue as wrong:
            self._inputs.leave_out(found[key][0], wrong, refused)
            return None
