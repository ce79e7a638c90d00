"""What an account holds, as values: custom fields, lists, tags. Reading them is `directory`'s."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field of contacts.

    `perstag`: upper case, without `%`; `options`: the values it accepts, in the account's spelling.
    """

    id: int
    title: str
    type: str
    perstag: str
    options: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class ContactList:
    """A list that contacts subscribe to."""

    id: int
    name: str
    stringid: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything a mapping looks up by name.

    `tags`: lower-case name → the account's spelling (contact tags only); `tag_ids`: tag id → lower-case name.
    """

    fields: tuple[Field, ...] = ()
    lists: tuple[ContactList, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    tag_ids: dict[int, str] = field(default_factory=dict)
