"""What all mappings share: the stream they read, the settings of one stream, and what a row becomes.

How a row is read is each mapping's own: see `identify`, `track`, `page` and `raw_calls`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from destination_activecampaign.api.account import Directory
from destination_activecampaign.mappings.outcome import PartRefused, Rejected, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.mappings.contact import ContactChange

Account: TypeAlias = Directory
"""What an account holds; `sync` knows it by this name, as it may not reach into `api`."""

Operation: TypeAlias = Literal["upsert", "update", "soft_delete"]
"""What the rows of a stream do to contacts: create or change them, only change them, take them away."""

MatchingKey: TypeAlias = Literal["email", "userId"]
"""By which input a row names its contact."""

TOO_OLD = Skipped("too_old")


@dataclass(frozen=True, slots=True)
class StreamShape:
    """A stream as the catalog declares it. `properties`: column → its JSON schema, in the schema's order."""

    name: str
    namespace: str | None
    properties: dict[str, Any]

    @property
    def label(self) -> str:
        """The stream as messages name it."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """`column` (exact, or by normalised name; `traits.plan` for a nested one) goes to `field`, `ignore` for nowhere."""

    column: str
    field: str


@dataclass(frozen=True, slots=True)
class StreamColumns:
    """What the settings say about one stream's columns. `constants`: (target, a value that every row has)."""

    rules: tuple[ColumnRule, ...] = ()
    constants: tuple[tuple[str, str], ...] = ()


NO_RULES = StreamColumns()


@dataclass(frozen=True, slots=True)
class MappedContact:
    """A row that changes a contact.

    `if_missing`: how it ends where that contact does not exist; None where it may create it. `by_user_id`: its contact is
    the one that has `user_id`; `change.email`, which may be empty then, is what that contact's email is to be.
    """

    change: ContactChange
    refused: tuple[PartRefused, ...]
    if_missing: Rejected | Skipped | None
    user_id: str | None
    operation: Operation = "upsert"
    by_user_id: bool = False

    @property
    def must_exist(self) -> bool:
        """Whether it may update a contact, never create one."""
        return self.if_missing is not None


@dataclass(frozen=True, slots=True)
class MappedEvent:
    """A row that is an event. `email` before `user_id`, one is set. `time`: epoch seconds at which it happened."""

    email: str | None
    user_id: str | None
    event: str
    value: str
    message_id: str | None
    time: float | None
    refused: tuple[PartRefused, ...] = ()
    kind: Literal["event"] = "event"


@dataclass(frozen=True, slots=True)
class MappedVisit:
    """A row that is a page view. `domain`: the url's host, lower case, without its port. `time`: epoch seconds."""

    email: str | None
    user_id: str | None
    url: str
    referrer: str
    message_id: str | None
    time: float | None
    domain: str
    refused: tuple[PartRefused, ...] = ()
    kind: Literal["visit"] = "visit"


Mapped: TypeAlias = MappedContact | MappedEvent | MappedVisit | Skipped


class Mapping(Protocol):
    """Turns one stream's rows into what is sent."""

    @property
    def name(self) -> str:
        """The mapping as the setting `mappings` writes it."""

    @property
    def notes(self) -> list[str]:
        """What the plan's reader should know; grows while rows are read."""

    @property
    def unmatched(self) -> dict[str, int]:
        """Column → rows that held a value in it which nothing takes; declared columns are there with 0."""

    def map(self, row: dict[str, Any], now: float = 0.0, /) -> Mapped:
        """Map one row at *now* (epoch seconds, used only to tell what is too old). Raises RecordRejected."""

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (column, where it goes), as far as columns are known."""


class NewTags:
    """Counts the tags that a whole sync would create: one wrong column must not flood an account."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._names: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many new tags there are so far."""
        return len(self._names)

    def admit(self, key: str, name: str) -> str | None:
        """Return the spelling under which tag *key* (lower case) is made, None when there are too many already."""
        known = self._names.get(key)
        if known is not None:
            return known
        if len(self._names) >= self._limit:
            return None
        self._names[key] = name
        return name
