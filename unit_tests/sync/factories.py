"""Rows, changes and entries, with what a test is not about filled in."""

from __future__ import annotations

from typing import Any

from destination_activecampaign.mappings.base import MappedContact, MappedEvent
from destination_activecampaign.mappings.contact import ContactChange, FieldValue, Membership, TagChange
from destination_activecampaign.mappings.whose import NAME_REQUIRED
from destination_activecampaign.sync.checkpoints import Segment, StreamId
from destination_activecampaign.sync.entries import ContactEntry, Part, Row

STREAM: StreamId = (None, "people")
ADA = "ada@example.com"


def a_row(number: int = 1, stream: StreamId = STREAM, size: int = 10, segment: Segment | None = None) -> Row:
    """Return a row that is not settled."""
    return Row(stream, number, segment or Segment(pending=1), size)


def a_change(
    email: str = ADA,
    *,
    name: str | None = "zqx-Ada",
    fields: dict[int, FieldValue] | None = None,
    tags: TagChange | None = None,
    lists: dict[int, Membership] | None = None,
) -> ContactChange:
    """Return a change."""
    basics: dict[str, FieldValue] = {} if name is None else {"firstName": name}
    return ContactChange(email, basics, fields or {}, tags or TagChange(), lists or {}, 10)


def a_contact(
    email: str = ADA, *, must_exist: bool = False, user_id: str | None = None, **change: Any
) -> MappedContact:
    """Return a row's contact; one that must exist has no name."""
    if must_exist:
        change.setdefault("name", None)
    return MappedContact(a_change(email, **change), (), NAME_REQUIRED if must_exist else None, user_id)


def an_event(email: str | None = ADA, *, user_id: str | None = None, name: str = "zqx-Order") -> MappedEvent:
    """Return a row's event."""
    return MappedEvent(email, user_id, name, "", None, None)


def an_entry(email: str = ADA, size: int = 100, *, must_exist: bool = False) -> ContactEntry:
    """Return an entry of one row."""
    change = a_change(email)
    return ContactEntry(email, [Part(a_row(), change, NAME_REQUIRED if must_exist else None)], change, size, 1)
