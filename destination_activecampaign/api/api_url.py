"""The API URL as the user pastes it, made the one form that requests are built on."""

from __future__ import annotations

from urllib.parse import urlsplit

from destination_activecampaign.addresses import address_of, is_refused
from destination_activecampaign.errors import ConfigError

WHERE = "Paste the API URL from ActiveCampaign's Settings > Developer, like https://youraccount.api-us1.com."


def normalise_api_url(text: str) -> str:
    """Return scheme and host of *text*, without `/api/3` and without a trailing slash; raise ConfigError otherwise.

    http is taken for this machine only (tests, the emulator): ActiveCampaign redirects it, and a key must not travel in
    the clear.
    """
    url = text.strip().rstrip("/").removesuffix("/api/3").rstrip("/")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"The API URL is not a URL. {WHERE}") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ConfigError(f"The API URL must not hold a user name or password. {WHERE}")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ConfigError(f"The API URL must not hold a query. {WHERE}")
    if parts.scheme not in ("http", "https") or not host or any(char.isspace() or char == "\\" for char in url):
        raise ConfigError(f"The API URL must begin with https:// and name a host. {WHERE}")
    if parts.path:
        raise ConfigError(f"The API URL must end after the host or with /api/3. {WHERE}")
    if is_refused(host):
        raise ConfigError(f"The API URL names an address that no account has. {WHERE}")
    address = address_of(host)
    loopback = host == "localhost" or (address is not None and address.is_loopback)
    if parts.scheme == "http" and not loopback:
        raise ConfigError(f"The API URL must begin with https://. {WHERE}")
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + (f":{port}" if port is not None else "")
