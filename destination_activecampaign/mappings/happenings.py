"""What events and visits share: whose they are, when they happened, which message brought them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.columns import Cell, Columns
from destination_activecampaign.mappings.emails import check_email
from destination_activecampaign.mappings.names import IGNORE, Target, input_finder, normalise
from destination_activecampaign.mappings.outcome import PartRefused
from destination_activecampaign.mappings.placement import CONTEXT_TRAITS, NARROW, TRAITS
from destination_activecampaign.mappings.values import InvalidValue, read_iso, to_text
from destination_activecampaign.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.mappings.base import StreamColumns, StreamShape

DAY_SECONDS = 86_400

_INPUTS = ("email", "userId", "messageId", "id", "timestamp", "originalTimestamp", "sentAt", "receivedAt")
_PERSON: frozenset[Target] = frozenset({"email", "userId"})
_NARROW = {**NARROW, TRAITS: _PERSON, CONTEXT_TRAITS: _PERSON}
"""Traits say whose an event is, nothing else about it."""

_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")

# Bare numbers are read as seconds or, from here on, milliseconds.
_MILLISECONDS_FROM = 1e11
_YEAR_2100 = 4_102_444_800


@dataclass(frozen=True, slots=True)
class Happening:
    """Whose and when. `time`: epoch seconds, None where the row has no time that can be read; `refused`: what was left out."""

    email: str | None
    user_id: str | None
    message_id: str | None
    time: float | None
    refused: tuple[PartRefused, ...]


class HappeningColumns:
    """The columns of one stream of events or visits. `inputs`: what the mapping takes besides the shared ones."""

    def __init__(self, shape: StreamShape, inputs: tuple[str, ...], rules: StreamColumns, mapping: str) -> None:
        self._inputs = {normalise(name): name for name in (*_INPUTS, *inputs)}
        self._stream = shape.label
        self._mapping = mapping
        self.columns = Columns(shape, input_finder(self._inputs.values()), self._resolve, str, rules, narrow=_NARROW)
        # In Segment's tables `id` is the message's; elsewhere it may be anyone's.
        self._id_is_message = {"id", "sentat", "receivedat"} <= {normalise(name) for name in shape.properties}
        self.unused = tuple(self.columns.unmatched)
        """Declared columns that no input takes, those of nested objects with their path."""

    def __contains__(self, target: Target) -> bool:
        """Whether a known column feeds *target*."""
        return target in self.columns

    @property
    def timed(self) -> bool:
        """Whether a known column, or a constant, tells when a row happened."""
        return any(target in self.columns for target in _TIMES)

    def listed(self) -> Iterator[tuple[str, str]]:
        """Yield (column, input), as far as columns are known."""
        for column, target in self.columns:
            if target != "id" or self._id_is_message:
                yield column, "messageId" if target == "id" else str(target)

    def read(self, found: dict[Target, Cell]) -> Happening:
        """Return whose and when. Raises RecordRejected: `contact_key_missing`, `email_invalid`."""
        cell = found.get("email")
        email = check_email(cell[1], cell[0].column) if cell is not None and cell[1] is not None else None
        refused: list[PartRefused] = []
        user_id = text_of(found, "userId", refused)
        if email is None and user_id is None:
            raise RecordRejected(
                "contact_key_missing",
                self.columns.source("email"),
                "The row has neither an email nor a user id. Map a column to one of them.",
            )
        message_id = text_of(found, "messageId", refused)
        if message_id is None and self._id_is_message:
            message_id = text_of(found, "id", refused)
        return Happening(email, user_id, message_id, _time(found, refused), tuple(refused))

    def _resolve(self, target: str) -> Target | None:
        plain = normalise(target)
        if plain == IGNORE:
            return None
        if plain not in self._inputs:
            raise ConfigError(
                f"mappings, stream {self._stream}: {self._mapping} has no input {target}"
                f"{meant(target, self._inputs.values(), normalise)}. "
                f"Use one of {', '.join(self._inputs.values())}, or ignore."
            )
        return self._inputs[plain]


class HappeningMapping:
    """What the mappings to events and to visits have in common: what is known of their streams' columns."""

    def __init__(self, happenings: HappeningColumns) -> None:
        self._happenings = happenings

    @property
    def unmatched(self) -> dict[str, int]:
        """Nothing: columns that have no place may be an event's properties, and no field could take them."""
        return {}

    @property
    def timed(self) -> bool:
        """Whether a known column tells when its rows happened."""
        return self._happenings.timed

    @property
    def unused(self) -> tuple[str, ...]:
        """Declared columns that no input takes."""
        return self._happenings.unused

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (column, input), as far as columns are known."""
        return self._happenings.listed()

    def feeds(self, target: Target) -> bool:
        """Whether a known column feeds *target*."""
        return target in self._happenings


def is_old(time: float | None, days: float, now: float) -> bool:
    """Whether a row is older than *days* (0: never); one without a time is never."""
    return days > 0 and time is not None and time < now - days * DAY_SECONDS


def text_of(found: dict[Target, Cell], key: str, refused: list[PartRefused] | None = None) -> str | None:
    """Return an input as trimmed text; None where it is null, or is no text, which *refused* then tells."""
    cell = found.get(key)
    if cell is None or cell[1] is None:
        return None
    try:
        return (to_text(cell[1]) or "").strip() or None
    except InvalidValue as wrong:
        if refused is not None:
            refused.append(_left_out(cell[0].column, key, str(wrong)))
        return None


def _left_out(column: str, key: str, why: str) -> PartRefused:
    return PartRefused(
        "invalid_value", column, f"Column {column} does not fit {key}: {why}. The rest is sent without it."
    )


def utc_text(time: float) -> str:
    """Return epoch seconds as ISO-8601 in UTC, to the second."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(found: dict[Target, Cell], refused: list[PartRefused]) -> float | None:
    """Return the first readable time of a row, as epoch seconds; where none is, *refused* tells the first."""
    unreadable: PartRefused | None = None
    for key in _TIMES:
        cell = found.get(key)
        if cell is None or cell[1] is None:
            continue
        seconds = _seconds(cell[1])
        # What is outside is a placeholder, not the time of an event.
        if seconds is not None and 0 < seconds < _YEAR_2100:
            return seconds
        if seconds is None and unreadable is None:
            unreadable = _left_out(cell[0].column, key, "it is no date and time, nor seconds since 1970")
    if unreadable is not None:
        refused.append(unreadable)
    return None


def _seconds(value: Any) -> float | None:
    """Return epoch seconds; None for what is no time at all."""
    if isinstance(value, str):
        moment = read_iso(value)
        return moment.timestamp() if moment else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = min(value, _YEAR_2100 * 1000)  # there are integers that are no float
        return value / 1000 if value >= _MILLISECONDS_FROM else float(max(value, 0))
    return None
