"""Objects of the API as JSON: the keys and types that were recorded. Ids and numbers are text on reads."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator import clock
from activecampaign_emulator.replies import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activecampaign_emulator.records import (
        Contact,
        ContactTag,
        Field,
        FieldOption,
        FieldRel,
        FieldValue,
        MailingList,
        Membership,
        Tag,
    )

CONTACT_LINKS: Final = (
    "bounceLogs",
    "contactAutomations",
    "contactData",
    "contactGoals",
    "contactLists",
    "contactLogs",
    "contactTags",
    "contactDeals",
    "deals",
    "fieldValues",
    "geoIps",
    "notes",
    "organization",
    "plusAppend",
    "trackingLogs",
    "scoreValues",
    "accountContacts",
    "automationEntryCounts",
)
MEMBERSHIP_LINKS: Final = (
    "automation",
    "list",
    "contact",
    "form",
    "autosyncLog",
    "campaign",
    "unsubscribeAutomation",
    "message",
)


def _links(path: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{BASE}/{path}/{name}" for name in names}


def contact_body(contact: Contact, offset: str, *, bounced: bool = False) -> dict[str, Any]:
    """Give the long form of a contact: the 39 keys of live records (a published source connector's schema)."""
    created, updated = clock.iso(contact.created, offset), clock.iso(contact.updated, offset)
    local, _, domain = contact.email.partition("@")
    return {
        "cdate": created,
        "email": contact.email,
        "phone": contact.phone,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "orgid": "0",
        "orgname": "",
        "segmentio_id": "",
        "bounced_hard": "1" if bounced else "0",
        "bounced_soft": "0",
        "bounced_date": None,
        "ip": "0",
        "ua": None,
        "hash": hashlib.sha256(contact.email.encode()).hexdigest()[:32],
        "socialdata_lastcheck": None,
        "email_local": local,
        "email_domain": domain,
        "sentcnt": "0",
        "rating_tstamp": None,
        "gravatar": "0",
        "deleted": "0",
        "anonymized": "0",
        "adate": None,
        "udate": updated,
        "edate": None,
        "deleted_at": None,
        "created_utc_timestamp": clock.stamp(contact.created),
        "updated_utc_timestamp": clock.stamp(contact.updated),
        "created_timestamp": clock.stamp(contact.created, offset),
        "updated_timestamp": clock.stamp(contact.updated, offset),
        "created_by": None,
        "updated_by": None,
        "email_empty": False,
        "mpp_tracking": "0",
        "scoreValues": [],
        "accountContacts": [],
        "links": _links(f"contacts/{contact.id}", CONTACT_LINKS),
        "id": str(contact.id),
        "organization": None,
    }


def new_contact_body(contact: Contact, offset: str) -> dict[str, Any]:
    """Give the short form that answers a creation: no deleted, ip and so on, `orgid` empty (recorded)."""
    return {
        "email": contact.email,
        "phone": contact.phone,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "email_empty": False,
        "cdate": clock.iso(contact.created, offset),
        "udate": clock.iso(contact.updated, offset),
        "orgid": "",
        "orgname": "",
        "links": _links(f"contacts/{contact.id}", CONTACT_LINKS),
        "id": str(contact.id),
        "organization": "",
    }


def field_value_body(value: FieldValue, offset: str) -> dict[str, Any]:
    """Give a field value; `owner` is the contact again."""
    return {
        "contact": str(value.contact),
        "field": str(value.field),
        "value": value.value,
        "cdate": clock.iso(value.created, offset),
        "udate": clock.iso(value.updated, offset),
        "created_by": None,
        "updated_by": None,
        "links": _links(f"fieldValues/{value.id}", ["owner", "field"]),
        "id": str(value.id),
        "owner": str(value.contact),
    }


def contact_tag_body(link: ContactTag, offset: str) -> dict[str, Any]:
    """Give a contact's tag; `tag` is the tag's id, `id` the link's (recorded)."""
    created = clock.iso(link.created, offset)
    return {
        "contact": str(link.contact),
        "tag": str(link.tag),
        "cdate": created,
        "created_timestamp": clock.stamp(link.created, offset),
        "updated_timestamp": clock.stamp(link.created, offset),
        "created_by": None,
        "updated_by": None,
        "links": _links(f"contactTags/{link.id}", ["contact", "tag"]),
        "id": str(link.id),
    }


def membership_body(membership: Membership, contact: Contact, offset: str) -> dict[str, Any]:
    """Give a contact's membership of a list (OpenAPI, GET /contacts/{id}/contactLists)."""
    return {
        "contact": str(membership.contact),
        "list": str(membership.list),
        "form": None,
        "seriesid": "0",
        "sdate": clock.iso(membership.created, offset),
        "udate": clock.iso(membership.updated, offset),
        "status": str(membership.status),
        "responder": "1",
        "sync": "0",
        "unsubreason": None,
        "campaign": None,
        "message": None,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "ip4Sub": "0",
        "sourceid": "4",
        "autosyncLog": None,
        "ip4_last": "0",
        "ip4Unsub": "0",
        "created_timestamp": clock.stamp(membership.created, offset),
        "updated_timestamp": clock.stamp(membership.updated, offset),
        "created_by": None,
        "updated_by": None,
        "unsubscribeAutomation": None,
        "links": _links(f"contactLists/{membership.id}", MEMBERSHIP_LINKS),
        "id": str(membership.id),
        "automation": None,
    }


def tag_body(tag: Tag, offset: str) -> dict[str, Any]:
    """Give a tag; `subscriber_count` is text (recorded)."""
    return {
        "tagType": tag.tag_type,
        "tag": tag.name,
        "description": tag.description,
        "cdate": clock.iso(tag.created, offset),
        "subscriber_count": str(tag.contacts),
        "links": {"contactGoalTags": f"{BASE}/tags/{tag.id}/contactGoalTags"},
        "id": str(tag.id),
    }


def field_body(field: Field, offset: str) -> dict[str, Any]:
    """Give a custom field with the ids of its options and relations."""
    return {
        "title": field.title,
        "type": field.type,
        "perstag": field.perstag,
        **field.settings,
        "cdate": clock.iso(field.created, offset),
        "udate": clock.iso(field.updated, offset),
        "options": [str(option.id) for option in field.options],
        "relations": [str(rel.id) for rel in field.rels],
        "links": _links(f"fields/{field.id}", ["options", "relations"]),
        "id": str(field.id),
    }


def field_option_body(option: FieldOption, offset: str) -> dict[str, Any]:
    """Give one option of a field (OpenAPI, POST /fieldOption/bulk)."""
    created = clock.iso(option.created, offset)
    return {
        "field": str(option.field),
        "orderid": str(option.order),
        "value": option.value,
        "label": option.label,
        "isdefault": str(option.is_default),
        "cdate": created,
        "udate": created,
        "links": {"field": f"{BASE}/fieldOptions/{option.id}/field"},
        "id": str(option.id),
    }


def field_rel_body(rel: FieldRel, offset: str) -> dict[str, Any]:
    """Give the relation of a field to a list; `relid` 0 is every list (vendor page)."""
    return {
        "field": str(rel.field),
        "relid": str(rel.relid),
        "dorder": "0",
        "cdate": clock.iso(rel.created, offset),
        "links": [],
        "id": str(rel.id),
    }


def list_body(mailing_list: MailingList, offset: str) -> dict[str, Any]:
    """Give a list."""
    return {
        "stringid": mailing_list.stringid,
        "userid": "1",
        "name": mailing_list.name,
        "cdate": clock.iso(mailing_list.created, offset),
        "private": "0",
        "deletestamp": None,
        **mailing_list.settings,
        "udate": clock.iso(mailing_list.updated, offset),
        "links": _links(f"lists/{mailing_list.id}", ["contactGoalLists", "user", "addressLists"]),
        "id": str(mailing_list.id),
        "user": "1",
    }
