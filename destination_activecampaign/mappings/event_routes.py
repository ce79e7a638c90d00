"""How an event or a visit is sent, and what its answer means. What a row's event is, is decided in `track` and `page`."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from destination_activecampaign.api.once import Once
from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.errors import ConnectionFailed, RequestRefused, ServerError
from destination_activecampaign.mappings.base import MappedEvent, MappedVisit
from destination_activecampaign.mappings.outcome import Outcome, Rejected, Written

PAGE_VIEW = "page_view"
"""Name of the event that a page becomes with `page_delivery: event`."""

NOT_WHITELISTED = Rejected(
    "domain_not_whitelisted",
    "url",
    "ActiveCampaign records visits of whitelisted domains only. Add the domain under Website > Site tracking, "
    "or set `whitelist_domains`.",
)


@dataclass(frozen=True, slots=True)
class EventRouteSettings:
    """`repeat_lost`: whether an event whose answer was lost is sent again, at the risk that it counts twice."""

    page_delivery: Literal["visit", "local_event", "event"] = "visit"
    repeat_lost: bool = True
    max_new_event_names: int = 100
    whitelist_domains: bool = False


class EventRoutes:
    """Sends events and visits. Called from several threads.

    `event_names`: those that the account has; `domains`: those whose visits it records, None where it does not say.
    """

    def __init__(
        self,
        tracking: Tracking,
        settings: EventRouteSettings,
        event_names: Once[str, None],
        domains: Once[str, None] | None,
    ) -> None:
        self._tracking = tracking
        self._settings = settings
        self._event_names = event_names
        self._new_names: set[str] = set()
        self._domains = domains
        self._counting = threading.Lock()

    def send(self, email: str, event: MappedEvent | MappedVisit) -> Outcome:
        """Send one event. Raises TransientError where ActiveCampaign could not be reached until the deadline."""
        try:
            if isinstance(event, MappedEvent):
                return self._event(email, event.event, event.value)
            if self._settings.page_delivery == "event":
                return self._event(email, PAGE_VIEW, event.url)
            return self._visit(email, event)
        except RequestRefused as error:
            return Rejected("event_refused", "", error.message)
        except (ConnectionFailed, ServerError) as error:
            if self._settings.repeat_lost:
                raise
            return Rejected(
                "delivery_unknown",
                "",
                f"No answer tells whether it arrived, and `event_delivery` is at_most_once. {error.message}",
            )

    def foresee(self, event: MappedEvent | MappedVisit) -> Rejected | None:
        """Return why `send` would reject an event without asking the account, None where it would send it."""
        if not isinstance(event, MappedVisit) or self._settings.page_delivery == "event":
            return None
        return None if self._takes(event.domain) or self._settings.whitelist_domains else NOT_WHITELISTED

    def _event(self, email: str, name: str, value: str) -> Outcome:
        if not self._registered(name):
            return Rejected(
                "too_many_new_event_names",
                "event",
                f"The sync has created {self._settings.max_new_event_names} event names. Look whether the right column "
                "is mapped to the event's name, or raise `max_new_event_names`.",
            )
        self._tracking.event(email, name, value or None, safe_to_repeat=self._settings.repeat_lost)
        return Written()

    def _visit(self, email: str, visit: MappedVisit) -> Outcome:
        if not self._whitelisted(visit.domain):
            return NOT_WHITELISTED
        repeat = self._settings.repeat_lost
        if self._settings.page_delivery == "visit":
            self._tracking.visit(email, visit.url, visit.referrer, safe_to_repeat=repeat)
            # Its answer says nothing (no documentation of it): the row is written as far as anyone can tell.
            return Written(unconfirmed=True)
        when = datetime.now(UTC) if visit.time is None else datetime.fromtimestamp(visit.time, UTC)
        self._tracking.local_event(
            email, when.isoformat(timespec="seconds"), visit.url, visit.referrer, safe_to_repeat=repeat
        )
        return Written()

    def _registered(self, name: str) -> bool:
        """Whether the account has the event name, registering it if it may: unknown names may be dropped (uncertain)."""
        if name not in self._event_names:
            with self._counting:
                self._new_names.add(name)
                if len(self._new_names) > self._settings.max_new_event_names:
                    self._new_names.discard(name)
                    return False
            self._event_names.get(name, partial(self._tracking.create_event_name, name))
        return True

    def _takes(self, domain: str) -> bool:
        """Whether the account records visits of the domain, as far as it says."""
        return self._domains is None or domain.removeprefix("www.") in self._domains or domain in self._domains

    def _whitelisted(self, domain: str) -> bool:
        if self._domains is None or self._takes(domain):
            return True
        if not self._settings.whitelist_domains:
            return False
        self._domains.get(domain, partial(self._tracking.whitelist_domain, domain))
        return True
