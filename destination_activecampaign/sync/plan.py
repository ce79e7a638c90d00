"""Which mapping each stream takes, decided from the catalog and the settings before the first row is read.

How a mapping reads a row is its own affair: see `mappings`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import Account, Mapping, NewTags, StreamShape
from destination_activecampaign.mappings.identify import Identify, IdentifySettings
from destination_activecampaign.mappings.page import Page, PageSettings
from destination_activecampaign.mappings.raw_calls import RawCalls, without_call_columns
from destination_activecampaign.mappings.track import Track, TrackSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from destination_activecampaign.sync.checkpoints import StreamId
    from destination_activecampaign.sync.choice import Choices, Chosen

SHOWN_COLUMNS = 20
"""Unmatched columns that one line of the plan names."""


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """The settings of the three mappings."""

    identify: IdentifySettings = field(default_factory=IdentifySettings)
    track: TrackSettings = field(default_factory=TrackSettings)
    page: PageSettings = field(default_factory=PageSettings)


@dataclass(frozen=True, slots=True)
class PlannedStream:
    """A stream and its mapping, None where it is ignored. `how`: by which rule it was chosen."""

    stream: StreamId
    shape: StreamShape
    mapping: Mapping | None
    how: str


class Plan:
    """What happens to each stream. `notes`: what is not about one stream."""

    def __init__(self, streams: Iterable[PlannedStream], notes: tuple[str, ...] = ()) -> None:
        self._streams = {planned.stream: planned for planned in streams}
        self._notes = notes

    def __iter__(self) -> Iterator[PlannedStream]:
        """Iterate over the streams, in the catalog's order."""
        return iter(self._streams.values())

    def stream(self, namespace: str | None, name: str) -> PlannedStream | None:
        """Return the stream's plan, None for one that is not in the catalog."""
        return self._streams.get((namespace, name))

    def lines(self) -> list[str]:
        """Return the plan for the log: stream → mapping → columns → fields, and what to know about it."""
        lines: list[str] = []
        for planned in self:
            label, mapping = planned.shape.label, planned.mapping
            if mapping is None:
                lines.append(f"{label} → ignored ({planned.how})")
                continue
            columns = ", ".join(f"{column} → {target}" for column, target in mapping.columns()) or "no column known yet"
            lines.append(f"{label} → {mapping.name} ({planned.how}): {columns}")
            unmatched = list(mapping.unmatched)
            if unmatched:
                more = ", ..." if len(unmatched) > SHOWN_COLUMNS else ""
                lines.append(f"{label}: {len(unmatched)} columns match no field: {_listed(unmatched)}{more}")
            lines.extend(f"{label}: {note}" for note in mapping.notes)
        return [*lines, *self._notes]


def build_plan(choices: Choices, directory: Account, settings: MappingSettings) -> Plan:
    """Return the plan of *choices* in an account that holds what *directory* says.

    Raises one ConfigError that tells about all streams with which something is wrong.
    """
    new_tags = NewTags(settings.identify.max_new_tags)
    planned: list[PlannedStream] = []
    wrong: list[str] = []
    for chosen in choices.streams:
        try:
            mapping = _mapping(chosen, directory, settings, new_tags)
        except ConfigError as error:
            wrong.append(error.message)
            continue
        shape = chosen.shape
        planned.append(PlannedStream((shape.namespace, shape.name), shape, mapping, chosen.how))
    if wrong:
        raise ConfigError(" ".join(dict.fromkeys(wrong)))
    return Plan(planned, choices.notes)


def _mapping(chosen: Chosen, directory: Account, settings: MappingSettings, new_tags: NewTags) -> Mapping | None:
    shape, rules = chosen.shape, chosen.rules
    match chosen.kind:
        case "identify":
            return Identify(shape, rules, directory, settings.identify, new_tags)
        case "track":
            return Track(shape, rules, settings.track)
        case "page":
            return Page(shape, rules, settings.page)
        case "raw_calls":
            return RawCalls(
                shape,
                Identify(shape, without_call_columns(shape, rules), directory, settings.identify, new_tags),
                Track(shape, rules, settings.track),
                Page(shape, rules, settings.page),
            )
        case "ignore":
            return None


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:SHOWN_COLUMNS])
