"""How columns, inputs and custom fields are compared by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

Target: TypeAlias = str | int
"""An input of the mapping by name, or a custom field by id."""

IGNORE = "ignore"
"""What a mapping entry calls nowhere."""


def normalise(name: str) -> str:
    """Return letters and digits only, lower case: `FIRST_NAME`, `firstName` and `first name` are alike."""
    return "".join(filter(str.isalnum, name)).lower()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a name belongs. `exact`: it is the target's own spelling; `silent`: not told although nothing takes it."""

    target: Target | None = None
    exact: bool = False
    silent: bool = False


UNMATCHED = Match()

Finder: TypeAlias = Callable[[str], Match]


def input_finder(inputs: Iterable[str]) -> Finder:
    """Return what finds a mapping's own inputs by name."""
    known = {normalise(spelling): spelling for spelling in inputs}

    def find(name: str) -> Match:
        target = known.get(normalise(name))
        return Match(target, exact=name == target) if target else UNMATCHED

    return find
