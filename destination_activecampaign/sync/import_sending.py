"""Imports on their way out: sent, refused, freed of rows at fault, halved, sent again, until the account has taken them.

What becomes of an import that was taken is `contact_delivery`'s. Runs on the loop's thread; requests run in lanes.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from destination_activecampaign.api.clock import Clock
from destination_activecampaign.errors import PauseTooLong, ServerError, TransientError, UnexpectedResponse
from destination_activecampaign.mappings.contact_import import Accepted, ImportRoute, Refused
from destination_activecampaign.mappings.outcome import Outcome, Rejected
from destination_activecampaign.sync.entries import ContactEntry
from destination_activecampaign.sync.lanes import Failure, Lanes, Result, Success
from destination_activecampaign.sync.window import People

ROUNDS = 3
"""Refusals of one batch after which it is halved instead of being freed of the rows named."""

BLIND_SPLITS = 2
"""Times that a batch may be halved for 5xx answers while no other import shows that the route works."""

TRY_SECONDS = 45.0
SUSPECT_SECONDS = 5.0
"""How long an import is tried before it is asked whether a row is at fault; then its halves, as each level takes so long."""

SERVER_ERROR = Rejected(
    "server_error",
    "",
    "ActiveCampaign failed (5xx) on this row each time, while it took others. Look for unusual values in it, and report it "
    "to ActiveCampaign's support.",
)
REFUSED = Rejected("row_refused", "", "ActiveCampaign refused the import of this row and named no reason.")


@dataclass(slots=True, eq=False)
class Batch:
    """Entries that are sent together.

    `first_tried`: when, monotonic seconds; `accepted_at_failure`: imports of the sync that had been accepted when it failed
    last, or when the batch did that it was a half of.
    """

    entries: list[ContactEntry]
    first_tried: float
    accepted_at_failure: int | None = None
    rounds: int = 0
    blind_splits: int = 0
    suspect: bool = False
    sendings: int = 0
    batch_id: str = ""
    queued: int = 0
    accepted_at: float = 0.0


class ImportSending:
    """Sends batches until each is accepted or its rows are settled.

    `settle(entry, outcome)`: called for rows that are refused; `taken(batch)`: called for a batch that the account accepted;
    `deadline`: seconds after which a batch that cannot be sent ends the sync.
    """

    def __init__(
        self,
        *,
        people: People,
        lanes: Lanes,
        clock: Clock,
        imports: ImportRoute,
        settle: Callable[[ContactEntry, Outcome], None],
        taken: Callable[[Batch], None],
        deadline: float,
    ) -> None:
        self._people = people
        self._lanes = lanes
        self._clock = clock
        self._imports = imports
        self._settle = settle
        self._taken = taken
        self._deadline = deadline
        self._accepted = 0
        self.again: deque[Batch] = deque()

    def send(self, batch: Batch) -> None:
        """Send *batch*; no row joins its entries from here on."""
        for entry in batch.entries:
            entry.sent = True
        contacts = [(entry.change, entry.subscribes) for entry in batch.entries]
        self._lanes.submit(
            "import",
            functools.partial(self._imports.submit, contacts, SUSPECT_SECONDS if batch.suspect else TRY_SECONDS),
            functools.partial(self._submitted, batch),
        )

    def _submitted(self, batch: Batch, result: Result[Accepted | Refused]) -> None:
        match result:
            case Success(Accepted() as accepted):
                self._accepted += 1
                batch.sendings += 1
                batch.batch_id, batch.queued = accepted.batch_id, accepted.queued
                batch.accepted_at = self._clock.monotonic()
                self._taken(batch)
            case Success(Refused() as refused):
                self._refused(batch, refused)
            case Failure(PauseTooLong() as error):
                raise error
            case Failure(ServerError() as error):
                self._server_failed(batch, error)
            case Failure(TransientError() as error):
                self._try_again(batch, error)
            case Failure(error):
                raise error

    def _refused(self, batch: Batch, refused: Refused) -> None:
        """Free the batch of the rows that ActiveCampaign named, and send the others again."""
        left = []
        folds = 0
        for index, entry in enumerate(batch.entries):
            if index not in refused.rows:
                left.append(entry)
            elif len(entry.parts) > 1:
                self._people.split(entry)
                folds += 1
                left.append(entry)
            else:
                words = refused.rows[index]
                self._settle(entry, Rejected("row_refused", "", "ActiveCampaign refused this row.", detail=words))
        if not left:
            return
        batch.entries = left
        batch.rounds += not folds  # a fold comes to its end by itself: it is half as long each time
        if refused.rows and batch.rounds <= ROUNDS:
            self.again.append(batch)
        else:
            if len(batch.entries) == 1 and not self._accepted and not refused.rows:
                raise UnexpectedResponse("ActiveCampaign refuses every import, without naming a row.")
            self._halve(batch, REFUSED)

    def _server_failed(self, batch: Batch, error: ServerError) -> None:
        """Tell a row that ActiveCampaign cannot digest apart from an outage.

        It is at fault when another import was accepted between two failures in a row of its batch.
        """
        failed_before, batch.accepted_at_failure = batch.accepted_at_failure, self._accepted
        batch.suspect = True
        if failed_before is not None and self._accepted > failed_before:
            self._halve(batch, SERVER_ERROR)
        elif batch.blind_splits < BLIND_SPLITS and len(batch.entries) > 1:
            batch.blind_splits += 1
            self._halve(batch, SERVER_ERROR)
        else:
            self._try_again(batch, error)

    def _try_again(self, batch: Batch, error: TransientError) -> None:
        if self._clock.monotonic() - batch.first_tried > self._deadline:
            raise error
        self.again.append(batch)

    def _halve(self, batch: Batch, alone: Rejected) -> None:
        """Send a batch in halves; a row that stands alone gets *alone*."""
        if len(batch.entries) == 1:
            entry = batch.entries[0]
            if len(entry.parts) == 1:
                self._settle(entry, alone)
                return
            self._people.split(entry)
            batch.rounds = 0
            self.again.append(batch)
            return
        middle = len(batch.entries) // 2
        for entries in (batch.entries[:middle], batch.entries[middle:]):
            self.again.append(
                Batch(
                    entries,
                    batch.first_tried,
                    batch.accepted_at_failure,
                    blind_splits=batch.blind_splits,
                    suspect=batch.suspect,
                )
            )
