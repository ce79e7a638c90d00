"""How many automations would have started. An account's real automations are not emulated.

A change starts one only where something really changed: a tag that is there already or the same value start none.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

Kind = Literal[
    "contact_created",
    "field_changed",
    "tag_added",
    "tag_removed",
    "list_subscribed",
    "list_unsubscribed",
    "event",
]
KINDS: Final[tuple[Kind, ...]] = (
    "contact_created",
    "field_changed",
    "tag_added",
    "tag_removed",
    "list_subscribed",
    "list_unsubscribed",
    "event",
)
Starts = Counter[Kind]


class Automations:
    """Starts by kind; those that an import kept from starting with `exclude_automations` are counted apart."""

    def __init__(self) -> None:
        self.fired: Starts = Counter()
        self.excluded: Starts = Counter()

    def summary(self) -> dict[str, dict[str, int]]:
        """Give both counts with every kind."""
        return {
            "fired": {kind: self.fired[kind] for kind in KINDS},
            "excluded": {kind: self.excluded[kind] for kind in KINDS},
        }
