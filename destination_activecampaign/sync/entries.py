"""What the loop moves about: source rows that are not settled yet, and the entries they are sent in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from destination_activecampaign.mappings.base import MappedEvent, MappedVisit
from destination_activecampaign.mappings.contact import ContactChange
from destination_activecampaign.mappings.outcome import PartRefused
from destination_activecampaign.sync.checkpoints import Segment, StreamId


@dataclass(slots=True, eq=False)
class Row:
    """A source row until it is settled.

    `number`: its place in its stream, from 1; `size`: bytes it holds in the window; `raw`: the line, kept only where
    refused rows are stored.
    """

    stream: StreamId
    number: int
    segment: Segment
    size: int
    raw: bytes = b""


@dataclass(slots=True, eq=False)
class Part:
    """One row's share of an entry. `must_exist`: the row by itself could not create the contact."""

    row: Row
    change: ContactChange
    must_exist: bool
    refused: tuple[PartRefused, ...] = ()


@dataclass(slots=True, eq=False)
class ContactEntry:
    """All that waits to be written to one contact, folded from one or more rows.

    `must_exist`: update only, never create. `place`: its place in the email's queue. `batched`: it waits in the batcher,
    which tallies its size. `sent`: no row can join any more.
    `subscribes`: whether its import asks for its subscriptions; False once an import refused the contact with them.
    """

    email: str
    parts: list[Part]
    change: ContactChange
    size: int
    must_exist: bool
    place: int
    batched: bool = False
    sent: bool = False
    subscribes: bool = True
    refused: list[PartRefused] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class EventEntry:
    """An event or a visit.

    `after`: the place in the email's queue up to which contact rows must be settled first; `contact_known`: whether its
    contact is known to exist; `freed`: whether it was handed out to be sent, which happens once.
    """

    email: str
    row: Row
    event: MappedEvent | MappedVisit
    after: int = 0
    contact_known: bool = False
    freed: bool = False


Entry: TypeAlias = ContactEntry | EventEntry
