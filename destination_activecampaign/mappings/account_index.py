"""All contacts of an account by email and by user id, as far as they were read. Kept on disk: accounts may hold millions.

Asking the account is `lookups`'. Called from several threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from destination_activecampaign.mappings.temporary_database import temporary_database


class AccountIndex:
    """Contact ids with their emails and user ids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._last = 0
        self._database = temporary_database(
            self,
            "CREATE TABLE emails (contact INTEGER PRIMARY KEY, email TEXT NOT NULL)",
            "CREATE INDEX by_email ON emails (email)",
            "CREATE TABLE users (contact INTEGER PRIMARY KEY, user_id TEXT NOT NULL)",
            "CREATE INDEX by_user ON users (user_id)",
        )
        self.has_emails = False
        self.has_users = False

    def load_emails(self, read: Callable[[int], Iterable[tuple[int, str]]]) -> None:
        """Take in the contacts that are not here yet. `read(after)`: (id, email) of those with larger ids, in their order."""
        with self._loading:
            for contact, email in read(self._last):
                self._write("INSERT OR REPLACE INTO emails VALUES (?, ?)", contact, _storable(email))
                self._last = contact
            self.has_emails = True

    def load_users(self, read: Callable[[], Iterable[tuple[int, str]]]) -> None:
        """Take in (contact id, user id) of all contacts that have one, once."""
        with self._loading:
            if self.has_users:
                return
            for contact, user_id in read():
                if user_id:
                    self._write("INSERT OR REPLACE INTO users VALUES (?, ?)", contact, _storable(user_id))
            self.has_users = True

    def contact_with(self, email: str) -> int | None:
        """Return the id of the contact that has this email (lower case), the newest that was read with it."""
        found = self._read("SELECT contact FROM emails WHERE email = ? ORDER BY contact DESC LIMIT 1", email)
        return int(found[0][0]) if found else None

    def email_of(self, contact: int) -> str | None:
        """Return a contact's email, None where the index does not know the contact."""
        found = self._read("SELECT email FROM emails WHERE contact = ?", contact)
        return str(found[0][0]) if found else None

    def contacts_of(self, user_id: str) -> list[int]:
        """Return the ids of the contacts with this user id, two at most."""
        found = self._read("SELECT contact FROM users WHERE user_id = ? LIMIT 2", user_id)
        return [int(row[0]) for row in found]

    def has_user(self, contact: int) -> bool:
        """Whether a contact has a user id."""
        return bool(self._read("SELECT 1 FROM users WHERE contact = ?", contact))

    def _write(self, statement: str, *values: object) -> None:
        with self._lock:
            self._database.execute(statement, values)

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()


def _storable(text: str) -> str:
    """Return *text* without what SQLite refuses, halves of surrogate pairs: no row that was let through asks for them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
