"""Contacts one by one: create, read with what belongs to them, change, delete, and the upsert by email."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator.bodies import (
    contact_body,
    contact_tag_body,
    field_value_body,
    membership_body,
    new_contact_body,
)
from activecampaign_emulator.import_rows import is_email
from activecampaign_emulator.paging import paged, window_if_asked
from activecampaign_emulator.replies import (
    BASE,
    ApiError,
    Reply,
    email_duplicate,
    email_invalid,
    errors,
    json_reply,
    not_found,
)
from activecampaign_emulator.request import as_number, as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.records import Contact, FieldValue
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

BASICS: Final = {"firstName": "first_name", "lastName": "last_name", "phone": "phone"}


def the_contact(account: Account, number: int) -> Contact:
    """Give the contact with this id; the API calls it Subscriber."""
    contact = account.contacts.get(number)
    if contact is None:
        raise not_found("Subscriber", number)
    return contact


def shown(account: Account, contact: Contact) -> dict[str, Any]:
    """Give a contact's long form."""
    offset = account.options.account_timezone_offset
    return contact_body(contact, offset, bounced=contact.email.lower() in account.bounced)


def _checked_email(entity: dict[str, Any]) -> str:
    email = as_text(entity.get("email"))
    if not is_email(email):
        raise email_invalid()
    return email


def _field_texts(entity: dict[str, Any]) -> dict[int, str]:
    """Read `fieldValues`; malformed ones made the API answer 500 (seen by Pipedream)."""
    given = entity.get("fieldValues") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise ApiError(500, {"message": "An error occurred while processing the request."})
    numbers = ((as_number(one.get("field")), as_text(one.get("value"))) for one in given)
    return {number: text for number, text in numbers if number is not None}


def _write(account: Account, contact: Contact, entity: dict[str, Any]) -> list[FieldValue]:
    """Write the keys that are there, and no others."""
    texts = _field_texts(entity)
    fired = account.automations.fired
    keeps_empty = account.options.empty_string == "keeps"
    given = {name: as_text(entity[key]) for key, name in BASICS.items() if key in entity}
    account.change_basics(contact, {name: text for name, text in given.items() if text or not keeps_empty}, fired)
    return account.write_values(contact, texts, fired)


def _created(account: Account, entity: dict[str, Any], email: str) -> Reply:
    _field_texts(entity)
    if account.is_full():
        detail = "Your account has reached its contact limit."
        raise errors(403, {"status": 403, "title": "Forbidden", "detail": detail})
    contact = account.create_contact(email, account.automations.fired)
    values = _write(account, contact, entity)
    offset = account.options.account_timezone_offset
    return json_reply(
        201,
        {
            "fieldValues": [field_value_body(value, offset) for value in values],
            "contact": new_contact_body(contact, offset),
        },
    )


def _updated(account: Account, contact: Contact, entity: dict[str, Any]) -> Reply:
    values = _write(account, contact, entity)
    offset = account.options.account_timezone_offset
    shown_values = [field_value_body(value, offset) for value in values]
    return json_reply(200, {"fieldValues": shown_values, "contact": shown(account, contact)})


@emulates("POST", "/contact/sync", evidence="recorded", note="200 on update and the short 201 body are recordings")
def sync(account: Account, request: Request) -> Reply:
    """Create or update by email; only keys that are sent are written, unknown field ids are ignored."""
    entity = request.entity("contact")
    if not entity.get("email"):
        detail = "Contact email must be provided for sync"
        raise errors(400, {"status": 400, "title": "Bad Request", "detail": detail})
    email = _checked_email(entity)
    contact = account.contact_by_email(email)
    if contact is None and account.options.sync_matches_phone:
        contact = account.contact_by_phone(as_text(entity.get("phone")))
        if contact is not None:
            account.change_email(contact, email)
    return _created(account, entity, email) if contact is None else _updated(account, contact, entity)


@emulates("POST", "/contacts", evidence="recorded", note="the answer over the contact limit is assumed")
def create(account: Account, request: Request) -> Reply:
    """Create a contact whose email is new."""
    entity = request.entity("contact")
    email = _checked_email(entity)
    if account.contact_by_email(email) is not None:
        raise email_duplicate()
    return _created(account, entity, email)


@emulates("GET", "/contacts/<number>", evidence="recorded")
def read(account: Account, request: Request) -> Reply:
    """Give a contact with its sideloads."""
    contact = the_contact(account, request.number())
    offset = account.options.account_timezone_offset
    return json_reply(
        200,
        {
            "accountContacts": [],
            "contactAutomations": [],
            "contactLists": [membership_body(one, contact, offset) for one in contact.lists.values()],
            "deals": [],
            "fieldValues": [field_value_body(value, offset) for value in contact.values.values()],
            "geoIps": [],
            "contact": shown(account, contact),
        },
    )


@emulates("PUT", "/contacts/<number>", evidence="recorded")
def update(account: Account, request: Request) -> Reply:
    """Change a contact; the only way to another email."""
    contact = the_contact(account, request.number())
    entity = request.entity("contact")
    if "email" in entity:
        email = _checked_email(entity)
        other = account.contact_by_email(email)
        if other is not None and other is not contact:
            raise email_duplicate()
        account.change_email(contact, email)
    return _updated(account, contact, entity)


@emulates("DELETE", "/contacts/<number>", evidence="recorded")
def delete(account: Account, request: Request) -> Reply:
    """Delete a contact; a second time is a 404."""
    account.delete_contact(the_contact(account, request.number()))
    return json_reply(200, {})


@emulates("GET", "/contacts/<number>/contactTags", evidence="recorded", note="not in OpenAPI; not paged in recordings")
def contact_tags(account: Account, request: Request) -> Reply:
    """List the tags of a contact."""
    offset = account.options.account_timezone_offset
    links = the_contact(account, request.number()).tags.values()
    return json_reply(
        200, {"contactTags": [contact_tag_body(link, offset) for link in window_if_asked(request, links)]}
    )


@emulates("GET", "/contacts/<number>/fieldValues", evidence="documented", note="no paging in OpenAPI")
def field_values(account: Account, request: Request) -> Reply:
    """List the field values of a contact."""
    offset = account.options.account_timezone_offset
    values = the_contact(account, request.number()).values.values()
    return json_reply(
        200, {"fieldValues": [field_value_body(value, offset) for value in window_if_asked(request, values)]}
    )


@emulates("GET", "/contacts/<number>/contactLists", evidence="documented", note="no paging in OpenAPI")
def contact_lists(account: Account, request: Request) -> Reply:
    """List the memberships of a contact."""
    contact = the_contact(account, request.number())
    offset = account.options.account_timezone_offset
    memberships = window_if_asked(request, contact.lists.values())
    return json_reply(200, {"contactLists": [membership_body(one, contact, offset) for one in memberships]})


@emulates("GET", "/contacts/<number>/bounceLogs", evidence="assumed", note="only the link to it is recorded")
def bounce_logs(account: Account, request: Request) -> Reply:
    """List a contact's bounces: one for each contact on the bounced list."""
    contact = the_contact(account, request.number())
    logs = [{"subscriberid": str(contact.id), "email": contact.email, "type": "hard", "id": str(contact.id)}]
    return json_reply(200, paged(request, "bounceLogs", logs if contact.email.lower() in account.bounced else [], dict))


@emulates("GET", "/contacts/<number>/trackingLogs", evidence="documented", note="how visits show is assumed")
def tracking_logs(account: Account, request: Request) -> Reply:
    """List a contact's events and visits, oldest first."""
    contact = the_contact(account, request.number())
    body = []
    for log in window_if_asked(request, account.tracking.of(contact)):
        is_visit = log.kind == "visit"
        body.append(
            {
                "subscriberid": str(contact.id),
                "type": "__pagevisit" if is_visit else log.name,
                "value": log.name if is_visit else log.value,
                "tstamp": account.shown_time(log.time),
                "hash": f"{log.id:040x}",
                "links": {"contact": f"{BASE}/trackingLogs/{log.id}/contact"},
                "id": str(log.id),
                "contact": str(contact.id),
            }
        )
    return json_reply(200, {"trackingLogs": body})
