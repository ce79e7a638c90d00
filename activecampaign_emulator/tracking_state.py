"""Event and site tracking of an account: switches, names, domains, and what was tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from activecampaign_emulator.numbered import Numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activecampaign_emulator.records import Contact, TrackingLog, UrlWhitelisting

# The list of event names shows these two of the tracker's own (OpenAPI).
BUILT_IN_EVENTS: Final = ("__pagevisit", "__redir")


class Tracking:
    """What trackcmp knows of one account."""

    def __init__(self) -> None:
        self.events_enabled = True
        self.site_enabled = True
        self.event_names: dict[str, None] = dict.fromkeys(BUILT_IN_EVENTS)
        self.domains: dict[str, None] = {}
        self.whitelistings: Numbered[UrlWhitelisting] = Numbered()
        self.unknown: dict[str, list[TrackingLog]] = {}
        self._by_contact: dict[int, list[TrackingLog]] = {}
        self._last_id = 0

    def add(self, contact: Contact | None, email: str, entry: TrackingLog) -> None:
        """Keep an event or visit of a contact, or of an email that none has, and number it."""
        self._last_id += 1
        entry.id = self._last_id
        if contact is None:
            self.unknown.setdefault(email.lower(), []).append(entry)
        else:
            self._by_contact.setdefault(contact.id, []).append(entry)

    def of(self, contact: Contact) -> Sequence[TrackingLog]:
        """Give a contact's events and visits, oldest first."""
        return self._by_contact.get(contact.id, ())

    def forget(self, contact: Contact) -> None:
        """Drop what a contact did."""
        self._by_contact.pop(contact.id, None)

    def whitelisted(self) -> set[str]:
        """Give the domains of both whitelists."""
        return {*self.domains, *(one.domain for one in self.whitelistings if one.tracking_enabled)}
