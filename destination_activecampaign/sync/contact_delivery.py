"""Contacts on their way: from the head of an email's queue into an import, its confirmation and what follows it.

How an import is sent, and sent again, is `import_sending`'s.
Runs on the loop's thread; requests run in lanes. What a request looks like is `mappings`' business.
"""

from __future__ import annotations

import functools
import logging
from collections import deque
from collections.abc import Callable

from destination_activecampaign.api.clock import Clock
from destination_activecampaign.errors import TransientError, UnexpectedResponse
from destination_activecampaign.mappings.contact_ids import ContactIds
from destination_activecampaign.mappings.contact_import import ImportRoute, ImportStatus
from destination_activecampaign.mappings.contact_move import EmailChange
from destination_activecampaign.mappings.contact_single import FoundContact, SingleRequests, not_resubscribed
from destination_activecampaign.mappings.contact_sync import SyncRoute
from destination_activecampaign.mappings.import_refusal import UNEXPLAINED, RefusalReasons
from destination_activecampaign.mappings.lookups import Contact
from destination_activecampaign.mappings.outcome import Outcome, Rejected, Written
from destination_activecampaign.sync.batch import ENVELOPE_BYTES, MAX_BYTES, Batcher
from destination_activecampaign.sync.entries import ContactEntry, Move
from destination_activecampaign.sync.import_sending import Batch, ImportSending
from destination_activecampaign.sync.lanes import Failure, Lanes, Result
from destination_activecampaign.sync.polls import Polls
from destination_activecampaign.sync.single_queue import SingleQueue
from destination_activecampaign.sync.window import People

logger = logging.getLogger("airbyte")

EXPLAINED = 20
"""Refused contacts whose reason is read: each takes up to four requests."""

TOO_LARGE = Rejected(
    "row_too_large",
    "",
    f"The contact takes more than the {MAX_BYTES} bytes that an import may have. Map fewer columns.",
)


class ContactDelivery:
    """Brings ready contact entries into the account and settles each with its outcome.

    `sync_route`: the single route, None where contacts go by import. `settle(entry, outcome)`: called once for each entry.
    `import_due()`: seconds until the quota has room for an import. `import_deadline`: seconds after which an import that
    was accepted, or could not be sent, ends the sync.
    """

    def __init__(
        self,
        *,
        people: People,
        lanes: Lanes,
        clock: Clock,
        imports: ImportRoute,
        singles: SingleRequests,
        ids: ContactIds,
        refusals: RefusalReasons,
        email_change: EmailChange,
        sync_route: SyncRoute | None,
        settle: Callable[[ContactEntry, Outcome], None],
        import_due: Callable[[], float],
        import_deadline: float,
    ) -> None:
        self._people = people
        self._lanes = lanes
        self._clock = clock
        self._imports = imports
        self._singles = singles
        self._refusals = refusals
        self._email_change = email_change
        self._sync_route = sync_route
        self._settle = settle
        self._import_due = import_due
        self._import_deadline = import_deadline
        self._batcher = Batcher()
        self._polls: Polls[Batch] = Polls()
        self._sending = ImportSending(
            people=people,
            lanes=lanes,
            clock=clock,
            imports=imports,
            settle=settle,
            taken=lambda batch: self._polls.add(batch, batch.accepted_at),
            deadline=import_deadline,
        )
        self._single = SingleQueue(lanes, imports, singles, ids if sync_route is None else None)
        self._moves: deque[ContactEntry] = deque()
        self._unexplained: deque[ContactEntry] = deque()
        self._moving = 0
        self._explained = 0

    # what comes in

    def ready(self, entry: ContactEntry) -> None:
        """Take an entry that is the head of its email's queue."""
        if entry.size > MAX_BYTES - ENVELOPE_BYTES:
            # Folding stops long before, so this is one row.
            if entry.move is not None and entry.moves:
                entry.move.done(TOO_LARGE)
            else:
                self._settle(entry, TOO_LARGE)
        elif entry.moves:
            self._moving += 1
            self._moves.append(entry)
        elif self._sync_route is not None or entry.change.removal is not None:
            self._single.add(entry)
        else:
            self._batcher.add(entry, self._clock.monotonic())

    def grew(self, entry: ContactEntry, by: int) -> None:
        """A row folded into *entry*."""
        self._batcher.grew(entry, by)

    # what is under way

    @property
    def unconfirmed_imports(self) -> int:
        """Imports that were accepted and are not known to be done."""
        return len(self._polls)

    def due_at(self, *, input_ended: bool) -> float | None:
        """Return when `work` has something to do that no finished job will announce."""
        now = self._clock.monotonic()
        times = []
        if self._lanes.free("import"):
            batch_due = (
                0.0 if self._sending.again else self._batcher.due_at(no_more=self._no_more(input_ended=input_ended))
            )
            if batch_due is not None:
                times.append(max(batch_due, now + self._import_due()))
        poll_due = self._polls.due_at()
        if poll_due is not None and self._lanes.free("poll"):
            times.append(poll_due)
        return min(times, default=None)

    def work(self, *, input_ended: bool) -> None:
        """Start whatever quota, time and threads allow."""
        now = self._clock.monotonic()
        # One at a time: its thread takes the quota's token before the next one is cut, so that rows can fold until then.
        if self._lanes.free("import") and self._import_due() <= 0:
            batch = self._next_batch(now, no_more=self._no_more(input_ended=input_ended))
            if batch is not None:
                self._sending.send(batch)
        self.poll()
        self._start_moves()
        self._start_singles()

    def poll(self) -> None:
        """Ask for the imports that are due."""
        now = self._clock.monotonic()
        while self._lanes.free("poll") and (due := self._polls.take(now)) is not None:
            number, batch = due
            self._lanes.submit(
                "poll",
                functools.partial(self._imports.poll, batch.batch_id),
                functools.partial(self._polled, number, batch),
            )

    def _no_more(self, *, input_ended: bool) -> bool:
        """Whether nothing that is under way could bring another entry to the batcher."""
        return input_ended and not self._people.contacts_behind and not self._moving

    def _next_batch(self, now: float, *, no_more: bool) -> Batch | None:
        if self._sending.again:
            return self._sending.again.popleft()
        due = self._batcher.due_at(no_more=no_more)
        if due is None or due > now:
            return None
        return Batch(self._batcher.take(), now)

    # confirmation

    def _polled(self, number: int, batch: Batch, result: Result[ImportStatus]) -> None:
        now = self._clock.monotonic()
        if isinstance(result, Failure):
            self._polls.pending(number, now)
            raise result.error
        info = result.value
        if info.state == "pending":
            if now - batch.accepted_at > self._import_deadline:
                raise TransientError(
                    f"An import was not worked off within {self._import_deadline / 60:.0f} minutes. It was not sent again, "
                    "because a late copy could overwrite newer values. The next sync goes on from here."
                )
            self._polls.pending(number, now)
            return
        self._polls.done(number, now)
        if info.state == "completed":
            self._completed(batch, frozenset(info.failures))
        elif batch.sendings < 2:  # noqa: PLR2004 - once more, as the vendor does not repeat it
            logger.warning("ActiveCampaign ended an import as %s; it is sent once more.", info.state)
            batch.first_tried = now
            self._sending.again.append(batch)
        else:
            raise TransientError(f"ActiveCampaign ended the same import twice as {info.state}.")

    def _completed(self, batch: Batch, failures: frozenset[str]) -> None:
        unknown = len(failures - {entry.email for entry in batch.entries})
        if unknown:
            raise UnexpectedResponse(f"An import reports {unknown} failures for emails that were not in it.")
        unexplained = len(batch.entries) - len(failures) - batch.queued
        if unexplained > 0:
            logger.warning(
                "ActiveCampaign queued %d contacts less than it was sent, and reports no failure.", unexplained
            )
        again = []
        for entry in batch.entries:
            if entry.email not in failures:
                self._imported(entry)
            elif entry.subscribes and self._imports.subscriptions(entry.change):
                # It may have left one of the lists: all but its subscriptions can still be written.
                entry.subscribes = False
                again.append(entry)
            elif self._explained < EXPLAINED:
                self._explained += 1
                self._unexplained.append(entry)
            else:
                self._settle(entry, UNEXPLAINED)
        self._batcher.put_back(again, self._clock.monotonic())

    def _imported(self, entry: ContactEntry) -> None:
        """What was set or added is in the account; now what is taken away or forced."""
        lists = self._imports.subscriptions(entry.change)
        if not entry.subscribes and len(lists) == 1:
            entry.refused.append(not_resubscribed(lists[0]))
        if self._singles.needed(entry.change) or (not entry.subscribes and len(lists) > 1):
            self._single.add(entry)
        else:
            self._settle(entry, Written(tuple(entry.refused)))

    # single requests

    def _start_singles(self) -> None:
        while self._lanes.free("single"):
            if self._unexplained:
                entry = self._unexplained.popleft()
                job: Callable[[], Outcome] = functools.partial(self._refusals.explain, entry.email)
            elif (taken := self._single.take()) is not None:
                entry, record = taken
                job = self._single_job(entry, record)
            else:
                return
            self._lanes.submit("single", job, functools.partial(self._single_done, entry))

    def _start_moves(self) -> None:
        while self._moves and self._lanes.free("single"):
            entry = self._moves.popleft()
            if entry.move is not None:
                job = functools.partial(
                    self._email_change.apply, entry.move.user_id, entry.email, may_change=entry.move.may_change
                )
                self._lanes.submit("single", job, functools.partial(self._move_done, entry.move))

    def _move_done(self, move: Move, result: Result[Contact | Rejected]) -> None:
        self._moving -= 1
        if isinstance(result, Failure):
            raise result.error
        move.done(result.value)

    def _single_job(self, entry: ContactEntry, record: FoundContact | None) -> Callable[[], Outcome]:
        entry.sent = True
        if self._sync_route is not None and entry.change.removal is None:
            return functools.partial(self._sync_route.write, entry.change)
        return functools.partial(
            self._singles.apply, entry.change, subscribed=self._single.subscribed(entry), record=record
        )

    def _single_done(self, entry: ContactEntry, result: Result[Outcome]) -> None:
        if isinstance(result, Failure):
            raise result.error
        outcome = result.value
        if isinstance(outcome, Written):
            outcome = Written((*entry.refused, *outcome.refused))
        self._settle(entry, outcome)
