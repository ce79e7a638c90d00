"""The rows of the sample's two tables of contacts, and of each special case a few."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

from examples.people import (
    CHANNELS,
    EXCLUDED,
    EXISTING,
    INTERESTS,
    NEWEST,
    PLANS,
    TAGS,
    People,
    Row,
    is_bounced,
    is_unsubscribed,
    utc,
)


def identifies() -> list[Row]:
    """Return the rows of `identifies`: one per change of a person, flat, UPPER CASE as Snowflake has it."""
    random = Random("identifies")  # noqa: S311 - a sample, not a secret
    people = [*range(1, 1_201), *range(EXISTING + 1, EXISTING + 1_801)]
    people = [number for number in people if not is_bounced(number)]
    people += random.sample(people, 600)
    random.shuffle(people)
    rows = [_identify(number, random) for number in people]
    for row in _special_identifies(random):
        rows.insert(random.randrange(300, len(rows)), row)
    for place, row in enumerate(rows):
        moment = NEWEST - timedelta(days=2) + timedelta(seconds=40 * place)
        row |= {"ID": f"identify-{place:05}", "RECEIVED_AT": utc(moment)}
    return rows


def _identify(number: int, random: Random) -> Row:
    """Return a row of a person: subscriptions are asked for new people only, so that consent is a case of its own."""
    lists = None
    if number > EXISTING and random.random() < 0.8:  # noqa: PLR2004 - a share
        lists = json.dumps([{"id": 1, "status": "active"}])
    elif random.random() < 0.03:  # noqa: PLR2004 - a share
        lists = json.dumps([{"id": "newsletter", "status": "unsubscribed"}])
    return {
        "USER_ID": People.user_id(number),
        "EMAIL": People.email(number),
        "FIRST_NAME": People.first_name(number),
        "LAST_NAME": People.last_name(number),
        "PHONE": f"+1 555 {number:07}" if random.random() < 0.3 else None,  # noqa: PLR2004 - a share
        "TAGS": json.dumps(random.sample(TAGS, random.randrange(3))),
        "TAGS_RESET": None,
        "TAGS_REMOVE": None,
        "LISTS": lists,
        "PLAN_TIER": random.choice(PLANS).lower(),
        "INTERESTS": json.dumps(random.sample(INTERESTS, random.randrange(3))),
        "SIGNED_UP_ON": (NEWEST - timedelta(days=random.randrange(900))).date().isoformat(),
        "MRR": random.choice((None, 0, 29, 99.5, 480)),
        "UTM_CAMPAIGN": random.choice((None, "spring", "autumn")),
    }


def _special_identifies(random: Random) -> list[Row]:
    """Return the rows for which something special happens; of each kind a few."""

    def row(number: int, **changes: Any) -> Row:
        return _identify(number, random) | {"LISTS": None} | changes

    left = [number for number in range(1_601, EXISTING) if is_unsubscribed(number) and not is_bounced(number)]
    return [
        # Need single requests, as an import cannot take anything away.
        *(row(1_410 + number, TAGS='["customer", "VIP"]', TAGS_RESET=True) for number in range(6)),
        row(1_416, TAGS=None, TAGS_RESET=1),
        *(row(1_420 + number, TAGS_REMOVE="imported-2024, churn-risk") for number in range(6)),
        # Ask to subscribe people who have left the list: they stay unsubscribed, the rest is written.
        *(row(number, LISTS='[{"id": 1, "status": "subscribed"}]') for number in left[:6]),
        # Have no name: they update contacts that exist.
        *(row(1_440 + number, FIRST_NAME=None, LAST_NAME=None) for number in range(8)),
        # Are written without one value that its field cannot take.
        *(row(1_450 + number, PLAN_TIER="Platinum") for number in range(4)),
        row(1_455, SIGNED_UP_ON="15/01/2026"),
        row(1_456, MRR="a lot"),
        # Are refused, each for another reason.
        row(1_460, EMAIL="ada.example.com"),
        row(1_461, EMAIL=None),
        row(1_462, LISTS='[{"id": "vip-club", "status": "active"}]'),
        row(1_463, LISTS='[{"id": 1, "status": "maybe"}]'),
        row(1_464, LISTS='[{"id": "partners", "status": "active"}]'),
        row(1_465, LISTS='[{"id": 1, "status": "active"}, {"id": "newsletter", "status": "unsubscribed"}]'),
        row(1_466, LISTS='[{"id": 1'),
        row(1_467, TAGS='["customer",'),
        row(1_468, INTERESTS='["Email"'),
        row(9_001, EMAIL="nobody@example.com", FIRST_NAME=None, LAST_NAME=None),
        row(400),
        row(EXCLUDED[0]),
    ]


def users() -> list[Row]:
    """Return the rows of `users`: one per person, with nested traits."""
    random = Random("users")  # noqa: S311 - a sample, not a secret
    people = [*range(EXISTING + 1_801, EXISTING + 3_001), *range(1_201, 1_401), *range(EXISTING + 1, EXISTING + 401)]
    people = [number for number in people if not is_bounced(number)]
    random.shuffle(people)
    rows = [_user(number, random) for number in people]
    # The last row of an incremental sync is often sent again.
    return [*rows, rows[-1]]


def _user(number: int, random: Random) -> Row:
    traits: Row = {
        "email": People.email(number).upper() if number % 10 == 0 else People.email(number),
        "name": f"{People.first_name(number)} {People.last_name(number)}",
        "tags": random.sample(TAGS, random.randrange(2)),
        "company_name": f"Company {number % 97}",
        "title": "Engineer",
        "last_login_at": utc(NEWEST - timedelta(minutes=random.randrange(40_000))),
        "mail_format": random.choice(("html", "text")),
        "channels": random.sample(CHANNELS, random.randrange(3)),
        "lead_source": random.choice((None, "fair", "web")),
    }
    if number > EXISTING:
        traits["lists"] = [{"id": "product-updates", "status": "subscribed"}]
    return {"id": People.user_id(number), "userId": People.user_id(number), "traits": traits}
