"""Which mapping each stream takes, decided from the catalog and the settings before the first row is read.

How a mapping reads a row is its own affair: see `mappings`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import (
    Account,
    Mapping,
    MatchingKey,
    NewTags,
    Operation,
    StreamColumns,
    StreamShape,
)
from destination_activecampaign.mappings.identify import Identify, IdentifySettings
from destination_activecampaign.mappings.names import listed, quoted
from destination_activecampaign.mappings.page import Page, PageSettings
from destination_activecampaign.mappings.raw_calls import RawCalls, without_call_columns
from destination_activecampaign.mappings.soft_delete import SoftDelete, SoftDeleteSettings
from destination_activecampaign.mappings.track import Track, TrackSettings
from destination_activecampaign.sync.event_times import untimed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from destination_activecampaign.sync.checkpoints import StreamId
    from destination_activecampaign.sync.chosen import Choices, Chosen

NO_FIELD = "To write them, name a field in an entry of `mappings`, or the columns in `create_missing_fields`."


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """The settings of the three mappings."""

    identify: IdentifySettings = field(default_factory=IdentifySettings)
    track: TrackSettings = field(default_factory=TrackSettings)
    page: PageSettings = field(default_factory=PageSettings)
    soft_delete: SoftDeleteSettings = field(default_factory=SoftDeleteSettings)


@dataclass(frozen=True, slots=True)
class PlannedStream:
    """A stream and its mapping, None where it is ignored. `how`: by which rule it was chosen.

    `warnings`, `notes`: what is told of it before its first row, beside its mapping's own notes.
    """

    stream: StreamId
    shape: StreamShape
    mapping: Mapping | None
    how: str
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Plan:
    """What happens to each stream. `notes`: what is not about one stream."""

    def __init__(self, streams: Iterable[PlannedStream], notes: tuple[str, ...] = ()) -> None:
        self._streams = {planned.stream: planned for planned in streams}
        self._notes = notes
        self._told: dict[StreamId, int] = {}
        # Before the first row all columns that a mapping knows are declared ones: nested ones are not in the shape.
        self._declared = {
            planned.stream: {*planned.shape.properties, *(planned.mapping.unmatched if planned.mapping else ())}
            for planned in self
        }

    def __iter__(self) -> Iterator[PlannedStream]:
        """Iterate over the streams, in the catalog's order."""
        return iter(self._streams.values())

    def stream(self, namespace: str | None, name: str) -> PlannedStream | None:
        """Return the stream's plan, None for one that is not in the catalog."""
        return self._streams.get((namespace, name))

    def lines(self) -> Iterator[str]:
        """Yield the plan for the log: stream → mapping → columns → fields, and what to know about it."""
        for planned in self:
            label, mapping = planned.shape.label, planned.mapping
            if mapping is None:
                yield f"{label} → ignored ({planned.how})"
                continue
            columns = ", ".join(f"{column} → {target}" for column, target in mapping.columns()) or "no column known yet"
            yield f"{label} → {mapping.name} ({planned.how}): {columns}"
            if mapping.unmatched:
                unmatched = [quoted(column) for column in mapping.unmatched]
                yield f"{label}: {_counted(unmatched)} no field: {listed(unmatched)}. {NO_FIELD}"
        yield from (f"{planned.shape.label}: {note}" for planned in self for note in planned.notes)
        yield from self._new_notes()
        yield from self._notes

    def warnings(self) -> Iterator[str]:
        """Yield what of the plan is likely not meant."""
        yield from (f"{planned.shape.label}: {warning}" for planned in self for warning in planned.warnings)

    def closing_lines(self) -> Iterator[str]:
        """Yield what only the rows could tell: what was noted meanwhile, and how many values no field took."""
        yield from self._new_notes()
        for planned in self:
            unmatched = planned.mapping.unmatched if planned.mapping is not None else {}
            declared = self._declared[planned.stream]
            counted = [
                f"{quoted(column)} ({rows})" for column, rows in unmatched.items() if rows and column in declared
            ]
            # Names that only rows told may be values: keys of a nested object can be anything.
            undeclared = sum(column not in declared for column in unmatched)
            if undeclared:
                what = (
                    "1 column that the schema does not declare matches"
                    if undeclared == 1
                    else (f"{undeclared} columns that the schema does not declare match")
                )
                yield f"{planned.shape.label}: {what} no field"
            if counted:
                yield f"{planned.shape.label}: {_counted(counted)} no field, with rows that had a value: {listed(counted)}"

    def _new_notes(self) -> Iterator[str]:
        """Yield each mapping's notes that were not told yet."""
        for planned in self:
            if planned.mapping is not None:
                told = self._told.get(planned.stream, 0)
                notes = planned.mapping.notes[told:]
                self._told[planned.stream] = told + len(notes)
                yield from (f"{planned.shape.label}: {note}" for note in notes)


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
        warnings, notes = _told(chosen, mapping, settings)
        planned.append(
            PlannedStream(
                (shape.namespace, shape.name), shape, mapping, chosen.how, warnings=tuple(warnings), notes=tuple(notes)
            )
        )
    if wrong:
        raise ConfigError(" ".join(dict.fromkeys(wrong)))
    return Plan(planned, choices.notes)


def _mapping(chosen: Chosen, directory: Account, settings: MappingSettings, new_tags: NewTags) -> Mapping | None:
    shape, rules = chosen.shape, chosen.rules
    match chosen.kind:
        case "identify":
            return contact_mapping(shape, rules, directory, settings, new_tags, chosen.operation, chosen.key)
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


def _told(chosen: Chosen, mapping: Mapping | None, settings: MappingSettings) -> tuple[list[str], list[str]]:
    """Return warnings and notes about a stream of events or visits."""
    match mapping:
        case Track():
            warnings, notes = untimed(chosen, mapping, settings.track.skip_events_older_than)
        case Page():
            warnings, notes = untimed(chosen, mapping, settings.page.skip_events_older_than)
        case _:
            return [], []
    return warnings, [*mapping.unused_told, *notes]


def contact_mapping(  # noqa: PLR0917 - what both mappings are made of, then which of them
    shape: StreamShape,
    rules: StreamColumns,
    directory: Account,
    settings: MappingSettings,
    new_tags: NewTags,
    operation: Operation,
    key: MatchingKey,
) -> Identify | SoftDelete:
    """Return the mapping of a stream of contacts. Raises ConfigError where the account does not fit it."""
    if operation == "soft_delete":
        return SoftDelete(shape, rules, directory, settings.soft_delete, key)
    return Identify(shape, rules, directory, settings.identify, new_tags, operation=operation, key=key)


def _counted(columns: Sequence[str]) -> str:
    return "1 column matches" if len(columns) == 1 else f"{len(columns)} columns match"
