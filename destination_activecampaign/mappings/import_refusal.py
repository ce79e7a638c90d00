"""Why an import left a contact out. ActiveCampaign only names the email, so the reason is read, never found out by writing."""

from __future__ import annotations

from collections.abc import Callable

from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.outcome import Rejected

UNEXPLAINED = Rejected(
    "import_refused",
    "email",
    "ActiveCampaign left this contact out of the import without a reason. Usual reasons: the address bounced, is on the "
    "account's exclusion list, or is not deliverable.",
)


class RefusalReasons:
    """Reads why an address was left out: bounced, excluded, or no room for a new contact.

    `subscriber_limit`: returns (limit, contacts) of the account, None where the key may not read it.
    """

    def __init__(self, contacts: Contacts, subscriber_limit: Callable[[], tuple[int, int] | None]) -> None:
        self._contacts = contacts
        self._subscriber_limit = subscriber_limit

    def explain(self, email: str) -> Rejected:
        """Return the rejection with the reason that could be read. Raises ConfigError where the account is full."""
        record = self._contacts.find(email)
        if record is not None and self._contacts.bounced(record.id):
            return Rejected(
                "import_refused",
                "email",
                "The address bounced, so ActiveCampaign does not import it. Correct the address.",
            )
        if self._contacts.excluded(email):
            return Rejected(
                "import_refused",
                "email",
                "The address is on the account's exclusion list (Contacts > Exclusion list). Leave it out of the table.",
            )
        limit = self._subscriber_limit() if record is None else None
        if limit is not None and 0 < limit[0] <= limit[1]:
            raise ConfigError(
                f"The account is at its contact limit ({limit[1]} of {limit[0]}), so ActiveCampaign skips new contacts. "
                "Raise the limit or remove contacts, then sync again."
            )
        return UNEXPLAINED
