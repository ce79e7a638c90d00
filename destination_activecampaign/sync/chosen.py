"""Which mapping each stream of a catalog has, as a value. How it is chosen is not decided here: see `choice`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from destination_activecampaign.mappings.base import NO_RULES, MatchingKey, Operation, StreamColumns, StreamShape

Kind: TypeAlias = Literal["identify", "track", "page", "raw_calls", "ignore"]

BY_ENTRY = "setting mappings"
"""How a stream was chosen about which an entry of `mappings` decides."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mapping of one stream, and what the settings say about its columns. `how`: by which rule it was chosen.

    `operation`, `key`: what rows do to contacts, and by what they name them.
    """

    shape: StreamShape
    kind: Kind
    how: str
    rules: StreamColumns = NO_RULES
    operation: Operation = "upsert"
    key: MatchingKey = "email"


@dataclass(frozen=True, slots=True)
class Choices:
    """All streams of a catalog, each with its mapping.

    `warnings`: what of the entries is likely a mistake; `notes`: what to know about them.
    """

    streams: tuple[Chosen, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[Kind]:
        """The mappings in use: what must be read of the account follows from them."""
        return frozenset(chosen.kind for chosen in self.streams)

    @property
    def contacts(self) -> bool:
        """Whether any row may change a contact."""
        return bool(self.kinds & {"identify", "raw_calls"})

    @property
    def events(self) -> bool:
        """Whether any row may be an event."""
        return bool(self.kinds & {"track", "raw_calls"})

    @property
    def visits(self) -> bool:
        """Whether any row may be a page view."""
        return bool(self.kinds & {"page", "raw_calls"})
