"""One request to ActiveCampaign, as the modules of endpoints describe it. Sending it is `client`'s."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from destination_activecampaign.api.quotas import Lane


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    `route`: template below /api/3, its `{…}` filled from `path`; `params`: query; `body`: bytes of `content_type`;
    `expects`: the key that the answer's JSON must have; `safe_to_repeat`: False where a request whose answer was lost
    must not be sent again; `single_import`: an import of one contact; `optional`: an account may lack the route or a
    key the right, so that both are raised at once; `base`: another host, which never sees the API key.
    """

    method: str
    route: str
    path: tuple[str | int, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    lane: Lane = Lane.SINGLE
    expects: str | None = None
    safe_to_repeat: bool = True
    single_import: bool = False
    optional: bool = False
    content_type: str = "application/json"
    base: str | None = None

    @property
    def name(self) -> str:
        """Method and route template: all that messages may say of a request."""
        return f"{self.method} {self.route}"

    def __repr__(self) -> str:
        return f"Request({self.name})"

    def url(self, base: str) -> str:
        """Return the whole URL; every reserved character of a value is percent-encoded, `+` too."""
        pieces = iter(self.path)
        parts = [quote(str(next(pieces)), safe="") if part.startswith("{") else part for part in self.route.split("/")]
        query = urlencode(self.params, quote_via=quote, safe="")
        return base + "/".join(parts) + (f"?{query}" if query else "")
