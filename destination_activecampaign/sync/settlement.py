"""The one place where a row ends: counted in the ledger, in the report and out of the window."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from destination_activecampaign.mappings.contact import Removal
from destination_activecampaign.mappings.outcome import Outcome, PartRefused, Rejected, Written
from destination_activecampaign.rejected_rows.store import RejectedRows
from destination_activecampaign.sync.checkpoints import Ledger
from destination_activecampaign.sync.entries import ContactEntry, Entry, EventEntry, Part, Row
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.window import People, Window


class Settlement:
    """Settles rows and entries.

    `store`: where refused rows are kept, if anywhere. `freed`: entries that may be sent now that others are gone; the
    loop takes them.
    """

    def __init__(
        self,
        window: Window,
        people: People,
        ledger: Ledger,
        rejections: Rejections,
        known: Known,
        *,
        store: RejectedRows | None = None,
    ) -> None:
        self._window = window
        self._people = people
        self._ledger = ledger
        self._rejections = rejections
        self._known = known
        self._store = store
        self.freed: deque[Entry] = deque()

    def row(self, row: Row, outcome: Outcome) -> None:
        """Settle one row. Raises ConfigError when a stream's rows are all rejected, see `Rejections`."""
        self._window.leave(row)
        self._ledger.settle(row.segment, row.stream, outcome)
        if self._store is not None:
            self._keep(self._store, row, outcome)
        self._rejections.settle(row, outcome)

    def contact(self, entry: ContactEntry, outcome: Outcome) -> None:
        """Settle all rows of *entry*: what was refused of the whole counts once, with the last row that asked for it."""
        refused: dict[Part, list[PartRefused]] = {}
        if isinstance(outcome, Written):
            if entry.change.removal is Removal.DELETE:
                self._known.remove(entry.email)
            else:
                self._known.add(entry.email)
            for each in outcome.refused:
                asking = (part for part in reversed(entry.parts) if each.list_id in part.change.lists)
                refused.setdefault(next(asking, entry.parts[-1]), []).append(each)
        self.freed.extend(self._people.remove(entry))
        for part in entry.parts:
            if isinstance(outcome, Written) and (part.refused or outcome.refused):
                self.row(part.row, replace(outcome, refused=(*part.refused, *refused.get(part, ()))))
            else:
                self.row(part.row, outcome)
        if entry.ended is not None:
            entry.ended(outcome)

    def missing(self, entry: ContactEntry) -> None:
        """Settle the rows of *entry*, each by its own rule for a contact that does not exist."""
        self.freed.extend(self._people.remove(entry))
        for part in entry.parts:
            assert part.if_missing is not None  # noqa: S101 - `must_exist`, for the type checker
            self.row(part.row, part.if_missing)
            if entry.ended is not None:
                entry.ended(part.if_missing)

    def event(self, entry: EventEntry, outcome: Outcome) -> None:
        """Settle the row of an event or a visit."""
        self.freed.extend(self._people.remove(entry))
        if isinstance(outcome, Written) and entry.event.refused:
            outcome = replace(outcome, refused=(*entry.event.refused, *outcome.refused))
        self.row(entry.row, outcome)

    @staticmethod
    def _keep(store: RejectedRows, row: Row, outcome: Outcome) -> None:
        match outcome:
            case Rejected():
                store.add(
                    row.stream, row.raw, outcome.reason, outcome.field, outcome.message, outcome.detail, written=False
                )
            case Written():
                for part in outcome.refused:
                    store.add(row.stream, row.raw, part.reason, part.field, part.message, "", written=True)
