"""The loop of a sync: takes in what the reader and the lanes report, decides, and lets true STATEs go.

What becomes of a record is `intake`'s. Only its thread decides anything, and it never blocks without a timeout.
"""

from __future__ import annotations

import logging
import queue
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import TypeAlias

from destination_activecampaign.api.clock import Clock
from destination_activecampaign.errors import ActiveCampaignError, AuthenticationError, TransientError
from destination_activecampaign.messages import EndOfInput, Record, State, Unreadable
from destination_activecampaign.rejected_rows.store import RejectedRows
from destination_activecampaign.sync.checkpoints import Acknowledged, Ledger
from destination_activecampaign.sync.entries import EventEntry
from destination_activecampaign.sync.inbox import Inbox
from destination_activecampaign.sync.intake import Intake
from destination_activecampaign.sync.lanes import Done, Lanes
from destination_activecampaign.sync.parts import Contacts, Events, Source
from destination_activecampaign.sync.plan import Plan
from destination_activecampaign.sync.progress import Progress
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.resolve import Resolver
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import Window

Message: TypeAlias = Record | State | Unreadable

logger = logging.getLogger("airbyte")

LONGEST_WAIT = 0.5
HURRY_SECONDS = 5.0
SETTLE_SECONDS = 60.0
"""How long requests on the wire, and imports that are not confirmed, may take to settle when a sync cannot go on."""

MESSAGES_A_TURN = 1_000


class Writer:
    """One sync. Its parts share the inbox, into which the source puts lists of messages and the lanes finished jobs.

    `stop_asked()`: whether the platform wants the sync to end.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        source: Source,
        inbox: Inbox,
        stop_asked: Callable[[], bool],
        lanes: Lanes,
        clock: Clock,
        window: Window,
        intake: Intake,
        ledger: Ledger,
        rejections: Rejections,
        settlement: Settlement,
        resolver: Resolver,
        contacts: Contacts,
        events: Events,
        progress: Progress,
        store: RejectedRows | None = None,
    ) -> None:
        self._plan = plan
        self._source = source
        self._inbox = inbox
        self._stop_asked = stop_asked
        self._lanes = lanes
        self._clock = clock
        self._window = window
        self._intake = intake
        self._ledger = ledger
        self._rejections = rejections
        self._settlement = settlement
        self._resolver = resolver
        self._contacts = contacts
        self._events = events
        self._progress = progress
        self._store = store
        self._true: deque[Acknowledged] = deque()
        self._chunks: deque[deque[Message | EndOfInput]] = deque()
        self._input_ended = False
        self.unreadable: Counter[str] = Counter()

    def run(self) -> Iterator[Acknowledged]:
        """Yield each STATE once all before it is settled.

        Raises ConfigError, TransientError or UnexpectedResponse where the sync cannot go on; every STATE that is true by
        then has been yielded.
        """
        try:
            while not (self._input_ended and self._window.rows == 0):
                self._take_in(self._wait_seconds())
                self._map_rows()
                self._resolver.work()
                self._contacts.work(input_ended=self._all_read)
                self._events.work()
                yield from self._true_states()
                self._progress.tell(self._clock.monotonic())
            self._rejections.end()
            yield from self._true_states()
        except Exception as error:
            yield from self._wind_down(error)
            raise
        finally:
            self._source.stop()
            self._lanes.stop()
            for line in self._plan.closing_lines():
                logger.info(line)
            for level, line in self._progress.table(self._clock.monotonic()):
                logger.log(level, line)
            if self.unreadable:
                kinds = sorted(self.unreadable.items())
                counts = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds)
                logger.warning(
                    "Messages passed by because they could not be read: %s. They are no messages of Airbyte's, as a source or a "
                    "file that was cut may send; nothing of them was written or counted.",
                    counts,
                )

    # in

    @property
    def _all_read(self) -> bool:
        """Whether no row can come any more, from the source or from a look-up."""
        return self._input_ended and not self._resolver.waiting

    def _wait_seconds(self) -> float:
        """Return how long nothing can happen but what the inbox brings."""
        if self._settlement.freed or (self._chunks and not self._window.full):
            return 0.0
        now = self._clock.monotonic()
        due = (self._contacts.due_at(input_ended=self._all_read), self._progress.due_at())
        return min(LONGEST_WAIT, max(0.0, min(time for time in due if time is not None) - now))

    def _take_in(self, seconds: float) -> None:
        """Wait for the inbox at most so long, then take all that it holds."""
        try:
            item = self._inbox.get(seconds)
            while True:
                if isinstance(item, Done):
                    item.report()
                elif isinstance(item, list):
                    self._chunks.append(deque(item))
                item = self._inbox.get(0.0)
        except queue.Empty:
            pass
        if self._stop_asked():
            raise TransientError(
                "The sync was asked to stop. What is confirmed has been reported; the next sync goes on."
            )

    def _map_rows(self) -> None:
        """Turn messages into entries while the window has room."""
        turns = MESSAGES_A_TURN
        while self._chunks and turns and not self._window.full:
            chunk = self._chunks[0]
            while chunk and turns and not self._window.full:
                turns -= 1
                self._take_message(chunk.popleft())
            if not chunk:
                self._chunks.popleft()
                self._source.release()
        self._dispatch_freed()

    def _take_message(self, message: Message | EndOfInput) -> None:
        match message:
            case Record():
                self._intake.take(message)
            case State():
                self._ledger.close(message)
                self._window.states = self._ledger.states_waiting
            case Unreadable():
                self.unreadable[message.kind] += 1
            case EndOfInput():
                if message.error:
                    raise TransientError(f"The source's messages could not be read to their end ({message.error}).")
                self._input_ended = True

    # on the way

    def _dispatch_freed(self) -> None:
        """Hand entries that became the head of their email's queue to what delivers them."""
        while self._settlement.freed:
            entry = self._settlement.freed.popleft()
            if isinstance(entry, EventEntry):
                self._resolver.when_event_may_go(entry, self._events.ready)
            else:
                self._resolver.when_contact_may_go(entry, self._contacts.ready)

    # out

    def _true_states(self) -> Iterator[Acknowledged]:
        """Yield the STATEs that may leave: their rows are settled, and those refused are stored where that is asked for."""
        self._true.extend(self._ledger.ready())
        self._window.states = self._ledger.states_waiting
        now = self._clock.monotonic()
        if self._store is not None and self._store.pending:
            if not (self._store.due(now) or (self._input_ended and self._window.rows == 0)):
                return
            self._store.flush()
        while self._true and self._rejections.share_is_fine(at_end=self._input_ended and self._window.rows == 0):
            self._progress.state_left(now)
            yield self._true.popleft()

    def _wind_down(self, error: Exception) -> Iterator[Acknowledged]:
        """Start nothing new, let what is in flight settle, and report what became true by that.

        Imports that the account has taken are still asked for, unless the platform wants an end or the key is refused.
        """
        began = self._clock.monotonic()
        while True:
            in_a_hurry = self._stop_asked() or isinstance(error, AuthenticationError)
            if self._clock.monotonic() - began >= (HURRY_SECONDS if in_a_hurry else SETTLE_SECONDS):
                break
            if not in_a_hurry:
                self._contacts.poll()
            if not self._lanes.busy and (in_a_hurry or not self._contacts.unconfirmed_imports):
                break
            try:
                item = self._inbox.get(0.1)
                if isinstance(item, Done):
                    item.report()
            except (queue.Empty, ActiveCampaignError):
                continue
        try:
            if self._store is not None:
                self._store.flush()
        except ActiveCampaignError as store_error:
            logger.warning("Refused rows could not be stored, so no STATE leaves any more: %s", store_error.message)
            return
        yield from self._true_states()
