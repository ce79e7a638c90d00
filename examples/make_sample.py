"""Makes the sample that `scripts/demo` syncs: run `python -m examples.make_sample` and it writes its four files here.

The same files come out each time. Every person in them is invented, at addresses that are kept for examples. Times are
fixed too; the demo moves them, so that the newest event of the sample happened just now.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Final

from examples.contact_rows import identifies, users
from examples.happening_rows import pages, tracks
from examples.people import (
    ALIKE_USER_ID,
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
)

HERE: Final = Path(__file__).parent
EMITTED_AT: Final = int(NEWEST.timestamp() * 1000)
ROWS_PER_STATE: Final = 400


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
