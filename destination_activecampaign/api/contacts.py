"""One short method per endpoint of contacts, and of what hangs on a contact: tags, field values, lists.

Every answer that names a contact is compared with what was asked, since a filter that the API does not know is ignored
(observed): on a read a mismatch is no hit, on a write it raises UnexpectedResponse.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from destination_activecampaign.api import answers, pages, tags
from destination_activecampaign.api.client import Client, Request
from destination_activecampaign.api.contact_records import (
    ContactRecord,
    ContactTag,
    FieldValue,
    ListMembership,
    covers,
    read_contact,
    read_membership,
    read_tag,
    read_value,
    require_same,
)
from destination_activecampaign.api.quotas import Lane
from destination_activecampaign.api.sideloads import with_sideloads
from destination_activecampaign.errors import (
    NotFound,
    UnexpectedResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ContactRecord", "ContactTag", "Contacts", "FieldValue", "ListMembership"]

# Of exclusions that a filter lets through, how many are looked at: enough for a filter that works.
EXCLUSIONS_READ = 500
# Of what a filter by one value lets through, which should be few: where it is ignored they are all of the account.
FOUND_PAGES = 10


class Contacts:
    """Contacts of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, email: str, include: Sequence[str] = ()) -> ContactRecord | None:
        """Return the contact with this email (`GET /contacts?email=`, documented), None if there is none.

        *include*: what is to be read with it, see `sideloads`; it may be missing all the same.
        """
        params = (("email", email), *([("include", ",".join(include))] if include else []))
        request = Request("GET", "/contacts", params=params, lane=Lane.LOOKUP, expects="contacts")
        for answer in pages.answers(self._client, request, "contacts", most=FOUND_PAGES):
            for item in answer["contacts"]:
                if answers.same_email(answers.text(item, "email"), email):
                    return with_sideloads(read_contact(item, request.name), answer, item, include, request.name)
        return None

    def read_many(self, contact_ids: Sequence[int], include: Sequence[str] = ()) -> list[ContactRecord]:
        """Return those of at most `pages.PAGE` contacts that the account has, in any order (`GET /contacts?ids[]=`, documented).

        Where the filter is ignored they are others: compare them with what was wanted.
        """
        params = [("ids[]", str(contact_id)) for contact_id in contact_ids]
        params += [("include", ",".join(include))] if include else []
        params += [("status", "-1"), ("limit", str(pages.PAGE))]
        request = Request("GET", "/contacts", params=tuple(params), lane=Lane.LOOKUP, expects="contacts")
        answer = self._client.send(request)
        return [
            with_sideloads(read_contact(item, request.name), answer, item, include, request.name)
            for item in answer["contacts"]
        ]

    def get(self, contact_id: int) -> ContactRecord:
        """Return the contact with this id; raise NotFound if there is none."""
        request = Request("GET", "/contacts/{id}", (contact_id,), expects="contact")
        return self._expected(request, contact_id=contact_id)

    def contact_tags(self, contact_id: int) -> list[ContactTag]:
        """Return the tags on a contact (`GET /contacts/{id}/contactTags`, observed)."""
        request = Request("GET", "/contacts/{id}/contactTags", (contact_id,))
        return [read_tag(item, request.name) for item in self._of_contact(request, "contactTags", contact_id)]

    def field_values(self, contact_id: int) -> list[FieldValue]:
        """Return a contact's values of custom fields (`GET /contacts/{id}/fieldValues`, documented)."""
        request = Request("GET", "/contacts/{id}/fieldValues", (contact_id,))
        return [read_value(item, request.name) for item in self._of_contact(request, "fieldValues", contact_id)]

    def memberships(self, contact_id: int) -> list[ListMembership]:
        """Return the lists of a contact, whatever the status (`GET /contacts/{id}/contactLists`, documented)."""
        request = Request("GET", "/contacts/{id}/contactLists", (contact_id,))
        return [read_membership(item, request.name) for item in self._of_contact(request, "contactLists", contact_id)]

    def bounced(self, contact_id: int) -> bool:
        """Tell whether a message to the contact bounced (`GET /contacts/{id}/bounceLogs`, documented)."""
        request = Request("GET", "/contacts/{id}/bounceLogs", (contact_id,), expects="bounceLogs", lane=Lane.LOOKUP)
        try:
            return bool(self._client.send(request)["bounceLogs"])
        except NotFound:
            return False

    def excluded(self, email: str) -> bool:
        """Tell whether an exclusion covers the email (`GET /lists/exclusions`, documented; keys of its items assumed).

        An exclusion matches a whole address, a beginning or an ending (documented), so the domain is asked for too.
        """
        address = email.strip().casefold()
        domain = address.rpartition("@")[2]
        return any(covers(item, address) for phrase in (address, domain) for item in self._exclusions(phrase))

    def remove_tag(self, contact_tag_id: int) -> None:
        """Take a tag off a contact; `contact_tag_id`: the link's id. It is gone already: success."""
        self._delete(Request("DELETE", "/contactTags/{id}", (contact_tag_id,)))

    def delete_field_value(self, field_value_id: int) -> None:
        """Empty a custom field of a contact, the documented way. It is gone already: success."""
        self._delete(Request("DELETE", "/fieldValues/{id}", (field_value_id,)))

    def set_membership(self, contact_id: int, list_id: int, status: int) -> ListMembership:
        """Subscribe (1) or unsubscribe (2) by force (`POST /contactLists`, documented).

        1 resubscribes even those who left; `sourceid` 4 is asked for then (documented).
        """
        membership: dict[str, Any] = {"list": list_id, "contact": contact_id, "status": status}
        if status == 1:
            membership["sourceid"] = 4
        payload = answers.body({"contactList": membership})
        request = Request("POST", "/contactLists", body=payload, expects="contactList")
        item = answers.member(self._client.send(request), "contactList", request.name)
        require_same(item, "contact", contact_id, request.name)
        require_same(item, "list", list_id, request.name)
        require_same(item, "status", status, request.name)
        return read_membership(item, request.name)

    def add_tag(self, contact_id: int, tag_id: int) -> ContactTag:
        """Put a tag on a contact; again is no change (`POST /contactTags`, documented; idempotent, observed)."""
        payload = answers.body({"contactTag": {"contact": contact_id, "tag": tag_id}})
        request = Request("POST", "/contactTags", body=payload, expects="contactTag")
        item = answers.member(self._client.send(request), "contactTag", request.name)
        require_same(item, "contact", contact_id, request.name)
        require_same(item, "tag", tag_id, request.name)
        return ContactTag(answers.number(item, "id", request.name), tag_id)

    def create_tag(self, name: str) -> int:
        """Return the id of the tag with this name, created if there is none."""
        return tags.create_tag(self._client, name)

    def sync(self, body: dict[str, Any]) -> ContactRecord:
        """Create or update by email (`POST /contact/sync`, documented); *body*: `{"contact": {"email": …}}`."""
        request = Request("POST", "/contact/sync", body=answers.body(body), expects="contact")
        return self._expected(request, email=str(body["contact"]["email"]))

    def update(self, contact_id: int, body: dict[str, Any]) -> ContactRecord:
        """Update by id (`PUT /contacts/{id}`, documented), the only way to change an email; *body*: as for `sync`."""
        request = Request("PUT", "/contacts/{id}", (contact_id,), body=answers.body(body), expects="contact")
        email = body["contact"].get("email")
        return self._expected(request, contact_id=contact_id, email=None if email is None else str(email))

    def delete(self, contact_id: int) -> None:
        """Delete a contact (`DELETE /contacts/{id}`, documented). It is gone already: success."""
        self._delete(Request("DELETE", "/contacts/{id}", (contact_id,)))

    def list_emails(self, after: int = 0) -> Iterator[tuple[int, str]]:
        """Yield id and email of every contact with an id above *after*, in order (`id_greater`, documented)."""
        last = after
        turning = pages.Turning("GET /contacts", pages.CONTACTS_PAGES)
        while True:
            request = Request(
                "GET",
                "/contacts",
                params=(
                    ("orders[id]", "ASC"),
                    ("id_greater", str(last)),
                    ("status", "-1"),
                    ("limit", str(pages.PAGE)),
                ),
                lane=Lane.LOOKUP,
                expects="contacts",
            )
            answer = self._client.send(request)
            page = answer["contacts"]
            if not page:
                return
            turning.turn(page, pages.total_of(answer), more_due=True)
            for item in page:
                contact_id = answers.number(item, "id", request.name)
                if contact_id <= last:
                    raise UnexpectedResponse(f"{request.name}: contacts do not come in the order of their ids.")
                last = contact_id
                yield contact_id, answers.text(item, "email").strip().lower()

    def values_of_field(self, field_id: int) -> Iterator[tuple[int, str]]:
        """Yield contact id and value of one custom field, all contacts (`GET /fieldValues`, documented)."""
        request = Request("GET", "/fieldValues", params=(("filters[fieldid]", str(field_id)),), lane=Lane.LOOKUP)
        for item in pages.objects(self._client, request, "fieldValues", most=pages.CONTACTS_PAGES):
            if answers.number(item, "field", request.name) == field_id:
                yield answers.number(item, "contact", request.name), answers.text(item, "value")

    def count(self) -> int:
        """Return how many contacts the account has, whatever their status."""
        params = (("status", "-1"), ("limit", "1"))
        request = Request("GET", "/contacts", params=params, lane=Lane.LOOKUP, expects="meta")
        return answers.number(answers.member(self._client.send(request), "meta", request.name), "total", request.name)

    def count_of_field(self, field_id: int) -> int:
        """Return how many contacts have a value in one custom field."""
        params = (("filters[fieldid]", str(field_id)), ("limit", "1"))
        request = Request("GET", "/fieldValues", params=params, lane=Lane.LOOKUP, expects="meta")
        return answers.number(answers.member(self._client.send(request), "meta", request.name), "total", request.name)

    def tag_name(self, tag_id: int) -> str | None:
        """Return the name of a tag, None if there is none."""
        return tags.tag_name(self._client, tag_id)

    def find_by_field(self, field_id: int, value: str) -> list[int]:
        """Return the ids of contacts whose custom field has exactly this value, two at most (filters: recorded)."""
        params = (("filters[fieldid]", str(field_id)), ("filters[val]", value))
        request = Request("GET", "/fieldValues", params=params, lane=Lane.LOOKUP)
        found: dict[int, None] = {}
        for item in pages.objects(self._client, request, "fieldValues", most=FOUND_PAGES):
            if answers.number(item, "field", request.name) == field_id and answers.text(item, "value") == value:
                found[answers.number(item, "contact", request.name)] = None
                if len(found) > 1:
                    break
        return list(found)

    def _of_contact(self, request: Request, key: str, contact_id: int) -> Iterator[dict[str, Any]]:
        for item in pages.objects(self._client, request, key):
            if "contact" in item:
                require_same(item, "contact", contact_id, request.name)
            yield item

    def _expected(self, request: Request, contact_id: int | None = None, email: str | None = None) -> ContactRecord:
        contact = read_contact(answers.member(self._client.send(request), "contact", request.name), request.name)
        if (contact_id is not None and contact.id != contact_id) or (
            email is not None and not answers.same_email(contact.email, email)
        ):
            raise UnexpectedResponse(f"{request.name}: ActiveCampaign's answer is about another contact.")
        return contact

    def _delete(self, request: Request) -> None:
        try:
            self._client.send(request)
        except NotFound:
            return

    def _exclusions(self, phrase: str) -> Iterator[dict[str, Any]]:
        params = (("filters[matchPhrase]", phrase),)
        request = Request("GET", "/lists/exclusions", params=params, lane=Lane.LOOKUP)
        return islice(pages.objects(self._client, request, "exclusions"), EXCLUSIONS_READ)
