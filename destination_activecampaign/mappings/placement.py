"""Decides where one column goes: by a mapping entry, as a nested object, by its name, as a warehouse form of a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.names import Finder, Match, Target, normalise

if TYPE_CHECKING:
    from destination_activecampaign.mappings.base import StreamColumns

TOP, TRAITS, CONTEXT_TRAITS, PROPERTIES, PAGE, CONTEXT = range(6)
"""The objects that a row may be or hold, in the order in which they are read."""

PATHS = ("", "traits.", "context.traits.", "properties.", "context.page.", "context.")

Resolve: TypeAlias = Callable[[str], Target | None]
"""Takes a target as the settings write it, returns None for nowhere. Raises ConfigError."""

_PLATFORM = ("_airbyte_", "_ab_")

# What Segment's libraries and warehouses add to each call: never told as columns that match no field.
_ENVELOPE = frozenset(
    {
        "anonymousid", "channel", "event", "eventtext", "id", "integrations", "loadedat", "messageid",
        "originaltimestamp", "receivedat", "sentat", "timestamp", "type", "userid", "uuid", "uuidts", "version",
    }
)  # fmt: skip

_NESTED = {
    "traits": TRAITS,
    "contexttraits": CONTEXT_TRAITS,
    "properties": PROPERTIES,
    "contextpage": PAGE,
    "context": CONTEXT,
}
_NESTED_IN_CONTEXT = {"traits": CONTEXT_TRAITS, "page": PAGE}
_NESTED_TARGETS = frozenset({"properties", "traits"})
"""Targets of a mapping entry that stand for a nested object, not for a value."""

NARROW: dict[int, frozenset[Target]] = {PAGE: frozenset({"url", "referrer"})}
"""What nested objects feed, where it is not everything: a page's title is no one's field."""

_WAREHOUSE_FORM = re.compile(r"(context[\W_]+traits|traits|properties|context[\W_]+page)[\W_]+(.+)", re.IGNORECASE)
_CONTEXT_COLUMN = re.compile(r"context[\W_]", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Level:
    """One object of a row: the row itself, or one nested in it. `number`: smaller ones are read first."""

    number: int
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Place:
    """What is decided about one column.

    `column`: its name with its path; `bare`: its name without any prefix; `target`: None for nowhere. `rank`: (level,
    not the target's spelling, order), the smallest wins. `contested`: other columns have the same target. `silent`: not
    told although nothing takes it. `inside`: the level that a nested object is. `rows`: values that nothing took.
    """

    column: str
    bare: str
    target: Target | None = None
    rank: tuple[int, bool, int] = (TOP, False, 0)
    contested: bool = False
    silent: bool = False
    inside: int | None = None
    rows: int = 0


class Placement:
    """The rules by which one stream's columns are placed. `notes`: grows; each line is said once.

    `find`: the mapping's targets by name; `resolve`: as the settings write them; `describe`: as notes name them.
    `narrow`: level → the only targets that it feeds.
    """

    def __init__(
        self,
        find: Finder,
        resolve: Resolve,
        describe: Callable[[Target], str],
        settings: StreamColumns,
        *,
        narrow: Mapping[int, frozenset[Target]] = NARROW,
    ) -> None:
        self.notes: list[str] = []
        self._find = find
        self._describe = describe
        self._narrow = narrow
        self._named = [rule.column for rule in settings.rules]
        self._nested: dict[str, tuple[str, str]] = {}
        self._rules: dict[str, tuple[str, Target | None]] = {}
        for rule in settings.rules:
            if rule.column in self._rules:
                raise ConfigError(f"mappings: an entry names column {rule.column} twice. A column goes to one field.")
            if rule.field.strip().lower() in _NESTED_TARGETS:
                self._nested[normalise(rule.column)] = (rule.column, rule.field.strip().lower())
            else:
                self._rules[rule.column] = (rule.column, resolve(rule.field))
        self._alike = {normalise(column): rule for column, rule in self._rules.items()}
        self.constants: dict[Target, tuple[Place, str]] = {}
        for name, value in settings.constants:
            target = resolve(name)
            if target is not None:
                self.constants[target] = (Place(f"constant {name}", name, target), value)
        self._owned = {target for _, target in self._rules.values() if target is not None} | set(self.constants)
        self._used: set[str] = set()

    @property
    def unused_rules(self) -> list[str]:
        """The columns of a mapping entry that were not met so far."""
        return [column for column in self._named if column not in self._used]

    def rule_for(self, target: Target) -> str | None:
        """Return the column that a mapping entry names for *target*."""
        return next((column for column, each in self._rules.values() if each == target), None)

    def say(self, note: str) -> None:
        """Add a note, once."""
        if note not in self.notes:
            self.notes.append(note)

    def place(self, level: Level, name: str) -> Place:
        """Decide about a column that is seen for the first time."""
        place = Place(PATHS[level.number] + name, name)
        if name.lower().startswith(_PLATFORM):
            place.silent = True
            return place
        rule = self._rule(place)
        if rule is not None:
            self._by_rule(place, level, rule)
            return place
        plain = normalise(name)
        if level.number == TOP:
            stands_for = plain
            if plain in self._nested:
                column, stands_for = self._nested[plain]
                self._used.add(column)
            place.inside = _NESTED.get(stands_for)
        elif level.number == CONTEXT:
            place.inside = _NESTED_IN_CONTEXT.get(plain)
            place.silent = True
        if place.inside is None and not place.silent:
            self._by_name(place, level, plain)
        return place

    def _rule(self, place: Place) -> tuple[str, Target | None] | None:
        """Return the (column, target) of the mapping entry's rule for this column, spelled as there or alike."""
        for rules, spelled in (
            (self._rules, place.column),
            (self._rules, place.bare),
            (self._alike, normalise(place.column)),
            (self._alike, normalise(place.bare)),
        ):
            if spelled in rules:
                return rules[spelled]
        return None

    def _by_rule(self, place: Place, level: Level, rule: tuple[str, Target | None]) -> None:
        column, target = rule
        self._used.add(column)
        place.rank = (level.number, column not in (place.bare, place.column), len(level.places))
        if target in self.constants:
            self._unused(place, target)
        else:
            place.target = target
            place.silent = target is None

    def _by_name(self, place: Place, level: Level, plain: str) -> None:
        number, match = self._match(place, level.number)
        place.rank = (number, not match.exact, len(level.places))
        if match.target is None:
            place.silent = match.silent or (level.number == TOP and plain in _ENVELOPE)
        elif match.target in self._owned:
            self._unused(place, match.target)
        else:
            place.target = match.target

    def _match(self, place: Place, level: int) -> tuple[int, Match]:
        """Return the level that the column counts for and its match: by its whole name, else as a warehouse form."""
        match = self._find(place.bare)
        if level != TOP:
            return level, self._narrowed(level, match)
        if match.target is not None or match.silent:
            return level, match
        form = _WAREHOUSE_FORM.fullmatch(place.bare)
        if form is None:
            return level, Match(silent=_CONTEXT_COLUMN.match(place.bare) is not None)
        place.bare = form[2]
        number = _NESTED[normalise(form[1])]
        return number, self._narrowed(number, self._find(form[2]))

    def _narrowed(self, level: int, match: Match) -> Match:
        allowed = self._narrow.get(level)
        return match if allowed is None or match.target in allowed else Match(silent=True)

    def _unused(self, place: Place, target: Target | None) -> None:
        place.silent = True
        if target is not None:
            name = self._describe(target)
            self.say(f"column {place.column} is not used: the setting mappings gives {name} another source")
