"""Reads what an account has by name: custom fields, lists, tags, its contact limit; creates custom fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from destination_activecampaign.api import answers, pages
from destination_activecampaign.api.account import ContactList, Field
from destination_activecampaign.api.classify import is_duplicate
from destination_activecampaign.api.client import Client, Request
from destination_activecampaign.api.quotas import Lane
from destination_activecampaign.errors import (
    AuthenticationError,
    ConfigError,
    RequestRefused,
    TransientError,
    UnexpectedResponse,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of contacts; `name` in the account's spelling."""

    id: int
    name: str


def read_fields(client: Client) -> tuple[Field, ...]:
    """Read all custom fields of contacts with the values that they accept (`GET /fields`, documented).

    `fieldOptions` stand beside `fields`, each with the id of its field.
    """
    request = Request("GET", "/fields", lane=Lane.LOOKUP)
    fields: list[dict[str, Any]] = []
    options: dict[int, list[str]] = {}
    for answer in pages.answers(client, request, "fields"):
        fields += answer["fields"]
        for option in answer.get("fieldOptions") or []:
            value = answers.text(option, "value")
            known = options.setdefault(answers.number(option, "field", request.name), [])
            if value not in known:
                known.append(value)
    found = (_field(item, request.name, options) for item in fields)
    return tuple({field.id: field for field in found}.values())


def read_lists(client: Client) -> tuple[ContactList, ...]:
    """Read all lists (`GET /lists`, documented)."""
    request = Request("GET", "/lists", lane=Lane.LOOKUP)
    return tuple(
        ContactList(
            answers.number(item, "id", request.name), answers.text(item, "name"), answers.text(item, "stringid")
        )
        for item in pages.objects(client, request, "lists")
    )


def read_tags(client: Client) -> tuple[Tag, ...]:
    """Read all tags of contacts (`GET /tags`, documented); tags of templates are left out."""
    request = Request("GET", "/tags", lane=Lane.LOOKUP)
    return tuple(
        Tag(answers.number(item, "id", request.name), answers.text(item, "tag"))
        for item in pages.objects(client, request, "tags")
        if answers.text(item, "tagType") in ("contact", "")
    )


def create_field(client: Client, title: str, field_type: str) -> Field:
    """Create a custom field that is visible on all lists, or return the one that has this title already.

    `POST /fields` answers 422 `duplicate` for a title that is taken; without a relation (`POST /fieldRels`, relid 0: to
    all lists) a field's values are not shown (documented). The account chooses the personalization tag, so the field is
    read back.
    """
    request = Request(
        "POST",
        "/fields",
        body=answers.body({"field": {"type": field_type, "title": title, "descript": "", "visible": 1}}),
    )
    try:
        client.send(request)
    except RequestRefused as error:
        if not is_duplicate(error):
            raise
    field = next((field for field in read_fields(client) if field.title.casefold() == title.casefold()), None)
    if field is None:
        raise UnexpectedResponse(f"{request.name}: the new custom field is not among the account's fields.")
    relation = answers.body({"fieldRel": {"field": field.id, "relid": 0}})
    try:
        client.send(Request("POST", "/fieldRels", body=relation))
    except RequestRefused as error:
        if not is_duplicate(error):
            raise
    return field


def subscriber_limit(client: Client) -> tuple[int, int] | None:
    """Return how many contacts the account may hold and how many it holds; None where the key may not read it.

    `GET /settings/account`: for the group Admin only (documented). Whether the numbers stand at the top or one level
    below is assumed to vary.
    """
    request = Request("GET", "/settings/account", lane=Lane.LOOKUP, optional=True)
    try:
        answer = client.send(request, deadline_seconds=30.0)
    except (AuthenticationError, ConfigError, RequestRefused, TransientError):
        return None
    for item in (answer, *(value for value in answer.values() if isinstance(value, dict))):
        if "subscriber_limit" in item and "subscriber_total" in item:
            try:
                return int(item["subscriber_limit"]), int(item["subscriber_total"])
            except (TypeError, ValueError):
                return None
    return None


def _field(item: dict[str, Any], route: str, options: dict[int, list[str]]) -> Field:
    field_id = answers.number(item, "id", route)
    return Field(
        id=field_id,
        title=answers.text(item, "title"),
        type=answers.text(item, "type").lower(),
        perstag=answers.text(item, "perstag").strip("%").upper(),
        options=tuple(options.get(field_id, ())),
        description=answers.text(item, "descript"),
    )
