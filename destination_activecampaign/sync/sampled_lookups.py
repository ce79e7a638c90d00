"""What a dry run asks of the account: the first questions for real, so that it ends soon; the others are counted.

What the sync would then send is `dry_run`'s.
"""

from __future__ import annotations

import threading

from destination_activecampaign.mappings.lookups import Contact, LookUps
from destination_activecampaign.sync.cost import Cost

SAMPLED = 40
"""Contacts that are read to learn how much of what they ask for would really be changed: up to four look-ups each."""

LOOKED_UP = 200 - 4 * SAMPLED
"""Requests for look-ups that a dry run makes, beside the sample."""

STANDS_IN = "user id "
"""Begins what stands for the email of a contact that was not looked up; no email has a space."""


class SampledLookUps:
    """Look-ups of which only the first LOOKED_UP are made, with an index too; then every contact is taken to exist."""

    def __init__(self, cost: Cost, lookups: LookUps) -> None:
        self._cost = cost
        self._lookups = lookups
        self._asked = 0
        self._indexed: set[str] = set()
        self._counting = threading.Lock()

    def exists(self, email: str) -> bool:
        """Whether a contact has this email."""
        return self._lookups.exists(email) if self._may_ask("emails", requests=1) else True

    def emails_cost(self) -> int:
        """Return how many requests the index of emails would take."""
        return self._lookups.emails_cost()

    def load_emails(self) -> None:
        """Count what loading that index would cost."""
        self._index("emails", self._lookups.emails_cost())

    def contact_of(self, user_id: str) -> Contact:
        """Return the email of the contact with this user id, or, unasked, something that stands for it."""
        return self._lookups.contact_of(user_id) if self._may_ask("users", 2, indexed=1) else STANDS_IN + user_id

    def contact_for(self, user_id: str, email: str) -> Contact:
        """Return the email of the contact with this user id; unasked, of one that has the row's email."""
        if self._may_ask("contacts", requests=2):
            return self._lookups.contact_for(user_id, email)
        return email or STANDS_IN + user_id

    def contacts_cost(self) -> int:
        """Return how many requests the index of emails and user ids would take."""
        return self._lookups.contacts_cost()

    def load_contacts(self) -> None:
        """Count what loading that index would cost."""
        self._index("contacts", self._lookups.contacts_cost())

    def user_ids_cost(self) -> int:
        """Return how many requests the index of user ids would take."""
        return self._lookups.user_ids_cost()

    def load_user_ids(self) -> None:
        """Count what loading that index would cost."""
        self._index("users", self._lookups.user_ids_cost())

    def _index(self, index: str, requests: int) -> None:
        with self._counting:
            self._cost.lookups += requests
            self._indexed.add(index)

    def _may_ask(self, index: str, requests: int, indexed: int = 0) -> bool:
        """Count a question, and say whether it is really asked. `indexed`: requests that it takes beside the index."""
        with self._counting:
            self._cost.lookups += indexed if index in self._indexed else requests
            self._asked += requests
            return self._asked <= LOOKED_UP
