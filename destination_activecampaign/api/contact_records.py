"""A contact, and what hangs on it, as values read out of answers. Asking for them is `contacts`'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from destination_activecampaign.api import answers
from destination_activecampaign.errors import UnexpectedResponse


@dataclass(frozen=True, slots=True)
class ContactTag:
    """A tag on a contact. `id`: of the link, which is what a removal names; `tag_id`: of the tag."""

    id: int
    tag_id: int


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A contact's value of a custom field. `id`: of the value; `field_id`: of the field."""

    id: int
    field_id: int
    value: str

    def __repr__(self) -> str:
        return f"FieldValue(id={self.id}, field_id={self.field_id})"


@dataclass(frozen=True, slots=True)
class ListMembership:
    """A contact on a list. `status`: 1 subscribed, 2 unsubscribed (documented), 0 and 3 are read too (observed)."""

    id: int
    list_id: int
    status: int


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact as the account has it. `email`: trimmed, lower case. The last three: None where they were not read with it."""

    id: int
    email: str
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    tags: tuple[ContactTag, ...] | None = None
    values: tuple[FieldValue, ...] | None = None
    memberships: tuple[ListMembership, ...] | None = None

    def __repr__(self) -> str:
        return f"ContactRecord(id={self.id})"


def read_contact(item: dict[str, Any], route: str) -> ContactRecord:
    """Read a contact; its email is trimmed and lower-cased."""
    return ContactRecord(
        answers.number(item, "id", route),
        answers.text(item, "email").strip().lower(),
        answers.text(item, "phone"),
        answers.text(item, "firstName"),
        answers.text(item, "lastName"),
    )


def read_tag(item: dict[str, Any], route: str) -> ContactTag:
    """Read a tag on a contact."""
    return ContactTag(answers.number(item, "id", route), answers.number(item, "tag", route))


def read_value(item: dict[str, Any], route: str) -> FieldValue:
    """Read a contact's value of a custom field."""
    return FieldValue(
        answers.number(item, "id", route), answers.number(item, "field", route), answers.text(item, "value")
    )


def read_membership(item: dict[str, Any], route: str) -> ListMembership:
    """Read a membership of a list."""
    return ListMembership(
        answers.number(item, "id", route), answers.number(item, "list", route), answers.number(item, "status", route)
    )


def require_same(item: dict[str, Any], key: str, asked: int, route: str) -> None:
    """Raise UnexpectedResponse unless the id under *key* is the one that was asked for."""
    if answers.number(item, key, route) != asked:
        raise UnexpectedResponse(f"{route}: ActiveCampaign's answer is about another {key}.")


def covers(item: dict[str, Any], address: str) -> bool:
    """Tell whether an exclusion covers *address*; a match type that is not known counts as the whole address."""
    phrase = answers.text(item, "matchPhrase").strip().casefold()
    match_type = answers.text(item, "matchType").strip().casefold()
    if not phrase:
        return False
    if match_type.startswith("begin"):
        return address.startswith(phrase)
    if match_type.startswith("end"):
        return address.endswith(phrase)
    return address == phrase
