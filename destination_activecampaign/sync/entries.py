"""What the loop moves about: source rows that are not settled yet, and the entries they are sent in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from destination_activecampaign.mappings.base import MappedEvent, MappedVisit
from destination_activecampaign.mappings.contact import ContactChange, Removal
from destination_activecampaign.mappings.lookups import Contact
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Skipped
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
    """One row's share of an entry. `if_missing`: how it ends where the contact does not exist, None if it may create it."""

    row: Row
    change: ContactChange
    if_missing: Rejected | Skipped | None = None
    refused: tuple[PartRefused, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """What comes before all else that a row asks for: the contact of its user gets the row's email.

    `before`: the email that it has; None where it is only to be seen whose the email is. `may_change`: whether the email
    may be changed at all. `done(result)`: called with the email once it is that contact's, or with what kept it from that.
    """

    user_id: str
    before: str | None
    may_change: bool
    done: Callable[[Contact | Rejected], None]


@dataclass(slots=True, eq=False)
class ContactEntry:
    """All that waits to be written to one contact, folded from one or more rows.

    `place`: a number that is larger for what came later. `move`: the change of email that comes first; `moved`: it was
    made. `batched`: it waits in the batcher, which tallies its size. `sent`: no row can join any more. `subscribes`: whether
    its import asks for its subscriptions; False once an import refused the contact with them. `ended(outcome)`: called
    when it is settled.
    """

    email: str
    parts: list[Part]
    change: ContactChange
    size: int
    place: int
    move: Move | None = None
    moved: bool = False
    batched: bool = False
    sent: bool = False
    subscribes: bool = True
    refused: list[PartRefused] = field(default_factory=list)
    ended: Callable[[Outcome], None] | None = None

    @property
    def must_exist(self) -> bool:
        """Whether none of its rows may create the contact."""
        return all(part.if_missing is not None for part in self.parts)

    @property
    def emails(self) -> tuple[str, ...]:
        """Whose queues it stands in: its own, and that of the email which the contact has before it moves."""
        return (self.email,) if self.move is None or self.move.before is None else (self.email, self.move.before)

    @property
    def moves(self) -> bool:
        """Whether its contact's email is still to be changed."""
        return self.move is not None and not self.moved

    def takes_from(self, email: str) -> bool:
        """Whether afterwards nobody has *email*: its contact moves or is deleted, so events of it must be sent before."""
        moves = self.move is not None and self.move.before == email
        return moves or (self.change.removal is Removal.DELETE and self.email == email)

    @property
    def alone(self) -> bool:
        """Whether no row joins it."""
        return self.move is not None or self.change.removal is not None


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
