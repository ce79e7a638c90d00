"""Tags of contacts: the link between one contact and one tag, which has an id of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activecampaign_emulator.bodies import contact_tag_body
from activecampaign_emulator.paging import paged
from activecampaign_emulator.replies import Reply, errors, json_reply, missing_attribute, not_found
from activecampaign_emulator.request import as_number
from activecampaign_emulator.resources.contacts import shown
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.records import ContactTag
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account


def _body(account: Account, link: ContactTag) -> dict[str, Any]:
    return contact_tag_body(link, account.options.account_timezone_offset)


def _the_link(account: Account, request: Request) -> ContactTag:
    link = account.contact_tags.get(request.number())
    if link is None:
        raise not_found("SubscriberTag", request.number())
    return link


@emulates("GET", "/contactTags", evidence="recorded", note="not in OpenAPI")
def search(account: Account, request: Request) -> Reply:
    """List every link."""
    return json_reply(200, paged(request, "contactTags", list(account.contact_tags), lambda link: _body(account, link)))


@emulates("GET", "/contactTags/<number>", evidence="recorded", note="not in OpenAPI")
def read(account: Account, request: Request) -> Reply:
    """Give a link."""
    return json_reply(200, {"contactTag": _body(account, _the_link(account, request))})


@emulates("POST", "/contactTags", evidence="recorded", note="200 for a tag that is there already is seen live")
def create(account: Account, request: Request) -> Reply:
    """Put a tag on a contact; again is 200 with the same id and date."""
    entity = request.entity("contactTag")
    if not entity.get("contact"):
        raise missing_attribute("contact")
    number = as_number(entity.get("tag"))
    if number is None:
        # The status of a 2021 recording; later notes have 422 with the same detail.
        title = "Invalid value for query parameter contactTag.tag"
        source = {"parameter": "contactTag.tag"}
        raise errors(400, {"title": title, "detail": "No tag id provided", "source": source})
    contact = account.contacts.get(as_number(entity["contact"]) or 0)
    if contact is None:
        raise errors(404, {"status": 404, "title": "Not Found", "detail": "Contact not found"})
    tag = account.tags.get(number)
    if tag is None:
        # Assumed after the one on contacts.
        raise errors(404, {"status": 404, "title": "Not Found", "detail": "Tag not found"})
    link, is_new = account.add_tag(contact, tag, account.automations.fired)
    body = {"contacts": [shown(account, contact)], "contactTag": _body(account, link)}
    return json_reply(201 if is_new else 200, body)


@emulates("DELETE", "/contactTags/<number>", evidence="recorded")
def delete(account: Account, request: Request) -> Reply:
    """Take a tag off a contact."""
    account.remove_tag(_the_link(account, request), account.automations.fired)
    return json_reply(200, {})
