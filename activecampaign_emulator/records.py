"""What an account holds: one small class per ActiveCampaign object, with no logic of its own.

Times are seconds since the epoch. `slots` keep a million contacts within memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

STATUS_UNCONFIRMED: Final = 0
STATUS_ACTIVE: Final = 1
STATUS_UNSUBSCRIBED: Final = 2
STATUS_BOUNCED: Final = 3


@dataclass(slots=True, eq=False)
class FieldValue:
    """The value of one field of one contact (`fieldValue`)."""

    id: int
    contact: int
    field: int
    value: str
    created: float
    updated: float


@dataclass(slots=True, eq=False)
class ContactTag:
    """A tag on a contact (`contactTag`)."""

    id: int
    contact: int
    tag: int
    created: float


@dataclass(slots=True, eq=False)
class Membership:
    """A contact on a list (`contactList`)."""

    id: int
    contact: int
    list: int
    status: int
    created: float
    updated: float


@dataclass(slots=True, eq=False)
class Contact:
    """A contact with its tags by tag id, its values by field id and its memberships by list id."""

    id: int
    email: str
    first_name: str
    last_name: str
    phone: str
    created: float
    updated: float
    tags: dict[int, ContactTag] = field(default_factory=dict)
    values: dict[int, FieldValue] = field(default_factory=dict)
    lists: dict[int, Membership] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Tag:
    """A tag; one with an empty type exists but is hidden from lists."""

    id: int
    name: str
    tag_type: str
    description: str
    created: float
    contacts: int = 0


@dataclass(slots=True, eq=False)
class FieldOption:
    """One choice of a dropdown, radio, listbox or checkbox field."""

    id: int
    field: int
    value: str
    label: str
    order: int
    is_default: int
    created: float


@dataclass(slots=True, eq=False)
class FieldRel:
    """The list that a field belongs to; `relid` 0 is every list."""

    id: int
    field: int
    relid: int
    created: float


@dataclass(slots=True, eq=False)
class Field:
    """A custom field; `settings` are the keys that the account only stores and gives back."""

    id: int
    title: str
    type: str
    perstag: str
    created: float
    updated: float
    settings: dict[str, str | None] = field(default_factory=dict)
    options: list[FieldOption] = field(default_factory=list)
    rels: list[FieldRel] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class MailingList:
    """A list; `settings` are the keys that the account only stores and gives back."""

    id: int
    name: str
    stringid: str
    created: float
    updated: float
    settings: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class TrackingLog:
    """A tracked event (`kind` "event": its name and data) or a site visit ("visit": its URL and referrer)."""

    kind: str
    name: str
    value: str
    time: float
    id: int = 0


@dataclass(slots=True, eq=False)
class UrlWhitelisting:
    """A domain of the newer whitelist of site tracking."""

    id: int
    domain: str
    page: str
    tracking_enabled: bool
