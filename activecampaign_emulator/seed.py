"""Fill an account at once, as if it had always been so: no automations, no quotas, no imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activecampaign_emulator.automations import Starts
from activecampaign_emulator.records import FieldRel
from activecampaign_emulator.request import as_number, as_text
from activecampaign_emulator.resources.fields import add_option, create_field
from activecampaign_emulator.resources.lists import create_list

if TYPE_CHECKING:
    from activecampaign_emulator.records import Field
    from activecampaign_emulator.store import Account

KEYS = frozenset({"fields", "lists", "tags", "contacts", "exclusions", "event_names", "domains"})


def plant(account: Account, body: dict[str, Any]) -> dict[str, Any]:
    """Add what *body* lists and give the ids; a contact whose email exists is updated."""
    unknown = body.keys() - KEYS
    if unknown:
        raise ValueError(f"not known to seed: {sorted(unknown)}")
    fields = [_field(account, one) for one in body.get("fields", ())]
    lists = [
        create_list(account, one["name"], one.get("stringid") or one["name"].lower().replace(" ", "-"), {})
        for one in body.get("lists", ())
    ]
    for name in body.get("tags", ()):
        if account.tag_named(name) is None:
            account.create_tag(name)
    account.excluded.update(email.lower() for email in body.get("exclusions", ()))
    account.tracking.event_names.update(dict.fromkeys(body.get("event_names", ())))
    account.tracking.domains.update(dict.fromkeys(domain.lower() for domain in body.get("domains", ())))
    by_name = {field.perstag: field for field in account.fields} | {str(field.id): field for field in account.fields}
    contacts = [_contact(account, one, by_name) for one in body.get("contacts", ())]
    return {
        "fields": [{"id": str(field.id), "title": field.title, "perstag": field.perstag} for field in fields],
        "lists": [{"id": str(one.id), "name": one.name, "stringid": one.stringid} for one in lists],
        "tags": [{"id": str(tag.id), "tag": tag.name} for tag in account.tags],
        "contacts": contacts,
    }


def _field(account: Account, one: dict[str, Any]) -> Field:
    field = create_field(account, one["title"], one.get("type", "text"), one.get("perstag", ""), {})
    for order, option in enumerate(one.get("options", ()), start=1):
        add_option(account, field, option, option, order, is_default=False)
    rel = FieldRel(account.field_rels.next_id, field.id, 0, account.now)
    account.field_rels.add(rel)
    field.rels.append(rel)
    return field


def _contact(account: Account, one: dict[str, Any], fields: dict[str, Field]) -> str:
    """Add a contact and give its id."""
    unseen = Starts()
    contact = account.contact_by_email(one["email"]) or account.create_contact(one["email"], unseen)
    contact.first_name = as_text(one.get("firstName", contact.first_name))
    contact.last_name = as_text(one.get("lastName", contact.last_name))
    contact.phone = as_text(one.get("phone", contact.phone))
    for name in one.get("tags", ()):
        account.add_tag(contact, account.tag_named(name) or account.create_tag(name), unseen)
    for name, text in one.get("fields", {}).items():
        field = fields.get(name.strip("%").upper())
        if field is None:
            raise ValueError(f"there is no field {name!r} to seed")
        account.set_value(contact, field, as_text(text), unseen)
    for number, status in one.get("lists", {}).items():
        known = account.lists.get(as_number(number) or 0)
        if known is None:
            raise ValueError(f"there is no list {number!r} to seed")
        account.set_status(contact, known.id, status, unseen)
    if one.get("bounced"):
        account.bounced.add(contact.email.lower())
    return str(contact.id)
