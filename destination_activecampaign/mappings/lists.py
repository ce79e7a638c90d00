"""A row's list subscriptions: `[{"id": ..., "status": ...}]`.

Anything in doubt rejects the row: consent is at stake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.contact import Membership
from destination_activecampaign.mappings.values import UnreadableValue, read_json

if TYPE_CHECKING:
    from destination_activecampaign.api.account import ContactList

_STATUSES = {
    "active": Membership.SUBSCRIBE,
    "subscribed": Membership.SUBSCRIBE,
    "subscribe": Membership.SUBSCRIBE,
    "1": Membership.SUBSCRIBE,
    "true": Membership.SUBSCRIBE,
    "unsubscribed": Membership.UNSUBSCRIBE,
    "unsubscribe": Membership.UNSUBSCRIBE,
    "2": Membership.UNSUBSCRIBE,
    "false": Membership.UNSUBSCRIBE,
}


class ListNames:
    """The account's lists by id, and by stringid or name without case."""

    def __init__(self, lists: tuple[ContactList, ...]) -> None:
        self._ids = {str(one.id): one.id for one in lists}
        self._named: dict[str, set[int]] = {}
        for one in lists:
            for name in (one.stringid, one.name):
                self._named.setdefault(name.strip().lower(), set()).add(one.id)

    def read(self, value: Any, column: str) -> dict[int, Membership]:
        """Return list id → what the row asks.

        Raises RecordRejected: `lists_unreadable`, `list_unknown`, `list_ambiguous`, `list_status_invalid`,
        `list_contradictory`.
        """
        if isinstance(value, str):
            try:
                value = read_json(value) if value.strip() else None
            except UnreadableValue:
                raise _unreadable(column) from None
        if value is None:
            return {}
        asked: dict[int, Membership] = {}
        for entry in value if isinstance(value, list) else [value]:
            if not isinstance(entry, dict):
                raise _unreadable(column)
            keys = {key.strip().lower(): one for key, one in entry.items()}
            list_id = self._find(keys.get("id"), column)
            status = _status(keys.get("status"), column)
            if asked.setdefault(list_id, status) is not status:
                raise RecordRejected(
                    "list_contradictory",
                    column,
                    "The row names one list with two different statuses. Keep one of them.",
                )
        return asked

    def _find(self, given: Any, column: str) -> int:
        name = _text(given)
        if name.isascii() and name.isdigit():
            found = {self._ids[name.lstrip("0")]} if name.lstrip("0") in self._ids else set()
        else:
            found = self._named.get(name.lower(), set()) if name else set()
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise RecordRejected(
                "list_ambiguous", column, "Several lists of the account have this name. Name the list by its id."
            )
        raise RecordRejected(
            "list_unknown", column, "The account has no such list. Give each entry the id, stringid or name of a list."
        )


def _status(given: Any, column: str) -> Membership:
    status = _STATUSES.get(_text(given).lower())
    if status is None:
        raise RecordRejected(
            "list_status_invalid",
            column,
            "Each list needs a status: active, subscribed, subscribe, 1, true; or unsubscribed, unsubscribe, 2, false.",
        )
    return status


def _text(given: Any) -> str:
    """Return a name or status as text: warehouses send 1 as 1, 1.0 or "1"."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, float) and given.is_integer():
        return str(int(given))
    return str(given).strip() if isinstance(given, str | int) else ""


def _unreadable(column: str) -> RecordRejected:
    return RecordRejected(
        "lists_unreadable",
        column,
        f'Column {column} must hold [{{"id": ..., "status": ...}}], as an array or JSON text.',
    )
