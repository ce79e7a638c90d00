"""What this sync has learnt of contacts: kept on disk, so that memory does not grow with the rows.

Only the loop's thread touches it.
"""

from __future__ import annotations

from destination_activecampaign.mappings.lookups import Contact, NotOne, digest
from destination_activecampaign.mappings.temporary_database import temporary_database

FREE = ""
"""Stands for nobody: an email that its contact gave up in this sync."""


class Known:
    """Emails whose contacts this sync wrote, deleted or was told of, the email of each user id, and whose an email is."""

    def __init__(self) -> None:
        self._database = temporary_database(
            self,
            "CREATE TABLE contacts (email INTEGER PRIMARY KEY, there INTEGER) WITHOUT ROWID",
            "CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT) WITHOUT ROWID",
            "CREATE TABLE account_users (id TEXT PRIMARY KEY, email TEXT, why TEXT) WITHOUT ROWID",
            "CREATE TABLE holders (email INTEGER PRIMARY KEY, id TEXT) WITHOUT ROWID",
        )

    # whether a contact is there

    def exists(self, email: str) -> bool | None:
        """Whether a contact with this email exists; None where this sync has not learnt that."""
        row = self._database.execute("SELECT there FROM contacts WHERE email = ?", (digest(email),)).fetchone()
        return None if row is None else bool(row[0])

    def add(self, email: str) -> None:
        """Note that a contact with this email exists."""
        self._database.execute("INSERT OR REPLACE INTO contacts VALUES (?, 1)", (digest(email),))

    def remove(self, email: str) -> None:
        """Note that no contact has this email any more."""
        self._database.execute("INSERT OR REPLACE INTO contacts VALUES (?, 0)", (digest(email),))
        self.free(email)

    # whose a user id is

    def pair(self, user_id: str, email: str) -> None:
        """Note that a row of this sync gives *user_id* to *email*; a second email makes it ambiguous."""
        self._database.execute(
            "INSERT INTO users VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET email = NULL WHERE email IS NOT excluded.email",
            (user_id, email),
        )

    def place(self, user_id: str, email: str, before: str | None = None) -> None:
        """Note that *user_id* has this email from here on, and nobody else; *before*: the one that its contact gave up."""
        self._database.execute("INSERT OR REPLACE INTO users VALUES (?, ?)", (user_id, email))
        if before is not None and self.holder(before) in {None, user_id}:
            self.free(before)
            self._database.execute("INSERT OR REPLACE INTO contacts VALUES (?, 0)", (digest(before),))
        self._hold(email, user_id)

    def displace(self, user_id: str, email: str) -> None:
        """Note that *user_id* did not get the email after all."""
        self._database.execute("DELETE FROM users WHERE id = ? AND email = ?", (user_id, email))
        if self.holder(email) == user_id:
            self.free(email)

    def take_away(self, user_id: str) -> None:
        """Note that the contact of *user_id* was deleted."""
        self._database.execute("INSERT OR REPLACE INTO users VALUES (?, '')", (user_id,))

    def pair_in_account(self, user_id: str, contact: Contact) -> None:
        """Note whom the account has under *user_id*."""
        email, why = (None, contact.value) if isinstance(contact, NotOne) else (contact, None)
        self._database.execute("INSERT OR REPLACE INTO account_users VALUES (?, ?, ?)", (user_id, email, why))

    def contact_of(self, user_id: str) -> Contact | None:
        """Return whom *user_id* stands for: by this sync's rows, else by the account; None if that was not asked yet."""
        row = self._database.execute("SELECT email FROM users WHERE id = ?", (user_id,)).fetchone()
        if row is not None:
            return NotOne.AMBIGUOUS if row[0] is None else str(row[0]) or NotOne.GONE
        row = self._database.execute("SELECT email, why FROM account_users WHERE id = ?", (user_id,)).fetchone()
        if row is None:
            return None
        return NotOne(row[1]) if row[0] is None else str(row[0])

    # whose an email is

    def holder(self, email: str) -> str | None:
        """Return the user id that this sync gave an email to, FREE if it was given up, None if it knows nothing of it."""
        row = self._database.execute("SELECT id FROM holders WHERE email = ?", (digest(email),)).fetchone()
        return None if row is None else str(row[0])

    def free(self, email: str) -> None:
        """Note that an email belongs to nobody."""
        self._hold(email, FREE)

    def _hold(self, email: str, user_id: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO holders VALUES (?, ?)", (digest(email), user_id))
