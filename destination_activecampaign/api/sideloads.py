"""What hangs on a contact and comes with it in one answer, where `include` asks for it. Routes of its own are `contacts`'.

`include` is not documented for contacts; many clients use it (observed). So nothing is taken from it that does not prove
itself whole, and what it did not bring is read by the routes of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from destination_activecampaign.api import answers
from destination_activecampaign.api.contact_records import ContactRecord, read_membership, read_tag, read_value

TAGS, VALUES, LISTS = "contactTags", "fieldValues", "contactLists"

TRUSTED = 20
"""A sideload of so many or more is not believed to be whole: it may be one page of the API's smallest size."""


def with_sideloads(
    record: ContactRecord, answer: dict[str, Any], contact: dict[str, Any], include: Sequence[str], route: str
) -> ContactRecord:
    """Return *record*, read from *contact* of *answer*, with what else the answer brings of it."""
    found = {key: _of(answer, contact, key, record.id) for key in include}
    tags, values, lists = found.get(TAGS), found.get(VALUES), found.get(LISTS)
    return replace(
        record,
        tags=None if tags is None else tuple(read_tag(item, route) for item in tags),
        values=None if values is None else tuple(read_value(item, route) for item in values),
        memberships=None if lists is None else tuple(read_membership(item, route) for item in lists),
    )


def _of(answer: dict[str, Any], contact: dict[str, Any], key: str, contact_id: int) -> list[dict[str, Any]] | None:
    """Return the objects under *key* that belong to the contact; None unless they are known to be all.

    The contact lists their ids, and each must be there and name the contact.
    """
    ids, items = contact.get(key), answer.get(key)
    if not isinstance(ids, list) or len(ids) >= TRUSTED or not isinstance(items, list):
        return None
    found = {
        answers.text(item, "id"): item
        for item in items
        if isinstance(item, dict) and answers.text(item, "contact") == str(contact_id)
    }
    wanted = [str(id_) for id_ in ids]
    return [found[id_] for id_ in wanted] if set(wanted) == found.keys() else None
