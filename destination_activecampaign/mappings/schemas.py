"""The objects that a user can map columns to, as JSON schemas made from the live account: what `discover` publishes."""

from __future__ import annotations

from typing import Any

from destination_activecampaign.api.account import Directory, Field
from destination_activecampaign.mappings.base import Operation
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import RESERVED
from destination_activecampaign.mappings.names import normalise

_TEXTS = {"type": "array", "items": {"type": "string"}}
_EMAIL = {"type": "string", "format": "email", "title": "Email", "description": "Who it is about."}
_USER_ID = {"type": "string", "title": "User id", "description": "External user id, used where no email is given."}
_MESSAGE_ID = {"type": "string", "title": "Message id", "description": "A message that comes twice is sent once."}
_TIMESTAMP = {"type": "string", "format": "date-time", "title": "Time", "description": "When it happened."}

_OPTIONS_ONE = ("dropdown", "radio")
_OPTIONS_MANY = ("listbox", "checkbox")


_OPERATIONS: tuple[tuple[str, Operation], ...] = (
    ("append_dedup", "upsert"),
    ("update", "update"),
    ("soft_delete", "soft_delete"),
)
"""`sync_mode` of an operation on contacts → what it does."""


def operations(directory: Directory, external_id: int | None) -> list[dict[str, Any]]:
    """Return what can be done in this account, as the `operations` of Airbyte's destination catalog.

    `external_id`: the custom field that keeps user ids; contacts can only be matched by user id where there is one.
    """
    keys = [["email"], ["userId"]] if external_id is not None else [["email"]]
    contact = contact_schema(directory, external_id)
    changes: dict[Operation, dict[str, Any]] = {
        "upsert": contact,
        # Only its key is needed of a contact that exists.
        "update": {**contact, "required": []},
        "soft_delete": _object({key: contact["properties"][key] for (key,) in keys}, required=[]),
    }
    return [
        *(
            {"object_name": "contact", "sync_mode": mode, "json_schema": changes[name], "matching_keys": keys}
            for mode, name in _OPERATIONS
        ),
        {"object_name": "event", "sync_mode": "append", "json_schema": event_schema()},
        {"object_name": "page_view", "sync_mode": "append", "json_schema": page_view_schema()},
    ]


def contact_schema(directory: Directory, external_id: int | None = None) -> dict[str, Any]:
    """Return the schema of `contact`: the inputs of identify and every custom field by its personalization tag."""
    list_id: dict[str, Any] = {"type": "string", "description": "A list's id, stringid or name."}
    if directory.lists:
        list_id["examples"] = [str(each.id) for each in directory.lists]
    properties: dict[str, Any] = {
        "email": {
            **_EMAIL,
            "description": "The contact's address. Matched by it, the contact with this email is meant.",
        },
        "firstName": {"type": "string", "title": "First name"},
        "lastName": {"type": "string", "title": "Last name"},
        "name": {
            "type": "string",
            "title": "Name",
            "description": "Split at its first space where no other name is given.",
        },
        "phone": {"type": "string", "title": "Phone"},
        "userId": {"type": "string", "title": "User id", "description": _kept_in(directory, external_id)},
        "tags": {**_TEXTS, "title": "Tags", "description": "Added by name, created when new."},
        "tagsReset": {
            "type": "boolean",
            "title": "Reset tags",
            "description": "Afterwards the contact has exactly `tags`.",
        },
        "tags_remove": {**_TEXTS, "title": "Tags to remove"},
        "lists": {
            "type": "array",
            "title": "Lists",
            "description": "Subscriptions; who has left a list is not subscribed again.",
            "items": {
                "type": "object",
                "required": ["id", "status"],
                "properties": {
                    "id": list_id,
                    "status": {"type": "string", "enum": ["active", "unsubscribed"]},
                },
            },
        },
    }
    taken = RESERVED | {normalise(name) for name in properties}
    names = FieldNames(directory)
    for field in directory.fields:
        if field.id == external_id:
            continue  # userId is the way to it
        # A tag that reads like an input, or like another field, would land elsewhere: then the id names it.
        unique = normalise(field.perstag) not in taken and names.find(field.perstag) == (field,)
        properties[field.perstag if unique else f"field_{field.id}"] = _field_schema(field)
    return _object(properties, required=["email"])


def event_schema() -> dict[str, Any]:
    """Return the schema of `event`."""
    properties = {
        "email": _EMAIL,
        "userId": _USER_ID,
        "event": {
            "type": "string",
            "title": "Event name",
            "maxLength": 32,
            "description": "Registered when it is new.",
        },
        "value": {"type": "string", "title": "Value", "description": "What automations see beside the name."},
        "timestamp": _TIMESTAMP,
        "messageId": _MESSAGE_ID,
    }
    return _object(properties, required=["event"])


def page_view_schema() -> dict[str, Any]:
    """Return the schema of `page_view`."""
    properties = {
        "email": _EMAIL,
        "userId": _USER_ID,
        "url": {"type": "string", "format": "uri", "title": "URL", "description": "Its domain must be whitelisted."},
        "referrer": {"type": "string", "title": "Referrer"},
        "timestamp": _TIMESTAMP,
        "messageId": _MESSAGE_ID,
    }
    return _object(properties, required=["url"])


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _kept_in(directory: Directory, external_id: int | None) -> str:
    title = next((field.title for field in directory.fields if field.id == external_id), None)
    if title is None:
        return (
            "Your own id of the person. Only kept if the account has the custom field that `external_id_field` names."
        )
    return f"Your own id of the person, kept in the custom field {title}."


def _field_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": field.title}
    if field.description:
        schema["description"] = field.description
    if field.type in _OPTIONS_MANY:
        items = {"type": "string", "enum": list(field.options)} if field.options else {"type": "string"}
        return schema | {"type": "array", "items": items}
    if field.type in _OPTIONS_ONE and field.options:
        return schema | {"type": "string", "enum": list(field.options)}
    kinds = {"date": {"format": "date"}, "datetime": {"format": "date-time"}}
    if field.type == "number":
        return schema | {"type": "number"}
    return schema | {"type": "string"} | kinds.get(field.type, {})
