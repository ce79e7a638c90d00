"""Whether a stream's schema has what its mapping needs, and what its entry of `mappings` names.

What the user is told where it has not is in `advice`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from destination_activecampaign.mappings.columns import Columns
from destination_activecampaign.mappings.identify_targets import INPUTS
from destination_activecampaign.mappings.names import IGNORE, Target, input_finder, normalise
from destination_activecampaign.nearest import nearest

if TYPE_CHECKING:
    from destination_activecampaign.mappings.base import ColumnRule
    from destination_activecampaign.sync.chosen import Chosen, Kind


@dataclass(frozen=True, slots=True)
class Need:
    """What a mapping cannot do without: one of `targets`; `what`: how messages call it."""

    targets: tuple[str, ...]
    what: str


_WHO = Need(("email", "userId"), "an email or a user id")
_NEEDS: dict[Kind, tuple[Need, ...]] = {
    "identify": (Need(("email",), "an email"),),
    "track": (Need(("event_text", "event"), "an event name"), _WHO),
    "page": (Need(("url",), "a url"), _WHO),
    "raw_calls": (),
    "ignore": (),
}
_KEY_NEEDED = (Need(("userId",), "a user id, its matching key"),)

_PART_END = re.compile(r"[\W_]+")
"""What may part the names of a path."""


class Needs:
    """What one stream's schema lacks."""

    def __init__(self, chosen: Chosen) -> None:
        find = input_finder(INPUTS if chosen.kind == "identify" else ("email", "userId", "event_text", "event", "url"))

        def resolve(name: str) -> Target | None:
            return None if normalise(name) == IGNORE else find(name).target or name

        self._columns = Columns(chosen.shape, find, resolve, str, chosen.rules)
        self._rules = {rule.column: rule for rule in chosen.rules.rules}
        needed = _KEY_NEEDED if chosen.key == "userId" else _NEEDS[chosen.kind]
        self.undeclared = [need for need in needed if not any(target in self._columns for target in need.targets)]
        """What the mapping needs and no declared column holds."""
        rules = (self._rules[column] for column in self._columns.absent)
        self.absent = [rule for rule in rules if normalise(rule.field) != IGNORE]
        """The rules of the stream's entry whose column is not declared, but those that only leave a column out."""

    @property
    def missing(self) -> list[Need]:
        """What the mapping needs and no row can hold; rows may hold more than a schema that does not say all."""
        return [] if self.open else self.undeclared

    @property
    def open(self) -> bool:
        """Whether the schema leaves open what rows hold: it declares no column, or not what is in a nested object."""
        return self._columns.opaque or not self.declared

    @property
    def declared(self) -> list[str]:
        """All declared columns that hold values, those of nested objects with their path."""
        return self._columns.known

    def absent_for(self, need: Need) -> ColumnRule | None:
        """Return the rule that is meant to meet *need* and names a column that is not declared."""
        targets = {normalise(target) for target in need.targets}
        return next((rule for rule in self.absent if normalise(rule.field) in targets), None)

    def misspelled_for(self, need: Need) -> ColumnRule | None:
        """Return the rule that is likely meant to meet *need* and misspells its field."""
        return next((rule for rule in self._rules.values() if nearest(rule.field, need.targets, normalise)), None)

    def within_open(self, rule: ColumnRule) -> str | None:
        """Return the nested object into which the rule's path leads and that may hold more than is declared."""
        ends = {normalise(rule.column[: end.start()]) for end in _PART_END.finditer(rule.column)}
        return next((path for path in self._columns.open_objects if normalise(path) in ends), None)

    def nearest(self, rule: ColumnRule) -> str | None:
        """Return the declared column that the rule may have meant; of the open object into which its path leads."""
        path = self.within_open(rule)
        if path is None:
            return nearest(rule.column, self.declared, normalise)
        inside = [column for column in self.declared if column.startswith(f"{path}.")]
        skipped = len(normalise(path))
        return nearest(rule.column, inside, lambda column: normalise(column)[skipped:])
