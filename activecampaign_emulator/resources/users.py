"""The logged-in user, the account's settings and the root of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from activecampaign_emulator.replies import BASE, Reply, json_reply
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

# A real account always has a limit; this stands for none.
UNLIMITED: Final = 2_147_483_647


@emulates("GET", "/", evidence="assumed", note="tap-activecampaign proves its key here; only the 200 is known")
def root(_account: Account, _request: Request) -> Reply:
    """Answer with nothing."""
    return json_reply(200, {})


@emulates("GET", "/users/me", evidence="recorded")
def me(_account: Account, _request: Request) -> Reply:
    """Give the user whose key it is."""
    user = {
        "username": "admin",
        "firstName": "Emulated",
        "lastName": "Admin",
        "email": "admin@example.com",
        "phone": "",
        "signature": None,
        "links": {name: f"{BASE}/users/1/{name}" for name in ("lists", "userGroup", "dealGroupTotals", "configs")},
        "id": "1",
    }
    return json_reply(200, {"user": user})


@emulates(
    "GET", "/settings/account", evidence="assumed", note="the two keys are documented; that they are at the top is not"
)
def settings(account: Account, _request: Request) -> Reply:
    """Give the contact limit and how much of it is used."""
    limit = account.options.contact_limit or UNLIMITED
    body = {"subscriber_limit": limit, "subscriber_total": len(account.contacts)}
    return json_reply(200, body)
