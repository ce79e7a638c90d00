"""What becomes of a record: a row that ends at once, or one in the queue of its email. How queues are emptied is others'.

Runs on the loop's thread.
"""

from __future__ import annotations

import logging

from destination_activecampaign.api.clock import Clock
from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import MappedContact, MappedEvent, MappedVisit
from destination_activecampaign.mappings.outcome import Rejected, Skipped
from destination_activecampaign.messages import Record
from destination_activecampaign.sync.checkpoints import Ledger
from destination_activecampaign.sync.entries import ContactEntry, Move, Row
from destination_activecampaign.sync.parts import Contacts
from destination_activecampaign.sync.plan import Plan
from destination_activecampaign.sync.recent import RecentMessages
from destination_activecampaign.sync.rejections import Rejections, stream_name
from destination_activecampaign.sync.resolve import Resolver
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People, Window

logger = logging.getLogger("airbyte")


class Intake:
    """Takes records. `keep_raw`: whether a row keeps its line, because refused rows are stored."""

    def __init__(
        self,
        *,
        plan: Plan,
        clock: Clock,
        window: Window,
        people: People,
        ledger: Ledger,
        rejections: Rejections,
        settlement: Settlement,
        resolver: Resolver,
        contacts: Contacts,
        keep_raw: bool,
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._window = window
        self._people = people
        self._ledger = ledger
        self._rejections = rejections
        self._settlement = settlement
        self._resolver = resolver
        self._contacts = contacts
        self._keep_raw = keep_raw
        self._recent = RecentMessages()

    def take(self, record: Record) -> None:
        """Count the record's row in, and map it."""
        stream = (record.namespace, record.stream)
        row = Row(
            stream,
            self._rejections.read(stream),
            self._ledger.record(),
            len(record.raw),
            record.raw if self._keep_raw else b"",
        )
        self._window.enter(row)
        planned = self._plan.stream(record.namespace, record.stream)
        if planned is None:
            self._settlement.row(
                row,
                Rejected(
                    "stream_unknown",
                    "",
                    "The stream is not in the configured catalog: refresh the connection's schema.",
                ),
            )
            return
        if planned.mapping is None:
            self._settlement.row(row, Skipped("stream_ignored"))
            return
        try:
            mapped = planned.mapping.map(record.data, self._clock.time())
        except RecordRejected as error:
            self._settlement.row(row, Rejected(error.reason, error.field, error.message))
            return
        except Exception as error:  # noqa: BLE001 - one strange row must not end a sync that can go on
            logger.warning(
                "Row %d of %s could not be mapped: %s.", row.number, stream_name(stream), type(error).__name__
            )
            self._settlement.row(row, Rejected("row_unusable", "", "The row could not be mapped. Please report this."))
            return
        self._take_mapped(row, mapped)

    def _take_mapped(self, row: Row, mapped: MappedContact | MappedEvent | MappedVisit | Skipped) -> None:
        match mapped:
            case MappedContact():
                self._resolver.contact_read(row, mapped, self._queue_contact)
            case Skipped():
                self._settlement.row(row, mapped)
            case _ if self._recent.repeats(row.stream, mapped.message_id):
                self._settlement.row(row, Skipped("duplicate_message"))
            case _ if mapped.email is not None:
                self._queue_event(row, mapped.email, mapped)
            case _:
                self._resolver.find_contact(row, mapped, self._queue_event)

    def _queue_contact(self, row: Row, mapped: MappedContact, move: Move | None = None, /) -> ContactEntry:
        if move is not None:
            entry, grown = self._people.add_move(row, mapped, move), 0
        else:
            entry, grown = self._people.add_contact(row, mapped)
        if len(entry.parts) > 1:
            self._contacts.grew(entry, grown)
        elif self._people.is_head(entry):
            self._settlement.freed.append(entry)
        return entry

    def _queue_event(self, row: Row, email: str, event: MappedEvent | MappedVisit) -> None:
        entry = self._people.add_event(row, email, event)
        if self._people.free(entry):
            self._settlement.freed.append(entry)
