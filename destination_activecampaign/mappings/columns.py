"""Which column of a stream goes where, decided once per column and then only looked up.

Nested `traits`, `context.traits`, `properties` and their warehouse forms (`context_traits_email`) are read as if they
were flat, the top level first. What a target does with a value is the mappings' own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import NO_RULES, StreamColumns, StreamShape

Target: TypeAlias = str | int
"""An input of the mapping by name, or a custom field by id."""

PROPERTIES = "{properties}"
"""The target under which the nested object `properties` itself is found."""

IGNORE = "ignore"

MAX_NAMES = 2_000
"""Different names remembered on one level: nested objects may use values as keys."""

_PLATFORM = ("_airbyte_", "_ab_")

# What Segment's libraries and warehouses add to each call: never told as columns that match no field.
_ENVELOPE = frozenset(
    {
        "anonymousid", "channel", "event", "eventtext", "id", "integrations", "loadedat", "messageid",
        "originaltimestamp", "receivedat", "sentat", "timestamp", "type", "userid", "uuid", "uuidts", "version",
    }
)  # fmt: skip

_TRAITS, _CONTEXT_TRAITS, _PROPERTIES, _PAGE, _CONTEXT = 1, 2, 3, 4, 5
_CONTAINERS = {
    "traits": _TRAITS,
    "contexttraits": _CONTEXT_TRAITS,
    "properties": _PROPERTIES,
    "contextpage": _PAGE,
    "context": _CONTEXT,
}
_NESTABLE = frozenset({"properties", "traits"})
"""Targets of a mapping entry that stand for a nested object, not for a value."""

_INSIDE_CONTEXT = {"traits": _CONTEXT_TRAITS, "page": _PAGE}
_PAGE_INPUTS = frozenset({"url", "referrer"})
_WAREHOUSE_FORM = re.compile(
    r"(context[^a-z0-9]+traits|traits|properties|context[^a-z0-9]+page)[^a-z0-9]+(.+)", re.IGNORECASE
)
_CONTEXT_COLUMN = re.compile(r"context[^a-z0-9]", re.IGNORECASE)


def normalise(name: str) -> str:
    """Return letters and digits only, lower case: `FIRST_NAME`, `firstName` and `first name` are alike."""
    return "".join(filter(str.isalnum, name)).lower()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a name belongs. `exact`: it is the target's own spelling; `silent`: not told although nothing takes it."""

    target: Target | None = None
    exact: bool = False
    silent: bool = False


Finder: TypeAlias = Callable[[str], Match]

UNMATCHED = Match()


def input_finder(inputs: Iterable[str]) -> Finder:
    """Return what finds a mapping's own inputs by name."""
    known = {normalise(spelling): spelling for spelling in inputs}

    def find(name: str) -> Match:
        target = known.get(normalise(name))
        return Match(target, exact=name == target) if target else UNMATCHED

    return find


@dataclass(slots=True, eq=False)
class _Level:
    """One object of a row: the row itself, or one nested in it. `number`: smaller ones are read first."""

    number: int
    path: str
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Place:
    """What is decided about one column. `column`: its name with its path; `rows`: values in it that nothing took."""

    column: str
    bare: str
    target: Target | None = None
    rank: tuple[int, bool, int] = (0, False, 0)
    contested: bool = False
    silent: bool = False
    inside: _Level | None = None
    rows: int = 0


Cell: TypeAlias = tuple[Place, Any]


class Columns:
    """The columns of one stream, from its schema and, lazily, from what rows hold.

    `find`: the mapping's targets by name. `resolve`: a target as the settings write it (`%PLAN%`, `email`), None for
    nowhere; raises ConfigError. `describe`: a target as notes name it. `notes`: grows, each line said once.
    """

    def __init__(
        self,
        shape: StreamShape,
        find: Finder,
        resolve: Callable[[str], Target | None],
        describe: Callable[[Target], str],
        rules: StreamColumns = NO_RULES,
    ) -> None:
        self.notes: list[str] = []
        self._find = find
        self._describe = describe
        self._containers = {normalise(r.column): normalise(r.field) for r in rules.rules if r.field in _NESTABLE}
        flat = [rule for rule in rules.rules if rule.field not in _NESTABLE]
        self._rules = {rule.column: (rule.column, resolve(rule.field)) for rule in flat}
        self._alike = {normalise(rule.column): self._rules[rule.column] for rule in flat}
        self._constants: dict[Target, Cell] = {}
        for name, value in rules.constants:
            target = resolve(name)
            if target is not None:
                self._constants[target] = (Place(f"constant {name}", name, target), value)
        self._owned = {target for _, target in self._rules.values() if target is not None} | set(self._constants)
        self._places: dict[Target, list[Place]] = {target: [cell[0]] for target, cell in self._constants.items()}
        self._more = Place("(more columns)", "")
        self._levels = {
            number: _Level(number, path)
            for number, path in enumerate(
                ("", "traits.", "context.traits.", "properties.", "context.page.", "context.")
            )
        }
        self._top = self._levels[0]
        self.opaque = False
        self._read_schema(shape.properties)

    def __contains__(self, target: Target) -> bool:
        """Whether a known column or a constant feeds *target*."""
        return target in self._places

    def __iter__(self) -> Iterator[Place]:
        """Iterate over all known columns that feed a target, in the order in which they were found."""
        for places in self._places.values():
            yield from places

    @property
    def constants(self) -> list[Place]:
        """The places of constants."""
        return [place for place, _ in self._constants.values()]

    @property
    def unmatched(self) -> dict[str, int]:
        """Column → rows with a value in it, for columns that nothing takes; declared ones are there with 0."""
        places = [place for level in self._levels.values() for place in level.places.values()]
        counts = {p.column: p.rows for p in places if p.target is None and p.inside is None and not p.silent}
        if self._more.rows:
            counts[self._more.column] = self._more.rows
        return counts

    def read(self, row: dict[str, Any]) -> dict[Target, Cell]:
        """Return target → (column, value); blank text is None. Raises RecordRejected for unreadable nested objects."""
        found = self._constants.copy()
        contests: list[Cell] = []
        self._take(self._top, row, found, contests)
        if contests:
            found |= _settled(contests)
        return found

    def rest(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of the row itself that nothing takes, without Segment's and the platform's own."""
        places = self._top.places
        rest: dict[str, Any] = {}
        for name, value in row.items():
            place = places.get(name)
            if place is not None and place.target is None and place.inside is None and not place.silent:
                rest[place.bare] = value
        return rest

    def _take(self, level: _Level, values: dict[str, Any], found: dict[Target, Cell], contests: list[Cell]) -> None:
        places = level.places
        for name, value in values.items():
            place = places.get(name) or self._learn(level, name)
            if value.__class__ is str and (not value or value.isspace()):
                value = None  # noqa: PLW2901 — blank text counts as null from here on
            target = place.target
            if target is not None:
                if place.contested:
                    contests.append((place, value))
                else:
                    found[target] = (place, value)
            elif value is None:
                continue
            elif place.inside is not None:
                nested = _opened(place, value)
                if nested is not None:
                    if place.inside.number == _PROPERTIES:
                        found[PROPERTIES] = (place, nested)
                    self._take(place.inside, nested, found, contests)
            else:
                place.rows += 1

    def _read_schema(self, properties: dict[str, Any]) -> None:
        for name, schema in properties.items():
            place = self._learn(self._top, name)
            if place.inside is not None:
                self._read_nested(place.inside, schema)

    def _read_nested(self, level: _Level, schema: Any) -> None:
        declared = schema.get("properties") if isinstance(schema, dict) else None
        if not isinstance(declared, dict) or not declared:
            self.opaque = True
            return
        for name, nested in declared.items():
            place = self._learn(level, name)
            if place.inside is not None:
                self._read_nested(place.inside, nested)

    def _learn(self, level: _Level, name: str) -> Place:
        """Decide about a column that is seen for the first time."""
        place = self._decide(level, name)
        if place.target is not None:
            self._join(place)
        elif len(level.places) >= MAX_NAMES:
            return self._more
        level.places[name] = place
        return place

    def _decide(self, level: _Level, name: str) -> Place:
        place = Place(level.path + name, name)
        order = len(level.places)
        plain = normalise(name)
        if name.lower().startswith(_PLATFORM):
            place.silent = True
            return place
        rule = self._rule(level, name)
        if rule is not None:
            column, target = rule
            if target in self._constants:
                self._unused(place, target)
                return place
            place.target = target
            place.rank = (level.number, column not in (name, place.column), order)
            place.silent = place.target is None
            return place
        inside = _CONTAINERS.get(self._containers.get(plain, plain)) if level is self._top else None
        if level.number == _CONTEXT:
            inside = _INSIDE_CONTEXT.get(plain)
            place.silent = True
        if inside is not None:
            place.inside = self._levels[inside]
            return place
        if place.silent:
            return place
        number, match = self._match(level, place)
        place.rank = (number, not match.exact, order)
        place.silent = match.silent or (match.target is None and level is self._top and plain in _ENVELOPE)
        if match.target in self._owned:
            self._unused(place, match.target)
        else:
            place.target = match.target
        return place

    def _unused(self, place: Place, target: Target | None) -> None:
        place.silent = True
        if target is not None:
            name = self._describe(target)
            self.notes.append(f"column {place.column} is not used: the setting mappings gives {name} another source")

    def _rule(self, level: _Level, name: str) -> tuple[str, Target | None] | None:
        path = level.path + name
        for rules, spelled in ((self._rules, path), (self._rules, name), (self._alike, normalise(path))):
            if spelled in rules:
                return rules[spelled]
        return self._alike.get(normalise(name))

    def _match(self, level: _Level, place: Place) -> tuple[int, Match]:
        """Return the level that the column counts for and its match: by its whole name, else as a warehouse form."""
        if level.number == _PAGE:
            return _PAGE, self._page_match(place.bare)
        match = self._find(place.bare)
        form = _WAREHOUSE_FORM.fullmatch(place.bare) if match.target is None and level is self._top else None
        if form is None:
            silent = match.silent or (level is self._top and _CONTEXT_COLUMN.match(place.bare) is not None)
            return level.number, Match(match.target, match.exact, silent and match.target is None)
        number = _CONTAINERS[normalise(form[1])]
        place.bare = form[2]
        if number == _PAGE:
            return number, self._page_match(place.bare)
        return number, self._find(place.bare)

    def _page_match(self, name: str) -> Match:
        match = self._find(name)
        return match if match.target in _PAGE_INPUTS else Match(silent=True)

    def _join(self, place: Place) -> None:
        """Count *place* among the columns of its target; two of one level are told."""
        target = place.target
        if target is None:
            return
        others = self._places.setdefault(target, [])
        others.append(place)
        if len(others) > 1:
            for other in others:
                other.contested = True
            alike = sorted((other for other in others if other.rank[0] == place.rank[0]), key=lambda p: p.rank)
            if len(alike) > 1:
                names = " and ".join(other.column for other in alike)
                self.notes.append(f"columns {names} go to {self._describe(target)} alike: {alike[0].column} is used")


def _opened(place: Place, value: Any) -> dict[str, Any] | None:
    """Return a nested object, which may be JSON text; None for anything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = orjson.loads(value)
        except ValueError:
            raise RecordRejected(
                f"{normalise(place.column)}_unreadable",
                place.column,
                f"Column {place.column} begins like JSON and is not. Correct it, or map its columns one by one.",
            ) from None
    return value if isinstance(value, dict) else None


def _settled(contests: list[Cell]) -> dict[Target, Cell]:
    """Return the one cell of each contested target: the first level that is not null, in it the best spelling."""
    best: dict[Target, Cell] = {}
    levels: dict[Target, int] = {}
    contests.sort(key=lambda cell: cell[0].rank)
    for place, value in contests:
        target = place.target
        if target is None:
            continue
        if target not in best or (levels[target] != place.rank[0] and best[target][1] is None):
            best[target] = (place, value)
        levels[target] = place.rank[0]
    return best
