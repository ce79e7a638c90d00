"""The account as tests want to read it: names in place of ids, nothing of the API's own form."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activecampaign_emulator.records import Contact, TrackingLog
    from activecampaign_emulator.store import Account


def contact(account: Account, one: Contact) -> dict[str, Any]:
    """Give a contact; tags by name in the order they came, values by perstag, statuses by list id; no empty values."""
    names = (account.tags.get(number) for number in one.tags)
    texts: dict[str, str] = {}
    for number, value in one.values.items():
        field = account.fields.get(number)
        if field is not None and value.value:
            texts[field.perstag] = value.value
    return {
        "id": str(one.id),
        "email": one.email,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "phone": one.phone,
        "tags": [tag.name for tag in names if tag is not None],
        "fields": texts,
        "lists": {str(number): membership.status for number, membership in one.lists.items()},
        "created": account.shown_time(one.created),
        "updated": account.shown_time(one.updated),
        **_tracking(account, account.tracking.of(one)),
    }


def _tracking(account: Account, logs: Iterable[TrackingLog]) -> dict[str, list[dict[str, str]]]:
    events, visits = [], []
    for log in logs:
        time = account.shown_time(log.time)
        if log.kind == "event":
            events.append({"event": log.name, "eventdata": log.value, "tstamp": time})
        else:
            visits.append({"url": log.name, "referrer": log.value, "tstamp": time})
    return {"events": events, "visits": visits}


def account(one: Account, after: int, limit: int | None) -> bytes:
    """Give the account as JSON; contacts by id, only those after an id and at most so many when asked.

    Contacts are written one by one, so that a large account is held once as text and not as objects too.
    """
    rest = {
        "total": len(one.contacts),
        "tags": [tag.name for tag in one.tags],
        "lists": [{"id": str(item.id), "name": item.name, "stringid": item.stringid} for item in one.lists],
        "fields": [
            {
                "id": str(field.id),
                "title": field.title,
                "type": field.type,
                "perstag": field.perstag,
                "options": [option.value for option in field.options],
                "relids": [rel.relid for rel in field.rels],
            }
            for field in one.fields
        ],
        "exclusions": sorted(one.excluded),
        "bounced": sorted(one.bounced),
        "event_names": list(one.tracking.event_names),
        "domains": sorted(one.tracking.whitelisted()),
        "unknown": {email: _tracking(one, logs) for email, logs in one.tracking.unknown.items()},
    }
    contacts = islice(one.contacts.after(after), limit)
    texts = (json.dumps(contact(one, item), separators=(",", ":")).encode() for item in contacts)
    return b'{"contacts":[' + b",".join(texts) + b"]," + json.dumps(rest, separators=(",", ":")).encode()[1:]
