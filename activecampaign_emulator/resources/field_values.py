"""Field values: one per contact and field; posting again updates it in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activecampaign_emulator.bodies import field_value_body
from activecampaign_emulator.paging import window
from activecampaign_emulator.records import FieldValue
from activecampaign_emulator.replies import Reply, errors, json_reply, not_found
from activecampaign_emulator.request import as_number, as_text
from activecampaign_emulator.resources.contacts import shown, the_contact
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activecampaign_emulator.records import Contact, Field
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account


def _the_value(account: Account, request: Request) -> FieldValue:
    value = account.values.get(request.number())
    if value is None:
        raise not_found("FieldValue", request.number())
    return value


def _body(account: Account, value: FieldValue) -> dict[str, Any]:
    return field_value_body(value, account.options.account_timezone_offset)


@emulates("GET", "/fieldValues", evidence="recorded", note="filters[fieldid] and filters[val] are equals")
def search(account: Account, request: Request) -> Reply:
    """List values; the only way to find contacts by a custom field."""
    number, text = as_number(request.argument("filters[fieldid]")), request.argument("filters[val]")
    values: Iterable[FieldValue] = account.values
    total = len(account.values)
    if number is not None:
        index = account.values_of(number)
        found = index.matching(text) if text else index.all
        values, total = found.values(), len(found)
    elif text:
        every = [value for value in account.values if value.value == text]
        values, total = every, len(every)
    page = [_body(account, value) for value in window(request, values)]
    return json_reply(200, {"fieldValues": page, "meta": {"total": str(total)}})


@emulates("GET", "/fieldValues/<number>", evidence="recorded")
def read(account: Account, request: Request) -> Reply:
    """Give a value."""
    return json_reply(200, {"fieldValue": _body(account, _the_value(account, request))})


@emulates("POST", "/fieldValues", evidence="recorded", note="201 first (recorded), 200 after (OpenAPI, seen live)")
def write(account: Account, request: Request) -> Reply:
    """Write a contact's value of a field; personalization tags are not accepted as ids (seen live)."""
    entity = request.entity("fieldValue")
    field = account.fields.get(as_number(entity.get("field")) or 0)
    if field is None:
        raise errors(422, {"title": "Field id not valid"})
    contact = the_contact(account, as_number(entity.get("contact")) or 0)
    is_new = field.id not in contact.values
    value = _set(account, contact, field, as_text(entity.get("value")))
    body = {"contacts": [shown(account, contact)], "fieldValue": _body(account, value)}
    return json_reply(201 if is_new else 200, body)


def _set(account: Account, contact: Contact, field: Field, text: str) -> FieldValue:
    value = account.set_value(contact, field, text, account.automations.fired)
    if value is None:
        # A text that the field does not take leaves an empty value behind (assumed): the answer has to carry an id.
        value = FieldValue(account.values.next_id, contact.id, field.id, "", account.now, account.now)
        account.add_value(contact, value)
    return value


@emulates("PUT", "/fieldValues/<number>", evidence="recorded")
def update(account: Account, request: Request) -> Reply:
    """Change a value."""
    value, entity = _the_value(account, request), request.entity("fieldValue")
    contact = the_contact(account, value.contact)
    field = account.fields.get(value.field)
    if field is not None:
        account.set_value(contact, field, as_text(entity.get("value")), account.automations.fired)
    return json_reply(200, {"contacts": [shown(account, contact)], "fieldValue": _body(account, value)})


@emulates("DELETE", "/fieldValues/<number>", evidence="recorded", note="the documented way to clear a field")
def delete(account: Account, request: Request) -> Reply:
    """Delete a value."""
    value = _the_value(account, request)
    if value.value:
        account.automations.fired["field_changed"] += 1
    account.delete_value(value)
    return json_reply(200, {})
