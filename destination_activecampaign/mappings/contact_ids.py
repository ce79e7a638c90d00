"""The ids of all contacts by email, read once and then continued: with ids, a hundred contacts are read in one request.

Which contact an id is now is told by reading it: an index is as old as its last page.
"""

from __future__ import annotations

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.mappings.account_index import AccountIndex
from destination_activecampaign.mappings.lookups import PAGE


class ContactIds:
    """Asks the account, and keeps what it says in *index*. Called from several threads."""

    def __init__(self, contacts: Contacts, index: AccountIndex | None = None) -> None:
        self._contacts = contacts
        self._index = AccountIndex() if index is None else index

    def cost(self) -> int:
        """Return how many requests a first `load` takes."""
        return 0 if self._index.has_emails else -(-self._contacts.count() // PAGE)

    def load(self) -> None:
        """Read the contacts that are not in the index yet."""
        self._index.load_emails(self._contacts.list_emails)

    def find(self, email: str) -> int | None:
        """Return the id that the contact with this email had; None where the index has none."""
        return self._index.contact_with(email)
