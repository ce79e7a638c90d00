"""What the loop works with, as far as it knows it: a source of messages, and deliveries of contacts and events."""

from __future__ import annotations

from typing import Protocol

from destination_activecampaign.sync.entries import ContactEntry, EventEntry


class Source(Protocol):
    """Where messages come from: puts chunks of them into the inbox, a few ahead of what was released."""

    def start(self) -> None:
        """Begin."""

    def release(self) -> None:
        """Allow one more chunk."""

    def stop(self) -> None:
        """Bring no more."""


class Contacts(Protocol):
    """What brings contact entries into the account, see `ContactDelivery`."""

    def ready(self, entry: ContactEntry) -> None:
        """Take an entry that is the head of its email's queue."""

    def grew(self, entry: ContactEntry, by: int) -> None:
        """Hear that a row folded into *entry*."""

    def work(self, *, input_ended: bool) -> None:
        """Start what can be started."""

    @property
    def unconfirmed_imports(self) -> int:
        """Imports that were accepted and are not known to be done."""

    def poll(self) -> None:
        """Ask for imports that are due, and start nothing else."""

    def due_at(self, *, input_ended: bool) -> float | None:
        """Return when `work` has something to do that no finished job will announce."""


class Events(Protocol):
    """What sends events and visits, see `EventDelivery`."""

    def ready(self, entry: EventEntry) -> None:
        """Take an event that nothing of its email stands before."""

    def work(self) -> None:
        """Start what can be started."""
