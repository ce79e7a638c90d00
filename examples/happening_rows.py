"""The rows of the sample's events and page views, and of each special case one."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from examples.people import ALIKE_USER_ID, EXISTING, NEWEST, People, Row, utc

EVENTS: Final = {
    "order_completed": "Order Completed",
    "product_viewed": "Product Viewed",
    "trial_started": "Trial Started",
    "invoice_paid": "Invoice Paid",
    "support_ticket_opened": "Support Ticket Opened",
}
PATHS: Final = ("/", "/pricing", "/docs/start", "/cart", "/blog/2026/roadmap")


def tracks() -> list[Row]:
    """Return the rows of `tracks`: events by email or by user id, some of them old, some of them sent twice."""
    random = Random("tracks")  # noqa: S311 - a sample, not a secret
    rows = [_track(number, random) for number in range(3_200)]
    for place, changes in enumerate(_special_tracks()):
        rows[100 + 200 * place] |= changes
    for place in range(30):
        rows.insert(1_000 + 37 * place, dict(rows[900 + 31 * place]))
    return rows


def _track(number: int, random: Random) -> Row:
    event = random.choice(tuple(EVENTS))
    person = random.choice((random.randrange(1, 1_201), random.randrange(EXISTING + 1, EXISTING + 3_001)))
    known_by_email = random.random() < 0.55  # noqa: PLR2004 - a share
    return {
        "ID": f"track-{number:05}",
        **_times(_when(number, random, old_one_in=8)),
        "EVENT": event,
        "EVENT_TEXT": EVENTS[event],
        "USER_ID": None if known_by_email else People.user_id(person),
        "CONTEXT_TRAITS_EMAIL": People.email(person) if known_by_email else None,
        "AC_VALUE": str(random.randrange(5, 500)) if event in {"order_completed", "invoice_paid"} else None,
    }


def _special_tracks() -> list[Row]:
    by_email = {"USER_ID": None, "CONTEXT_TRAITS_EMAIL": People.email(7)}
    by_user = {"CONTEXT_TRAITS_EMAIL": None}
    recent = _times(NEWEST - timedelta(hours=30))
    special: list[Row] = [
        by_email | {"EVENT": "x", "EVENT_TEXT": "Completed The Very Long Onboarding Checklist"},
        by_email | {"EVENT": None, "EVENT_TEXT": None},
        by_user | {"USER_ID": None},
        by_user | {"USER_ID": "u-of-nobody"},
        by_user | {"USER_ID": ALIKE_USER_ID},
        by_email | {"CONTEXT_TRAITS_EMAIL": "not an address"},
        # Contacts of the account of which this sync has no row.
        *(by_user | {"USER_ID": People.user_id(1_501 + number)} for number in range(6)),
        # Not a contact at all: sent, and ActiveCampaign may drop it.
        by_email | {"CONTEXT_TRAITS_EMAIL": "stranger@example.org"},
    ]
    return [recent | changes for changes in special]


def pages() -> list[Row]:
    """Return the rows of `pages`: visits by email or by user id, some of them of a domain that is not whitelisted."""
    random = Random("pages")  # noqa: S311 - a sample, not a secret
    rows = [_page(number, random) for number in range(3_100)]
    recent = {name.lower(): time for name, time in _times(NEWEST - timedelta(hours=20)).items()}
    rows[500] |= recent | {"url": None}
    rows[900] |= recent | {"url": "example.com/without-a-scheme"}
    rows[1_300] |= recent | {"user_id": None, "context_traits_email": None}
    rows[1_700] |= recent | {"user_id": "u-of-nobody-else", "context_traits_email": None}
    return rows


def _page(number: int, random: Random) -> Row:
    person = random.choice((random.randrange(1, 1_201), random.randrange(EXISTING + 1, EXISTING + 3_001)))
    known_by_email = random.random() < 0.5  # noqa: PLR2004 - a share
    host = "partner.example.net" if random.random() < 0.05 else random.choice(("www.example.com", "shop.example.com"))  # noqa: PLR2004
    times = _times(_when(number, random, old_one_in=12))
    return {
        "id": f"page-{number:05}",
        **{name.lower(): time for name, time in times.items()},
        "user_id": None if known_by_email else People.user_id(person),
        "context_traits_email": People.email(person) if known_by_email else None,
        "url": f"https://{host}{random.choice(PATHS)}",
        "referrer": random.choice((None, "https://search.example.net/")),
    }


def _when(number: int, random: Random, *, old_one_in: int) -> datetime:
    """Return when an event happened: in the last six days, and for some long ago."""
    if number and random.randrange(old_one_in) == 0:
        return NEWEST - timedelta(days=random.randrange(8, 90), minutes=random.randrange(600))
    return NEWEST - timedelta(minutes=random.randrange(6 * 24 * 60)) if number else NEWEST


def _times(moment: datetime) -> Row:
    return {
        "TIMESTAMP": utc(moment),
        "SENT_AT": utc(moment + timedelta(seconds=2)),
        "RECEIVED_AT": utc(moment + timedelta(seconds=3)),
    }
