"""The ids of all contacts by email, read once and then continued: with ids, a hundred contacts are read in one request.

Which contact an id is now is told by reading it: an index is as old as its last page.
"""

from __future__ import annotations

import sqlite3
import threading

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.mappings.lookups import PAGE, digest


class ContactIds:
    """Asks the account. Called from several threads. The index is a temporary database, as that of `sync.known` is."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._last = 0
        self._using = threading.Lock()
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE contacts (email INTEGER PRIMARY KEY, id INTEGER) WITHOUT ROWID",
            "BEGIN",
        ):
            self._database.execute(statement)

    def cost(self) -> int:
        """Return how many requests a first `load` takes."""
        return -(-self._contacts.count() // PAGE)

    def load(self) -> None:
        """Read the contacts that are not in the index yet."""
        with self._using:
            for contact_id, email in self._contacts.list_emails(self._last):
                self._database.execute("INSERT OR REPLACE INTO contacts VALUES (?, ?)", (digest(email), contact_id))
                self._last = contact_id

    def find(self, email: str) -> int | None:
        """Return the id that the contact with this email had; None where the index has none."""
        with self._using:
            row = self._database.execute("SELECT id FROM contacts WHERE email = ?", (digest(email),)).fetchone()
        return None if row is None else int(row[0])
