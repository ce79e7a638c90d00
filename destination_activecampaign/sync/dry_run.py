"""A sync that writes nothing: every row is mapped and batched as if it were, and what it would cost is counted."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import MappedEvent, MappedVisit
from destination_activecampaign.mappings.contact_ids import ContactIds
from destination_activecampaign.mappings.contact_import import ImportRoute
from destination_activecampaign.mappings.contact_single import Forecast, SingleRequests
from destination_activecampaign.mappings.lookups import PAGE
from destination_activecampaign.mappings.outcome import Outcome, Rejected, Written
from destination_activecampaign.sync.batch import IDLE_SECONDS, Batcher
from destination_activecampaign.sync.checkpoints import Acknowledged
from destination_activecampaign.sync.cost import Cost
from destination_activecampaign.sync.entries import ContactEntry, EventEntry
from destination_activecampaign.sync.lanes import Failure, Lanes, Result
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.sampled_lookups import SAMPLED, STANDS_IN
from destination_activecampaign.sync.single_queue import FEW
from destination_activecampaign.sync.window import People, Window
from destination_activecampaign.sync.writer import Writer

ROWS_PER_SECOND = 20_000
"""Contact rows that are read in a second while nothing holds them up (docs/performance.md)."""

PAGES_FOR_NEW = 1.3
"""Pages of the index that bring a hundred contacts which the sync has made: theirs, and at times an empty one."""

SEEN_REQUESTS = 2
"""Requests that see whose an email is: a contact is found by its user id, and read."""

MOVE_REQUESTS = SEEN_REQUESTS + 1
"""Requests for one change of a contact's email."""


class DryContacts:
    """Takes contacts as `ContactDelivery` does, and settles them without sending anything.

    Imports are cut and confirmed on the clock of the cost, which runs as rows are read, and stands while the window is full:
    repeated emails fold in the real run as much as here.
    """

    def __init__(
        self,
        *,
        cost: Cost,
        window: Window,
        people: People,
        lanes: Lanes,
        imports: ImportRoute,
        singles: SingleRequests,
        ids: ContactIds,
        settle: Callable[[ContactEntry, Outcome], None],
        by_import: bool,
    ) -> None:
        self._cost = cost
        self._window = window
        self._people = people
        self._lanes = lanes
        self._imports = imports
        self._singles = singles
        self._ids = ids
        self._settle = settle
        self._by_import = by_import
        self._batcher = Batcher()
        self._out: deque[tuple[float, list[ContactEntry]]] = deque()
        self._freed_at = 0.0
        self._rows = 0
        self._to_sample: deque[ContactEntry] = deque()
        self._sampled = 0
        self._sampling = 0
        self._sampled_requests = 0
        self._sampled_new = 0
        self._needing_singles = 0

    def ready(self, entry: ContactEntry) -> None:
        """Take an entry that is the head of its email's queue."""
        if entry.move is not None and entry.moves:
            self._cost.single += SEEN_REQUESTS if entry.move.before is None else MOVE_REQUESTS
            entry.move.done(entry.email)
            return
        self._rows += len(entry.parts)
        if entry.change.removal is None:
            self._batcher.add(entry, 0.0)
        elif not self._is_sampled(entry):
            entry.sent = True
            self._settle(entry, Written())

    def grew(self, entry: ContactEntry, by: int) -> None:
        """A row folded into *entry*."""
        self._rows += 1
        self._batcher.grew(entry, by)

    def due_at(self, *, input_ended: bool) -> float | None:
        """Return 0.0, at once, while there is anything to settle."""
        return 0.0 if (input_ended or self._window.full) and (len(self._batcher) or self._out) else None

    def work(self, *, input_ended: bool) -> None:
        """Settle what a real sync would have sent and had confirmed by now."""
        reading = not (input_ended or self._window.full)
        if (
            reading
            and self._batcher.due_at(no_more=False) == 0.0
            and self._cost.next_import <= self._rows / ROWS_PER_SECOND
        ):
            self._send(self._rows / ROWS_PER_SECOND)
        while not reading and (len(self._batcher) or self._out):
            due = self._due_at(input_ended=input_ended)
            if due is not None and not (self._out and self._out[0][0] <= max(due, self._cost.next_import)):
                self._send(due)
                continue
            self._confirm()
            if due is None or due > self._freed_at:
                # What it frees is handed over first: it may fill an import.
                break
        while self._to_sample and self._lanes.free("single"):
            entry = self._to_sample.popleft()
            self._lanes.submit(
                "single",
                functools.partial(self._singles.forecast, entry.change, adds_tags=not self._by_import),
                functools.partial(self._requests_known, entry),
            )

    @property
    def unconfirmed_imports(self) -> int:
        """Return none: nothing was sent."""
        return 0

    def poll(self) -> None:
        """Do nothing."""

    @property
    def unestimated(self) -> int:
        """Contacts of which no sample says what they take: none of those that were looked up exists."""
        return 0 if self._sampled else self._needing_singles

    def finish(self) -> None:
        """Add to the cost what the sample says of the contacts that need single requests."""
        if not self._sampled:
            return
        needing = self._needing_singles
        self._cost.single += needing * self._sampled_requests / self._sampled
        index = self._ids.cost() if self._by_import and needing > FEW else 0
        if self._by_import and needing > FEW + index:
            new = needing * self._sampled_new / self._sampled
            self._cost.single += 1 + index + (needing + PAGES_FOR_NEW * new) / PAGE
        else:
            # One request finds each; where the upsert has found it, one reads what hangs on it.
            self._cost.single += needing

    def _due_at(self, *, input_ended: bool) -> float | None:
        """Return when what waits should be sent, on the clock of the cost; None while nothing waits."""
        if not len(self._batcher):
            return None
        no_more = not self._out or (input_ended and not self._people.contacts_behind)
        at_once = self._batcher.due_at(no_more=no_more) == 0.0
        return self._freed_at + (0.0 if at_once else IDLE_SECONDS)

    def _send(self, due: float) -> None:
        entries = self._batcher.take()
        confirmed = self._cost.send_import(due, len(entries)) if self._by_import else due
        for entry in entries:
            entry.sent = True
            if not self._by_import:
                change = entry.change
                # Where tags are taken off too, the sample tells which are missing.
                tags = 0 if change.tags.takes_away else len(change.tags.added)
                self._cost.single += 1 + tags + len(change.lists) + ("phone" in change.basics)
        self._out.append((confirmed, [entry for entry in entries if not self._is_sampled(entry)]))

    def _is_sampled(self, entry: ContactEntry) -> bool:
        """Whether the contact is read first: it is settled when the answer is there."""
        if not self._singles.needed(entry.change):
            return False
        self._needing_singles += 1
        if self._sampling == SAMPLED or entry.email.startswith(STANDS_IN):
            return False
        self._sampling += 1
        self._to_sample.append(entry)
        return True

    def _confirm(self) -> None:
        self._freed_at, entries = self._out.popleft()
        for entry in entries:
            self._settle(entry, Written())

    def _requests_known(self, entry: ContactEntry, result: Result[Forecast]) -> None:
        if isinstance(result, Failure):
            raise result.error
        self._sampled += 1
        self._sampled_requests += result.value.requests
        self._sampled_new += not result.value.exists
        self._settle(entry, Written())


class DryEvents:
    """Takes events as `EventDelivery` does, and settles them without sending anything.

    `foresee(event)`: why it would be rejected before it is sent, None where it would be sent.
    """

    def __init__(
        self,
        cost: Cost,
        foresee: Callable[[MappedEvent | MappedVisit], Rejected | None],
        settle: Callable[[EventEntry, Outcome], None],
    ) -> None:
        self._cost = cost
        self._foresee = foresee
        self._settle = settle
        self._ready: deque[EventEntry] = deque()

    def ready(self, entry: EventEntry) -> None:
        """Take an event that nothing of its email stands before."""
        self._ready.append(entry)

    def work(self) -> None:
        """Settle what is there."""
        while self._ready:
            entry = self._ready.popleft()
            rejected = self._foresee(entry.event)
            self._cost.tracking += rejected is None
            self._settle(entry, rejected or Written(unconfirmed=True))


class DryRun:
    """Runs a writer whose deliveries send nothing."""

    def __init__(self, writer: Writer, contacts: DryContacts, cost: Cost, rejections: Rejections) -> None:
        self._writer = writer
        self._contacts = contacts
        self._cost = cost
        self._rejections = rejections

    def run(self) -> Iterator[Acknowledged]:
        """Yield no STATE. Raises ConfigError at the end too, so that nobody takes it for a sync."""
        for _ in self._writer.run():
            pass
        self._contacts.finish()
        totals, cost, unknown = self._rejections.totals, self._cost, self._contacts.unestimated
        left_out = (
            f"What {unknown} contacts take one by one is not in this: none of them was found. " if unknown else ""
        )
        raise ConfigError(
            f"Dry run finished, nothing was written: of {totals.settled} rows {totals.written} would be written, "
            f"{totals.rejected} rejected, {totals.skipped} skipped. The sync would take about {cost.requests():.0f} requests "
            f"({cost.imports} imports), {cost.tracking} events and visits, and {cost.seconds():.0f} s. "
            f"{left_out}Switch `dry_run` off to sync."
        )
        yield  # makes it the iterator that a sync is
