"""What one or more rows change about one contact, and how a later row's change joins an earlier one's.

Nothing here knows how a change is sent: see `contact_import` and `contact_single`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias


class Clear(Enum):
    """The one value that empties a field."""

    CLEAR = "clear"


CLEAR = Clear.CLEAR

FieldValue: TypeAlias = str | Clear


class Membership(Enum):
    """What a row asks of a list; the values are ActiveCampaign's `contactList.status` (documented)."""

    SUBSCRIBE = 1
    UNSUBSCRIBE = 2


class Removal(Enum):
    """What a soft delete does to a contact."""

    UNSUBSCRIBE_ALL = "unsubscribe"
    DELETE = "delete_contact"


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags to set: all others go when `reset`; `removed` go; `added` come. Keys: lower-case names; values: spelling.

    Within one change `added` wins over `removed`: a row's tags are applied after what it removes.
    """

    reset: bool = False
    removed: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)

    def then(self, later: TagChange) -> TagChange:
        """Return the one change that equals this one followed by *later*."""
        if later.reset:
            return later
        removed = {key: name for key, name in {**self.removed, **later.removed}.items() if key not in later.added}
        kept = {key: name for key, name in self.added.items() if key not in later.removed}
        return TagChange(self.reset, removed, {**kept, **later.added})

    @property
    def takes_away(self) -> bool:
        """Whether anything must be removed, which no import can do."""
        return self.reset or bool(self.removed)


NO_TAGS = TagChange()


@dataclass(frozen=True, slots=True)
class ContactChange:
    """A change to the contact with this email.

    `email`: trimmed, lower case. `basics`: `firstName`, `lastName`, `phone` → text or CLEAR. `fields`: custom field id →
    text as ActiveCampaign stores it, or CLEAR. `lists`: list id → what is asked. Keys that are absent stay untouched.
    `size`: bytes of the contact in an import's body, an upper estimate. `removal`: what a soft delete asks for that no
    import can do; such a change has nothing else in it and joins no other.
    """

    email: str
    basics: dict[str, FieldValue]
    fields: dict[int, FieldValue]
    tags: TagChange
    lists: dict[int, Membership]
    size: int
    removal: Removal | None = None

    @property
    def named(self) -> bool:
        """Whether it has a first or last name: Segment's rule for creating a contact."""
        return any(isinstance(self.basics.get(key), str) for key in ("firstName", "lastName"))

    @property
    def cleared(self) -> bool:
        """Whether a value is emptied, which no import is known to do."""
        return CLEAR in self.basics.values() or CLEAR in self.fields.values()

    def then(self, later: ContactChange, resubscribe: frozenset[int]) -> ContactChange:
        """Return the one change that equals this one followed by *later*.

        An unsubscribe sticks: no later subscribe undoes it, as an import would not, unless the list is in *resubscribe*.
        """
        lists = dict(self.lists)
        for list_id, asked in later.lists.items():
            if lists.get(list_id) is not Membership.UNSUBSCRIBE or list_id in resubscribe:
                lists[list_id] = asked
        return ContactChange(
            later.email,
            {**self.basics, **later.basics},
            {**self.fields, **later.fields},
            self.tags.then(later.tags),
            lists,
            self.size + later.size,
        )
