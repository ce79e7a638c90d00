"""Makes the sample that `scripts/demo` syncs: run `python examples/make_sample.py` and it writes its four files here.

The same files come out each time. Every person in them is invented, at addresses that are kept for examples. Times are
fixed too; the demo moves them, so that the newest event of the sample happened just now.
"""

# ruff: noqa: INP001 - a script beside its files, not a package

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

HERE: Final = Path(__file__).parent
NEWEST: Final = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
EMITTED_AT: Final = int(NEWEST.timestamp() * 1000)
ROWS_PER_STATE: Final = 400

EXISTING: Final = 2_000
"""People 1 to this one are contacts of the account already."""

FIRST_NAMES: Final = (
    "Ada", "Amira", "Ben", "Chiara", "Dmitri", "Elif", "Femi", "Grace", "Hana", "Ivan", "José", "Kwame", "Lena", "Mateo",
    "Nadia", "Olu", "Priya", "Quentin", "Rosa", "Sven", "Tomoko", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abara", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kowalski", "Lopez",
    "Müller", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Silva", "Tanaka", "Usman", "Vega", "Weber", "Young", "Zhao",
)  # fmt: skip
DOMAINS: Final = ("example.com", "example.org", "example.net")
PLANS: Final = ("Free", "Starter", "Team", "Enterprise")
INTERESTS: Final = ("Analytics", "Email", "Events", "Security, privacy")
CHANNELS: Final = ("Email", "Phone", "Post")
TAGS: Final = ("customer", "trial", "webinar-2025", "churn-risk", "VIP", "beta")
EVENTS: Final = {
    "order_completed": "Order Completed",
    "product_viewed": "Product Viewed",
    "trial_started": "Trial Started",
    "invoice_paid": "Invoice Paid",
    "support_ticket_opened": "Support Ticket Opened",
}
PATHS: Final = ("/", "/pricing", "/docs/start", "/cart", "/blog/2026/roadmap")

Row = dict[str, Any]

ALIKE_USER_ID: Final = "u-shared"
"""Two contacts of the account have this external id, so that no event can tell whose it is."""


class People:
    """Invented people by number, the same each time."""

    @staticmethod
    def first_name(number: int) -> str:
        """Return the first name of a person."""
        return FIRST_NAMES[number % len(FIRST_NAMES)]

    @staticmethod
    def last_name(number: int) -> str:
        """Return the last name of a person."""
        return LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]

    @staticmethod
    def email(number: int) -> str:
        """Return the address of a person."""
        return f"person{number:05}@{DOMAINS[number % len(DOMAINS)]}"

    @staticmethod
    def user_id(number: int) -> str:
        """Return the user id of a person."""
        return f"u-{number:05}"


def is_unsubscribed(number: int) -> bool:
    """Tell whether an existing contact has left the newsletter."""
    return number % 17 == 0


def is_bounced(number: int) -> bool:
    """Tell whether the address of an existing contact has bounced."""
    return number <= EXISTING and number % 400 == 0


EXCLUDED: Final = (1_901, 1_902, 1_903)
"""Existing contacts on the account's exclusion list."""


def utc(moment: datetime) -> str:
    """Return a moment as Segment's warehouse tables have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


# The account


def account() -> Row:
    """Return what the account holds before the sync, as the emulator's `/_emulator/seed` takes it."""
    random = Random("account")  # noqa: S311 - a sample, not a secret
    return {
        "fields": [
            {"title": "External id", "perstag": "EXTERNAL_ID", "type": "text"},
            {"title": "Company name", "perstag": "COMPANY_NAME", "type": "text"},
            {"title": "Notes", "perstag": "NOTES", "type": "textarea"},
            {"title": "Signed up on", "perstag": "SIGNED_UP_ON", "type": "date"},
            {"title": "Last login", "perstag": "LAST_LOGIN_AT", "type": "datetime"},
            {"title": "Plan tier", "perstag": "PLAN_TIER", "type": "dropdown", "options": list(PLANS)},
            {"title": "Format", "perstag": "MAIL_FORMAT", "type": "radio", "options": ["HTML", "Text"]},
            {"title": "Interests", "perstag": "INTERESTS", "type": "listbox", "options": list(INTERESTS)},
            {"title": "Channels", "perstag": "CHANNELS", "type": "checkbox", "options": list(CHANNELS)},
            {"title": "Lead source", "perstag": "LEAD_SOURCE", "type": "hidden"},
            {"title": "Monthly revenue", "perstag": "MONTHLY_REVENUE", "type": "number"},
            {"title": "Title", "perstag": "TITLE", "type": "text"},
        ],
        "lists": [
            {"name": "Newsletter", "stringid": "newsletter"},
            {"name": "Product updates", "stringid": "product-updates"},
            {"name": "Partners", "stringid": "partners-emea"},
            {"name": "Partners", "stringid": "partners-apac"},
        ],
        "tags": [*TAGS, "imported-2024"],
        "exclusions": [People.email(number) for number in EXCLUDED],
        "event_names": ["Order Completed"],
        "domains": ["example.com", "shop.example.com"],
        "contacts": [_existing(number, random) for number in range(1, EXISTING + 1)],
    }


def _existing(number: int, random: Random) -> Row:
    status = 2 if is_unsubscribed(number) else 1
    contact: Row = {
        "email": People.email(number),
        "firstName": People.first_name(number),
        "lastName": People.last_name(number),
        "tags": ["imported-2024", *random.sample(TAGS, random.randrange(3))],
        "fields": {
            "EXTERNAL_ID": ALIKE_USER_ID if number in {1_990, 1_991} else People.user_id(number),
            "PLAN_TIER": random.choice(PLANS),
        },
        "lists": {"1": status},
    }
    if is_bounced(number):
        contact["bounced"] = True
        contact["lists"] = {"1": 3}
    return contact


# Contact tables


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


# Events and visits


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


# Airbyte's messages


def streams() -> dict[str, list[Row]]:
    """Return the rows of each stream, in the order in which they are sent: contacts before what they did."""
    return {"identifies": identifies(), "users": users(), "tracks": tracks(), "pages": pages()}


def messages(stream: str, rows: list[Row]) -> list[Row]:
    """Return a stream's RECORDs with a STATE after every few hundred and after the last."""
    sent: list[Row] = []
    for place, row in enumerate(rows, start=1):
        record = {"stream": stream, "namespace": "SEGMENT", "emitted_at": EMITTED_AT, "data": row}
        sent.append({"type": "RECORD", "record": record})
        if place % ROWS_PER_STATE == 0 or place == len(rows):
            state = {
                "stream_descriptor": {"name": stream, "namespace": "SEGMENT"},
                "stream_state": {"cursor": place},
            }
            sent.append({"type": "STATE", "state": {"type": "STREAM", "stream": state}})
    return sent


TEXT: Final[Row] = {"type": ["null", "string"]}
MOMENT: Final[Row] = {"type": ["null", "string"], "format": "date-time"}
TEXTS: Final[Row] = {"type": ["null", "array"], "items": {"type": "string"}}


def _schema(row: Row) -> Row:
    """Return the JSON schema of a stream with rows like *row*."""
    schema: Row = {}
    for name, value in row.items():
        plain = name.lower()
        if plain in {"timestamp", "sent_at", "received_at", "last_login_at"}:
            schema[name] = MOMENT
        elif plain == "signed_up_on":
            schema[name] = {"type": ["null", "string"], "format": "date"}
        elif plain == "mrr":
            schema[name] = {"type": ["null", "number"]}
        elif plain == "tags_reset":
            schema[name] = {"type": ["null", "boolean"]}
        elif plain == "traits":
            schema[name] = {"type": ["null", "object"], "properties": _schema(value)}
        elif isinstance(value, list):
            schema[name] = TEXTS if plain != "lists" else {"type": ["null", "array"], "items": {"type": "object"}}
        else:
            schema[name] = TEXT
    return schema


def catalog(rows_by_stream: dict[str, list[Row]]) -> Row:
    """Return the configured catalog of the streams."""
    configured = []
    for name, rows in rows_by_stream.items():
        stream = {
            "name": name,
            "namespace": "SEGMENT",
            "json_schema": {"type": "object", "properties": _schema(max(rows, key=lambda row: len(json.dumps(row))))},
            "supported_sync_modes": ["full_refresh", "incremental"],
        }
        modes = {"sync_mode": "incremental", "destination_sync_mode": "append"}
        configured.append({"stream": stream, **modes, "generation_id": 1, "minimum_generation_id": 0, "sync_id": 1})
    return {"streams": configured}


def config() -> Row:
    """Return the settings; the URL and the keys are of the emulator that the demo starts, which adds them."""
    revenue = [{"column": "MRR", "field": "%MONTHLY_REVENUE%"}]
    return {"mappings": [{"stream": "identifies", "mapping": "identify", "columns": revenue}]}


def files() -> dict[str, str]:
    """Return the name and the text of each file of the sample."""
    rows_by_stream = streams()
    planted = account()
    contacts = planted.pop("contacts")
    lines = (_compact(message) for stream, rows in rows_by_stream.items() for message in messages(stream, rows))
    # One contact a line, so that a change of one shows as a change of one line.
    rest = json.dumps(planted, indent=2, ensure_ascii=False).removesuffix("\n}")
    return {
        "messages.jsonl": "".join(f"{line}\n" for line in lines),
        "configured_catalog.json": json.dumps(catalog(rows_by_stream), indent=2) + "\n",
        "config.json": json.dumps(config(), indent=2) + "\n",
        "account.json": rest + ',\n  "contacts": [\n' + ",\n".join(map(_compact, contacts)) + "\n  ]\n}\n",
    }


def _compact(value: Row) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main() -> None:
    """Write the files."""
    for name, text in files().items():
        (HERE / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
