"""What this sync has learnt of contacts: kept on disk, so that memory does not grow with the rows.

Only the loop's thread touches it.
"""

from __future__ import annotations

import sqlite3
import weakref

from destination_activecampaign.mappings.lookups import Contact, NotOne, digest


class Known:
    """Emails that exist because this sync wrote them, or was told so, and the email of each user id.

    A temporary database that SQLite unlinks by itself: nothing of a row outlives the process. It is closed with the
    last reference to this object.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE contacts (email INTEGER PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT) WITHOUT ROWID",
            "CREATE TABLE account_users (id TEXT PRIMARY KEY, email TEXT, why TEXT) WITHOUT ROWID",
            "BEGIN",  # never committed: one transaction spares a file operation per row
        ):
            self._database.execute(statement)

    def exists(self, email: str) -> bool:
        """Whether a contact with this email is known to exist."""
        return bool(self._database.execute("SELECT 1 FROM contacts WHERE email = ?", (digest(email),)).fetchone())

    def add(self, email: str) -> None:
        """Note that a contact with this email exists."""
        self._database.execute("INSERT OR IGNORE INTO contacts VALUES (?)", (digest(email),))

    def pair(self, user_id: str, email: str) -> None:
        """Note that a row of this sync gives *user_id* to *email*; a second email makes it ambiguous."""
        self._database.execute(
            "INSERT INTO users VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET email = NULL WHERE email IS NOT excluded.email",
            (user_id, email),
        )

    def pair_in_account(self, user_id: str, contact: Contact) -> None:
        """Note whom the account has under *user_id*."""
        email, why = (None, contact.value) if isinstance(contact, NotOne) else (contact, None)
        self._database.execute("INSERT OR REPLACE INTO account_users VALUES (?, ?, ?)", (user_id, email, why))

    def contact_of(self, user_id: str) -> Contact | None:
        """Return whom *user_id* stands for: by this sync's rows, else by the account; None if that was not asked yet."""
        row = self._database.execute("SELECT email FROM users WHERE id = ?", (user_id,)).fetchone()
        if row is not None:
            return NotOne.AMBIGUOUS if row[0] is None else str(row[0])
        row = self._database.execute("SELECT email, why FROM account_users WHERE id = ?", (user_id,)).fetchone()
        if row is None:
            return None
        return NotOne(row[1]) if row[0] is None else str(row[0])
