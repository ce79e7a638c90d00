"""Reads a row by target: which column goes where is decided once per column, and then only looked up.

Nested `traits`, `context.traits`, `properties` and their warehouse forms (`context_traits_email`) are read as if they
were flat, the top level first. What a target does with a value is the mappings' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import NO_RULES, StreamColumns, StreamShape
from destination_activecampaign.mappings.names import Finder, Target, normalise
from destination_activecampaign.mappings.placement import (
    NARROW,
    PATHS,
    PROPERTIES,
    TOP,
    Level,
    Place,
    Placement,
    Resolve,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Cell: TypeAlias = tuple[Place, Any]
"""A value and its column; blank text is None."""

NESTED_PROPERTIES = "{properties}"
"""The target under which the nested object `properties` itself is found."""

MAX_NAMES = 2_000
"""Different names remembered on one level: nested objects may use values as keys."""


class Columns:
    """The columns of one stream, from its schema and, lazily, from what rows hold.

    `opaque`: the schema has a nested object and does not say what is in it. `open_objects`: the paths of those, and of
    nested objects that may hold more than it says. `known`: the values that it declares, with their path; `absent`:
    columns that a mapping entry names and it does not.
    """

    def __init__(
        self,
        shape: StreamShape,
        find: Finder,
        resolve: Resolve,
        describe: Callable[[Target], str],
        settings: StreamColumns = NO_RULES,
        *,
        narrow: Mapping[int, frozenset[Target]] = NARROW,
    ) -> None:
        self._placement = Placement(find, resolve, describe, settings, narrow=narrow)
        self._describe = describe
        self._constants = self._placement.constants
        self._places: dict[Target, list[Place]] = {target: [cell[0]] for target, cell in self._constants.items()}
        self._more = Place("(more columns)", "")
        self._levels = [Level(number) for number in range(len(PATHS))]
        self._top = self._levels[TOP]
        self.opaque = False
        self.open_objects: list[str] = []
        self._read_schema(self._top, shape.properties)
        places = [place for level in self._levels for place in level.places.values()]
        self.known = [place.column for place in places if place.inside is None]
        self.absent = self._placement.unused_rules

    def __contains__(self, target: Target) -> bool:
        """Whether a known column or a constant feeds *target*."""
        return target in self._places

    def __iter__(self) -> Iterator[tuple[str, Target]]:
        """Iterate over (column, target) of all known columns that feed one, in the order in which they were found."""
        for target, places in self._places.items():
            for place in places:
                yield place.column, target

    def source(self, target: Target) -> str:
        """Return the column of *target* as messages name it, also one that only a mapping entry names so far."""
        places = self._places.get(target)
        return places[0].column if places else self._placement.rule_for(target) or self._describe(target)

    @property
    def notes(self) -> list[str]:
        """What was decided that the user may not expect."""
        return self._placement.notes

    @property
    def nested_properties(self) -> str | None:
        """The column that holds the nested object `properties`, None where no known one does."""
        return next((name for name, place in self._top.places.items() if place.inside == PROPERTIES), None)

    @property
    def constants(self) -> frozenset[Target]:
        """The targets that have a constant."""
        return frozenset(self._constants)

    @property
    def unmatched(self) -> dict[str, int]:
        """Column → rows with a value in it, for columns that nothing takes; declared ones are there with 0."""
        counts: dict[str, int] = {}
        for level in self._levels:
            for place in level.places.values():
                if place.target is None and not place.silent and (place.inside is None or place.rows):
                    counts[place.column] = place.rows
        if self._more.rows:
            counts[self._more.column] = self._more.rows
        return counts

    def read(self, row: dict[str, Any]) -> dict[Target, Cell]:
        """Return target → cell. Raises RecordRejected for nested objects that cannot be read (`traits_unreadable`)."""
        found: dict[Target, Cell] = {**self._constants}
        contests: list[Cell] = []
        self._take(self._top, row, found, contests)
        if contests:
            found |= _settled(contests)
        return found

    def rest(self, row: dict[str, Any], also: frozenset[Target]) -> dict[str, Any]:
        """Return the row's own columns that nothing takes, or whose target is in *also*, by their bare names."""
        places = self._top.places
        rest: dict[str, Any] = {}
        for name, value in row.items():
            if value is None:
                continue
            place = places.get(name) or self._placement.place(self._top, name)  # beyond MAX_NAMES none is remembered
            if place.silent or place.inside is not None:
                continue
            if place.target is None or place.target in also:
                rest[place.bare] = value
        return rest

    def _take(self, level: Level, values: dict[str, Any], found: dict[Target, Cell], contests: list[Cell]) -> None:
        """Sort the values of one object into *found*, and into *contests* where columns share a target."""
        places = level.places
        for name, given in values.items():
            place = places.get(name) or self._learn(level, name)
            value = None if given.__class__ is str and (not given or given.isspace()) else given
            target = place.target
            if target is not None:
                if place.contested:
                    contests.append((place, value))
                else:
                    found[target] = (place, value)
            elif value is not None:
                nested = _opened(place, value) if place.inside is not None else None
                if nested is None or place.inside is None:
                    place.rows += 1
                    continue
                if place.inside == PROPERTIES:
                    found[NESTED_PROPERTIES] = (place, nested)
                self._take(self._levels[place.inside], nested, found, contests)

    def _read_schema(self, level: Level, properties: dict[str, Any]) -> None:
        for name, schema in properties.items():
            place = self._learn(level, name)
            if place.inside is None:
                continue
            says = schema if isinstance(schema, dict) else {}
            declared = says.get("properties")
            if isinstance(declared, dict) and declared:
                self._read_schema(self._levels[place.inside], declared)
            else:
                self.opaque, declared = True, None
            if declared is None or says.get("additionalProperties"):
                self.open_objects.append(PATHS[place.inside].removesuffix("."))

    def _learn(self, level: Level, name: str) -> Place:
        """Decide about a column that is seen for the first time."""
        place = self._placement.place(level, name)
        if place.target is not None:
            self._join(place, place.target)
        elif len(level.places) >= MAX_NAMES and place.inside is None:
            return self._more
        level.places[name] = place
        return place

    def _join(self, place: Place, target: Target) -> None:
        """Count *place* among the columns of its target; two of one level are told."""
        others = self._places.setdefault(target, [])
        others.append(place)
        if len(others) == 1:
            return
        for other in others:
            other.contested = True
        alike = sorted((other for other in others if other.rank[0] == place.rank[0]), key=lambda other: other.rank)
        if len(alike) > 1:
            names = " and ".join(other.column for other in alike)
            self._placement.say(f"columns {names} go to {self._describe(target)} alike: {alike[0].column} is used")


def _opened(place: Place, value: Any) -> dict[str, Any] | None:
    """Return a nested object, which may be JSON text; None for anything else."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = orjson.loads(value)
        except ValueError:
            raise RecordRejected(
                f"{normalise(place.column)}_unreadable",
                place.column,
                f"Column {place.column} begins like JSON and is not. Correct it at the source, or ignore the column.",
            ) from None
    return value if isinstance(value, dict) else None


def _settled(contests: list[Cell]) -> dict[Target, Cell]:
    """Return the one cell of each contested target: of the first level that is not null, the best spelling."""
    best: dict[Target, Cell] = {}
    levels: dict[Target, int] = {}
    contests.sort(key=lambda cell: cell[0].rank)
    for place, value in contests:
        target, level = place.target, place.rank[0]
        if target is None:
            continue
        if target not in best or (levels[target] != level and best[target][1] is None):
            best[target] = (place, value)
        levels[target] = level
    return best
