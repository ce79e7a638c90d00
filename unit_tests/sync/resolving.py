"""A resolver against an account that is a few lines long, with all that it tells and asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from destination_activecampaign.mappings.base import MappedContact
from destination_activecampaign.mappings.lookups import Contact, NotOne
from destination_activecampaign.sync.checkpoints import Ledger
from destination_activecampaign.sync.entries import ContactEntry, EventEntry, Move, Row
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.resolve import Resolver
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People, Window
from unit_tests.sync.factories import ADA, STREAM, a_contact, an_event
from unit_tests.sync.pump import Pump


class Account:
    """An account with few contacts. `asked`: every question."""

    def __init__(self) -> None:
        self.emails: set[str] = set()
        self.users: dict[str, Contact] = {}
        self.asked: list[str] = []

    def exists(self, email: str) -> bool:
        """Whether a contact has this email."""
        self.asked.append(email)
        return email in self.emails

    def emails_cost(self) -> int:
        """Much."""
        return 10_000

    def load_emails(self) -> None:
        """Never asked for."""

    def contact_of(self, user_id: str) -> Contact:
        """Whom a user id stands for."""
        self.asked.append(user_id)
        return self.users.get(user_id, NotOne.MISSING)

    def user_ids_cost(self) -> int:
        """Much."""
        return 10_000

    def load_user_ids(self) -> None:
        """Never asked for."""

    def contact_for(self, user_id: str, email: str) -> Contact:
        """Whom a user id stands for; TAKEN if it is new and the email is that of a contact with another."""
        self.asked.append(f"{user_id} {email}")
        taken = email in self.emails and email not in self.users.values()
        return self.users.get(user_id, NotOne.TAKEN if taken else NotOne.MISSING)

    def contacts_cost(self) -> int:
        """Much."""
        return 10_000

    def load_contacts(self) -> None:
        """Never asked for."""


class Scene:
    """A resolver with all that it tells."""

    def __init__(
        self, *, existing_only: bool = False, run_automations: bool = True, account: Account | None = None
    ) -> None:
        self.account, self.known, self.pump = account or Account(), Known(), Pump(lookup=2)
        self.people, self.rejections = People(lambda _: 50), Rejections()
        self.ledger = Ledger(lambda _: False)
        self.settlement = Settlement(Window(100, 10_000), self.people, self.ledger, self.rejections, self.known)
        self.resolver = Resolver(
            self.known,
            self.people,
            self.account,
            self.pump.lanes,
            self.settlement,
            existing_only=existing_only,
            run_automations=run_automations,
        )
        self.went: list[Any] = []
        self.queued: list[str] = []
        self.moves: list[Move] = []

    def row(self) -> Row:
        """Read a row."""
        return Row(STREAM, self.rejections.read(STREAM), self.ledger.record(), 1)

    def queue(self, row: Row, mapped: MappedContact, move: Move | None = None, /) -> ContactEntry:
        """Queue a contact row as the loop does."""
        self.queued.append(mapped.change.email)
        if move is None:
            return self.people.add_contact(row, mapped)[0]
        self.moves.append(move)
        return self.people.add_move(row, mapped, move)

    def read(self, **contact: Any) -> None:
        """Read a contact row."""
        self.resolver.contact_read(self.row(), a_contact(**contact), self.queue)

    def read_user(self, user_id: str, email: str = ADA, **mapped: Any) -> None:
        """Read a contact row that names its contact by the user id, and ask what must be asked."""
        row = replace(a_contact(email, user_id=user_id), by_user_id=True, **mapped)
        self.resolver.contact_read(self.row(), row, self.queue)
        self.run()

    def contact(self, *, must_exist: bool = True) -> ContactEntry:
        """Queue a contact row."""
        return self.people.add_contact(self.row(), a_contact(must_exist=must_exist))[0]

    def event(self) -> EventEntry:
        """Queue an event."""
        return self.people.add_event(self.row(), ADA, an_event())

    def find(self, user_id: str = "u-1") -> None:
        """Find the contact of an event by its user id."""
        self.resolver.find_contact(
            self.row(), an_event(None, user_id=user_id), lambda _row, email, _event: self.queued.append(email)
        )

    def run(self) -> None:
        """Ask all."""
        self.pump.run(self.resolver.work)

    def reasons(self) -> list[str]:
        """Why rows were rejected."""
        return [line.split("rejected: ")[1].split(" ")[0] for _, line in self.rejections.lines()]
