"""Reads values out of answers and writes bodies: ids come as text or as numbers (observed), missing text as null."""

from __future__ import annotations

import json
from typing import Any

from destination_activecampaign.errors import UnexpectedResponse


def body(payload: dict[str, Any]) -> bytes:
    """Return *payload* as a JSON body."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def member(answer: dict[str, Any], key: str, route: str) -> dict[str, Any]:
    """Return the object under *key*; raise UnexpectedResponse if there is none."""
    found = answer.get(key)
    if not isinstance(found, dict):
        raise UnexpectedResponse(f"{route}: ActiveCampaign's answer has no object {key!r}.")
    return found


def number(item: dict[str, Any], key: str, route: str) -> int:
    """Return the id or count under *key*; raise UnexpectedResponse if it is none."""
    try:
        return int(item[key])
    except (KeyError, TypeError, ValueError):
        raise UnexpectedResponse(f"{route}: ActiveCampaign's answer has no number under {key!r}.") from None


def text(item: dict[str, Any], key: str) -> str:
    """Return the text under *key*, empty where it is missing or null."""
    found = item.get(key)
    return "" if found is None else str(found)


def same_email(left: str, right: str) -> bool:
    """Tell whether two addresses are one: ActiveCampaign compares them without case (observed)."""
    return left.strip().casefold() == right.strip().casefold()
