"""What an import writes: the check of its rows when it is accepted, and their effect when it has finished."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator.records import STATUS_ACTIVE, STATUS_UNSUBSCRIBED
from activecampaign_emulator.request import as_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from activecampaign_emulator.automations import Starts
    from activecampaign_emulator.imports import Job
    from activecampaign_emulator.records import Contact
    from activecampaign_emulator.store import Account

# Badly formed: one of " ( ) , : ; \ < > @ [ ] or a space in the wrong place, no @, or a domain without a dot and a
# top level of two letters (help article 360017846539).
_PART: Final = r'[^\s"(),:;\\<>@\[\]]+'
_EMAIL: Final = re.compile(rf"{_PART}@(?:(?:[^\W_]|-)+\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9-]+)")

# Names of an import's row, which are in snake case; camelCase is ignored without a word (seen live).
BASICS: Final[tuple[str, ...]] = ("first_name", "last_name", "phone")


def is_email(text: str) -> bool:
    """Say whether ActiveCampaign takes *text* for an email."""
    return _EMAIL.fullmatch(text) is not None and ".." not in text


def refusal(row: object) -> str | None:
    """Give the reason to refuse a row, and with it the whole import, or None.

    The two on emails are documented; those on the shapes of the other keys are assumed.
    """
    if not isinstance(row, dict):
        return "Contact is not an object"
    if not row.get("email"):
        return "Field 'email' not found"
    for name, is_right in _SHAPES.items():
        if name in row and not is_right(row[name]):
            return f"Field '{name}' incorrect format"
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_tags(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) and tag.strip() for tag in value)


def _are_fields(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and as_number(one.get("id")) is not None and isinstance(one.get("value"), str)
        for one in value
    )


def _are_lists(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and as_number(one.get("listid")) is not None for one in value
    )


_SHAPES: Final[dict[str, Callable[[Any], bool]]] = {
    "email": lambda value: isinstance(value, str) and is_email(value),
    **dict.fromkeys(BASICS, _is_text),
    "tags": _are_tags,
    "fields": _are_fields,
    "subscribe": _are_lists,
    "unsubscribe": _are_lists,
}


def is_importable(account: Account, email: str) -> bool:
    """Say whether an email is neither on the exclusion list nor on the bounced list (help article 360017846539)."""
    key = email.lower()
    return key not in account.excluded and key not in account.bounced


def apply(account: Account, job: Job) -> None:
    """Write a finished import's rows: all when it completed, the first half when it was interrupted (assumed)."""
    if job.state == "failed":
        return
    rows = job.rows if job.state == "completed" else job.rows[: len(job.rows) // 2]
    success: list[int] = []
    failure: list[str] = []
    for row in rows:
        done = None if row["email"].lower() in job.failing else _write(account, row, excluded=job.excluded)
        if done is None:
            failure.append(row["email"])
            continue
        number, created = done
        if created or account.options.import_success_ids == "all":
            success.append(number)
    account.imports.rows_failed += len(failure)
    account.imports.rows_written += len(rows) - len(failure)
    if job.state == "completed":
        job.success, job.failure = success, failure


def _write(account: Account, row: dict[str, Any], *, excluded: bool) -> tuple[int, bool] | None:
    """Write one row; give the contact's id and whether it is new, or None where the row is skipped."""
    contact = account.contact_by_email(row["email"])
    wanted = _lists(account, row, "subscribe")
    if not is_importable(account, row["email"]) or (contact is None and account.is_full()):
        return None
    if contact is not None and account.options.import_unsubscribed == "skip_contact" and _left(contact, wanted):
        return None
    automations = account.automations
    starts = automations.excluded if excluded or _is_true(row.get("exclude_automations")) else automations.fired
    created = contact is None
    if contact is None:
        contact = account.create_contact(row["email"], starts)
    _write_data(account, contact, row, starts)
    for number in wanted:
        _subscribe(account, contact, number, starts)
    for number in _lists(account, row, "unsubscribe"):
        # Whoever is not on the list gets on it as unsubscribed, so that no later import subscribes them.
        account.set_status(contact, number, STATUS_UNSUBSCRIBED, starts)
    return contact.id, created


def _write_data(account: Account, contact: Contact, row: dict[str, Any], starts: Starts) -> None:
    keeps_empty = account.options.empty_string == "keeps"
    basics = {name: row[name] for name in BASICS if name in row and (row[name] or not keeps_empty)}
    account.change_basics(contact, basics, starts)
    texts = {int(entry["id"]): entry["value"] for entry in row.get("fields", ())}
    account.write_values(contact, texts, starts)
    for name in row.get("tags", ()):
        tag = account.tag_named(name.strip()) or account.create_tag(name.strip())
        account.add_tag(contact, tag, starts)


def _lists(account: Account, row: dict[str, Any], key: str) -> list[int]:
    """Give the ids of the lists that a row names; lists that do not exist are ignored (assumed)."""
    numbers = (int(entry["listid"]) for entry in row.get(key, ()))
    return [number for number in numbers if account.lists.get(number) is not None]


def _left(contact: Contact, wanted: list[int]) -> bool:
    return any(number in contact.lists and contact.lists[number].status == STATUS_UNSUBSCRIBED for number in wanted)


def _subscribe(account: Account, contact: Contact, number: int, starts: Starts) -> None:
    """Subscribe without ever resubscribing (vendor page on bulk import)."""
    membership = contact.lists.get(number)
    if membership is None:
        account.set_status(contact, number, STATUS_ACTIVE, starts)
    elif membership.status == STATUS_UNSUBSCRIBED or account.options.import_other_statuses == "leave":
        return
    else:
        account.set_status(contact, number, STATUS_ACTIVE, starts)


def _is_true(value: object) -> bool:
    return value is True or value in (1, "1", "true")
