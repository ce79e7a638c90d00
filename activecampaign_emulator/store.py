"""The account: its objects, their ids and indexes, and the changes that more than one route makes.

No HTTP. The caller holds the emulator's lock and has set `now` (seconds since the epoch) and `uptime` (seconds since
the emulator started, by its clock).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from activecampaign_emulator import clock
from activecampaign_emulator.automations import Automations, Starts
from activecampaign_emulator.faults import Faults
from activecampaign_emulator.imports import Imports
from activecampaign_emulator.numbered import Numbered
from activecampaign_emulator.quotas import Quotas
from activecampaign_emulator.records import (
    STATUS_ACTIVE,
    STATUS_UNSUBSCRIBED,
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
from activecampaign_emulator.tracking_state import Tracking
from activecampaign_emulator.values import ValueIndex, accepted

if TYPE_CHECKING:
    from random import Random

    from activecampaign_emulator.options import Options


class Account:
    """Everything that one ActiveCampaign account holds."""

    def __init__(self, options: Options, random: Random, now: float) -> None:
        self.options = options
        self.random = random
        self.now = now
        self.uptime = 0.0
        self.automations = Automations()
        self.faults = Faults()
        self.imports = Imports()
        self.quotas = Quotas()
        self.contacts: Numbered[Contact] = Numbered()
        self.values: Numbered[FieldValue] = Numbered()
        self.contact_tags: Numbered[ContactTag] = Numbered()
        self.memberships: Numbered[Membership] = Numbered()
        self.tags: Numbered[Tag] = Numbered()
        self.fields: Numbered[Field] = Numbered()
        self.field_options: Numbered[FieldOption] = Numbered()
        self.field_rels: Numbered[FieldRel] = Numbered()
        self.lists: Numbered[MailingList] = Numbered()
        self.excluded: set[str] = set()
        self.bounced: set[str] = set()
        self.tracking = Tracking()
        self._by_email: dict[str, Contact] = {}
        self._tag_by_name: dict[tuple[str, str], Tag] = {}
        self._value_indexes: dict[int, ValueIndex] = {}

    def shown_time(self, seconds: float) -> str:
        """Write a time in the account's timezone."""
        return clock.iso(seconds, self.options.account_timezone_offset)

    # Contacts

    def contact_by_email(self, email: str) -> Contact | None:
        """Find a contact; case does not count."""
        return self._by_email.get(email.lower())

    def contact_by_phone(self, phone: str) -> Contact | None:
        """Find the first contact with this phone number, if it is one."""
        return next((contact for contact in self.contacts if contact.phone == phone), None) if phone else None

    def is_full(self) -> bool:
        """Say whether a new contact would go over the account's limit."""
        limit = self.options.contact_limit
        return bool(limit) and len(self.contacts) >= limit

    def create_contact(self, email: str, starts: Starts) -> Contact:
        """Add a contact with nothing but its email."""
        contact = Contact(self.contacts.next_id, email, "", "", "", self.now, self.now)
        self.contacts.add(contact)
        self._by_email[email.lower()] = contact
        starts["contact_created"] += 1
        return contact

    def change_email(self, contact: Contact, email: str) -> None:
        """Give a contact another email, which no other contact may have."""
        del self._by_email[contact.email.lower()]
        contact.email = email
        contact.updated = self.now
        self._by_email[email.lower()] = contact

    def change_basics(self, contact: Contact, basics: dict[str, str], starts: Starts) -> None:
        """Set any of first_name, last_name and phone."""
        for name, value in basics.items():
            if getattr(contact, name) != value:
                setattr(contact, name, value)
                starts["field_changed"] += 1
        contact.updated = self.now

    def delete_contact(self, contact: Contact) -> None:
        """Forget a contact and all that hangs on it."""
        for value in list(contact.values.values()):
            self.delete_value(value)
        for link in list(contact.tags.values()):
            self.remove_tag(link, Starts())
        for membership in contact.lists.values():
            self.memberships.remove(membership.id)
        self.tracking.forget(contact)
        del self._by_email[contact.email.lower()]
        self.contacts.remove(contact.id)

    # Field values

    def set_value(self, contact: Contact, field: Field, text: str, starts: Starts) -> FieldValue | None:
        """Write a value as its field takes it; one that it does not take changes nothing."""
        kept = accepted(field, text, self.options.account_timezone_offset)
        value = contact.values.get(field.id)
        if kept is None or (value is None and not kept):
            return value
        index = self._value_indexes.get(field.id)
        if value is None:
            value = FieldValue(self.values.next_id, contact.id, field.id, kept, self.now, self.now)
            self.add_value(contact, value)
            starts["field_changed"] += 1
        elif value.value != kept:
            if index is not None:
                index.remove(value)
            value.value = kept
            if index is not None:
                index.add(value)
            starts["field_changed"] += 1
        value.updated = contact.updated = self.now
        return value

    def add_value(self, contact: Contact, value: FieldValue) -> None:
        """Keep a new value, which must carry the next id."""
        self.values.add(value)
        contact.values[value.field] = value
        if value.field in self._value_indexes:
            self._value_indexes[value.field].add(value)

    def write_values(self, contact: Contact, texts: dict[int, str], starts: Starts) -> list[FieldValue]:
        """Write values by field id as imports and contact/sync do; unknown ids are ignored, "" is as switched."""
        written = []
        for number, text in texts.items():
            field = self.fields.get(number)
            if field is None or (not text and self.options.empty_string == "keeps"):
                continue
            value = self.set_value(contact, field, text, starts)
            if value is not None:
                written.append(value)
        return written

    def delete_value(self, value: FieldValue) -> None:
        """Forget a value."""
        contact = self.contacts.get(value.contact)
        if contact is not None:
            del contact.values[value.field]
            contact.updated = self.now
        index = self._value_indexes.get(value.field)
        if index is not None:
            index.remove(value)
        self.values.remove(value.id)

    def values_of(self, field: int) -> ValueIndex:
        """Give the index of a field's values."""
        if field not in self._value_indexes:
            self._value_indexes[field] = ValueIndex(value for value in self.values if value.field == field)
        return self._value_indexes[field]

    # Tags

    def tag_named(self, name: str, tag_type: str = "contact") -> Tag | None:
        """Find a tag; names are unique by type, without case."""
        return self._tag_by_name.get((tag_type, name.lower()))

    def create_tag(self, name: str, tag_type: str = "contact", description: str = "") -> Tag:
        """Add a tag whose name is new."""
        tag = Tag(self.tags.next_id, name, tag_type, description, self.now)
        self.tags.add(tag)
        self._tag_by_name[tag_type, name.lower()] = tag
        return tag

    def rename_tag(self, tag: Tag, name: str, tag_type: str) -> None:
        """Give a tag a name and type that no other has."""
        self._tag_by_name.pop((tag.tag_type, tag.name.lower()), None)
        tag.name, tag.tag_type = name, tag_type
        self._tag_by_name[tag_type, name.lower()] = tag

    def add_tag(self, contact: Contact, tag: Tag, starts: Starts) -> tuple[ContactTag, bool]:
        """Put a tag on a contact, and say whether it is new there."""
        link = contact.tags.get(tag.id)
        if link is not None:
            return link, False
        link = ContactTag(self.contact_tags.next_id, contact.id, tag.id, self.now)
        self.contact_tags.add(link)
        contact.tags[tag.id] = link
        contact.updated = self.now
        tag.contacts += 1
        starts["tag_added"] += 1
        return link, True

    def remove_tag(self, link: ContactTag, starts: Starts) -> None:
        """Take a tag off a contact."""
        contact, tag = self.contacts.get(link.contact), self.tags.get(link.tag)
        if contact is not None:
            del contact.tags[link.tag]
            contact.updated = self.now
        if tag is not None:
            tag.contacts -= 1
        self.contact_tags.remove(link.id)
        starts["tag_removed"] += 1

    def delete_tag(self, tag: Tag) -> None:
        """Forget a tag and take it off every contact."""
        for link in [link for link in self.contact_tags if link.tag == tag.id]:
            self.remove_tag(link, Starts())
        self._tag_by_name.pop((tag.tag_type, tag.name.lower()), None)
        self.tags.remove(tag.id)

    # Lists

    def set_status(self, contact: Contact, number: int, status: int, starts: Starts) -> tuple[Membership, bool]:
        """Set a contact's status on a list, and say whether the membership is new."""
        membership = contact.lists.get(number)
        new = membership is None
        before = None if membership is None else membership.status
        if membership is None:
            membership = Membership(self.memberships.next_id, contact.id, number, status, self.now, self.now)
            self.memberships.add(membership)
            contact.lists[number] = membership
        if before != status:
            membership.status = status
            membership.updated = contact.updated = self.now
            if status == STATUS_ACTIVE:
                starts["list_subscribed"] += 1
            elif status == STATUS_UNSUBSCRIBED:
                starts["list_unsubscribed"] += 1
        return membership, new
