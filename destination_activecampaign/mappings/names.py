"""How columns, inputs and custom fields are compared by name, and how a list of them is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Target: TypeAlias = str | int
"""An input of the mapping by name, or a custom field by id."""

IGNORE = "ignore"
"""What a mapping entry calls nowhere."""

SHOWN_NAMES = 20
"""Names that a list in the log shows."""


def listed(names: Sequence[str]) -> str:
    """Return names as one text, a long list cut short."""
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def quoted(name: str) -> str:
    """Return a name in quotes where a list would hide it: it is empty, or has spaces or commas."""
    plain = name and not any(character.isspace() or character == "," for character in name)
    return name if plain else json.dumps(name, ensure_ascii=False)


def nowhere(columns: Sequence[str], where: str = "") -> str:
    """Return what is told of columns that nothing takes. `where`: in which rows, if not in all."""
    counted = "1 column goes" if len(columns) == 1 else f"{len(columns)} columns go"
    return f"{counted} nowhere{where}: {listed(list(map(quoted, columns)))}"


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
