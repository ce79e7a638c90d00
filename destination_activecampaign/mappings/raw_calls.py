"""raw_calls: a stream of Segment's own calls, where each row says by `type` which mapping it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import ColumnRule, Mapped, StreamColumns, StreamShape
from destination_activecampaign.mappings.names import IGNORE, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from destination_activecampaign.mappings.identify import Identify
    from destination_activecampaign.mappings.page import Page
    from destination_activecampaign.mappings.track import Track

_CALL_COLUMNS = frozenset(
    {"type", "messageid", "anonymousid", "event", "timestamp", "originaltimestamp", "sentat", "receivedat"}
)


class RawCalls:
    """Hands each row to the mapping of its call."""

    name = "raw_calls"

    def __init__(self, shape: StreamShape, identify: Identify, track: Track, page: Page) -> None:
        self._by_type = {mapping.name: mapping for mapping in (identify, track, page)}
        self._identify = identify
        self._type = next((column for column in shape.properties if normalise(column) == "type"), "type")

    @property
    def notes(self) -> list[str]:
        """What the plan's reader should know."""
        return list(dict.fromkeys(note for mapping in self._by_type.values() for note in mapping.notes))

    @property
    def unmatched(self) -> dict[str, int]:
        """Column → rows with a value in it that match no field, of identify calls."""
        return self._identify.unmatched

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (column, where it goes) of all three mappings, as far as columns are known."""
        for name, mapping in self._by_type.items():
            for column, target in mapping.columns():
                yield column, f"{name} {target}"

    def map(self, row: dict[str, Any], now: float = 0.0, /) -> Mapped:
        """Map one row at *now* (epoch seconds). Raises RecordRejected."""
        called = row.get(self._type)
        mapping = self._by_type.get(called.strip().lower()) if isinstance(called, str) else None
        if mapping is None:
            raise RecordRejected(
                "call_type_unsupported",
                self._type,
                "Only identify, track and page calls have a place in ActiveCampaign.",
            )
        return mapping.map(row, now)


def without_call_columns(shape: StreamShape, rules: StreamColumns) -> StreamColumns:
    """Return *rules* by which identify leaves a call's own columns alone: they are no traits."""
    named = {rule.column for rule in rules.rules}
    own = (column for column in shape.properties if normalise(column) in _CALL_COLUMNS and column not in named)
    return StreamColumns((*rules.rules, *(ColumnRule(column, IGNORE) for column in own)), rules.constants)
