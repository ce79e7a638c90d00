"""Questions that a row can ask of the account: is there a contact with this email, and whose user id is this.

Every answer that names a contact has been compared with what was asked: ActiveCampaign ignores filters that it does not
know and would answer with somebody else (observed).
"""

from __future__ import annotations

import hashlib
import threading
from array import array
from bisect import bisect_left
from enum import Enum
from typing import TypeAlias

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.errors import NotFound

PAGE = 100
"""Contacts, or field values, in one answer (documented maximum)."""


class NotOne(Enum):
    """Why a user id names no contact."""

    MISSING = "missing"
    AMBIGUOUS = "ambiguous"


Contact: TypeAlias = str | NotOne
"""The email that a user id stands for, or why there is none."""


def digest(text: str) -> int:
    """Return 8 bytes of *text*'s hash as a signed integer, which `array` and SQLite hold in the least room."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


class LookUps:
    """Asks the account, one question a call, until an index of all answers is loaded.

    `external_id_field`: id of the custom field that holds user ids; None where the account has none, so that no user id
    is known. Called from several threads.
    """

    def __init__(self, contacts: Contacts, external_id_field: int | None) -> None:
        self._contacts = contacts
        self._external_id_field = external_id_field
        self._emails: array[int] | None = None
        self._contacts_by_user: dict[int, int | None] | None = None
        self._loading = threading.Lock()

    # contacts by email

    def exists(self, email: str) -> bool:
        """Whether a contact has this email (lower case)."""
        if self._emails is None:
            return self._contacts.find(email) is not None
        wanted = digest(email)
        place = bisect_left(self._emails, wanted)
        return place < len(self._emails) and self._emails[place] == wanted

    def emails_cost(self) -> int:
        """Return how many requests `load_emails` would take."""
        return -(-self._contacts.count() // PAGE)

    def load_emails(self) -> None:
        """Read the emails of all contacts once; 8 bytes a contact are kept."""
        with self._loading:
            self._emails = array("q", sorted(array("q", (digest(email) for _, email in self._contacts.list_emails()))))

    # contacts by user id

    def contact_of(self, user_id: str) -> Contact:
        """Return the email of the one contact that has this user id."""
        if self._external_id_field is None:
            return NotOne.MISSING
        if self._contacts_by_user is not None and digest(user_id) not in self._contacts_by_user:
            return NotOne.MISSING
        if self._contacts_by_user is not None:
            contact_id = self._contacts_by_user[digest(user_id)]
            found = [] if contact_id is None else [contact_id]
        else:
            found = self._contacts.find_by_field(self._external_id_field, user_id)
            if not found:
                return NotOne.MISSING
        if len(found) != 1:
            return NotOne.AMBIGUOUS
        try:
            return self._contacts.get(found[0]).email or NotOne.MISSING
        except NotFound:
            return NotOne.MISSING

    def user_ids_cost(self) -> int:
        """Return how many requests `load_user_ids` would take."""
        if self._external_id_field is None:
            return 0
        return -(-self._contacts.count_of_field(self._external_id_field) // PAGE)

    def load_user_ids(self) -> None:
        """Read all values of the external id field once. None stands for a value that several contacts have."""
        if self._external_id_field is None:
            return
        by_user: dict[int, int | None] = {}
        for contact_id, value in self._contacts.values_of_field(self._external_id_field):
            key = digest(value)
            by_user[key] = contact_id if by_user.get(key, contact_id) == contact_id else None
        self._contacts_by_user = by_user
