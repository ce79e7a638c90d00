"""page: a row is a page view of a contact. Which of the three ways it is sent is not decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.base import NO_RULES, TOO_OLD, MappedVisit, StreamColumns, StreamShape
from destination_activecampaign.mappings.happenings import HappeningColumns, HappeningMapping, is_old, text_of
from destination_activecampaign.mappings.names import nowhere

if TYPE_CHECKING:
    from destination_activecampaign.mappings.columns import Cell
    from destination_activecampaign.mappings.names import Target
    from destination_activecampaign.mappings.outcome import Skipped


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What the user chose for page views. `skip_events_older_than`: days, 0 for never."""

    skip_events_older_than: float = 7


class Page(HappeningMapping):
    """Maps the rows of one stream to visits."""

    name = "page"

    def __init__(
        self, shape: StreamShape, rules: StreamColumns = NO_RULES, settings: PageSettings | None = None
    ) -> None:
        self._settings = settings or PageSettings()
        super().__init__(HappeningColumns(shape, ("url", "referrer"), rules, self.name))

    @property
    def notes(self) -> list[str]:
        """What the plan's reader should know."""
        return list(self._happenings.columns.notes)

    @property
    def unused_told(self) -> list[str]:
        """What is told of the columns that no input takes."""
        return [f"{nowhere(self.unused)}; a visit has only a url and a referrer"] if self.unused else []

    def map(self, row: dict[str, Any], now: float = 0.0, /) -> MappedVisit | Skipped:
        """Map one row at *now* (epoch seconds). Raises RecordRejected."""
        found = self._happenings.columns.read(row)
        whose = self._happenings.read(found)
        if is_old(whose.time, self._settings.skip_events_older_than, now):
            return TOO_OLD
        url, domain = self._url(found)
        refused = list(whose.refused)
        referrer = text_of(found, "referrer", refused) or ""
        return MappedVisit(
            whose.email, whose.user_id, url, referrer, whose.message_id, whose.time, domain, tuple(refused)
        )

    def _url(self, found: dict[Target, Cell]) -> tuple[str, str]:
        """Return the page's url and its host, lower case, without the port."""
        cell = found.get("url")
        if cell is None or cell[1] is None:
            column = self._happenings.columns.source("url")
            raise RecordRejected("url_missing", column, "The row has no url. Map a column to url.")
        url = text_of(found, "url")
        if url is not None and url.isprintable() and " " not in url:
            try:
                parts = urlsplit(url)
                domain, _ = parts.hostname, parts.port  # the port raises where it is none
            except ValueError:
                domain = None
            if domain and parts.scheme in ("http", "https"):
                return url, domain
        raise RecordRejected(
            "url_invalid",
            cell[0].column,
            "A page's url begins with https:// or http:// and has a host, without spaces.",
        )
