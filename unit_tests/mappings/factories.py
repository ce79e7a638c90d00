"""Accounts, streams and mappings, with what a test is not about filled in."""

from __future__ import annotations

from typing import Any

from destination_activecampaign.api.account import ContactList, Directory, Field
from destination_activecampaign.mappings.base import ColumnRule, NewTags, StreamColumns, StreamShape
from destination_activecampaign.mappings.identify import Identify, IdentifySettings

PLAN = Field(1, "Plan tier", "dropdown", "PLAN", ("Gold", "Silver"))
SIGNUP = Field(2, "Signup date", "date", "SIGNUP_DATE")
INTERESTS = Field(3, "Interests", "checkbox", "INTERESTS", ("Tea", "Coffee, black"))
CITY = Field(4, "City", "text", "CITY")
COMPANY = Field(5, "Company", "text", "COMPANY")
EXTERNAL_ID = Field(6, "External id", "text", "EXTERNAL_ID")

FIELDS = (PLAN, SIGNUP, INTERESTS, CITY, COMPANY, EXTERNAL_ID)
LISTS = (ContactList(1, "News", "news-letter"), ContactList(2, "Offers", "offers"), ContactList(3, "offers ", "x"))


def an_account(*fields: Field, lists: tuple[ContactList, ...] = LISTS, tags: dict[str, str] | None = None) -> Directory:
    """Return an account; its fields are `FIELDS` unless given."""
    return Directory(fields or FIELDS, lists, {"vip": "VIP"} if tags is None else tags)


def a_stream(*columns: str, name: str = "people", namespace: str | None = None, **schemas: Any) -> StreamShape:
    """Return a stream of text columns; *schemas* declares others."""
    return StreamShape(name, namespace, {**{column: {"type": "string"} for column in columns}, **schemas})


def rules(constants: dict[str, str] | None = None, **columns: str) -> StreamColumns:
    """Return what a mapping entry says: column → field."""
    return StreamColumns(
        tuple(ColumnRule(column, target) for column, target in columns.items()), tuple((constants or {}).items())
    )


def an_identify(
    *columns: str,
    account: Directory | None = None,
    entry: StreamColumns | None = None,
    new_tags: NewTags | None = None,
    shape: StreamShape | None = None,
    **settings: Any,
) -> Identify:
    """Return identify over a stream with these columns (any others are found in rows)."""
    return Identify(
        shape or a_stream(*columns), entry or rules(), account or an_account(), IdentifySettings(**settings), new_tags
    )


def a_person(**columns: Any) -> dict[str, Any]:
    """Return a row that creates a contact."""
    return {"email": "ada@example.com", "firstName": "Ada", **columns}
