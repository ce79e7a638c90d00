"""Lists, and the exclusion list, which has entries but no documented way to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator.bodies import list_body
from activecampaign_emulator.paging import filtered, ordered, paged
from activecampaign_emulator.records import MailingList
from activecampaign_emulator.replies import Reply, json_reply, missing_attribute, not_found
from activecampaign_emulator.request import as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

REQUIRED: Final = ("name", "stringid", "sender_url", "sender_reminder")
SETTINGS: Final = ("sender_url", "sender_reminder", "send_last_broadcast", "carboncopy", "channel")


def create_list(account: Account, name: str, stringid: str, settings: dict[str, str | None]) -> MailingList:
    """Add a list."""
    mailing_list = MailingList(account.lists.next_id, name, stringid, account.now, account.now, settings)
    account.lists.add(mailing_list)
    return mailing_list


def _the_list(account: Account, request: Request) -> MailingList:
    mailing_list = account.lists.get(request.number())
    if mailing_list is None:
        raise not_found("_List", request.number())
    return mailing_list


def _shown(account: Account, mailing_list: MailingList) -> dict[str, Any]:
    return list_body(mailing_list, account.options.account_timezone_offset)


@emulates("GET", "/lists", evidence="recorded", note="filters[name] as contains is assumed")
def search(account: Account, request: Request) -> Reply:
    """List lists."""
    lists = filtered(request, "name", account.lists, lambda one: one.name)
    lists = ordered(request, "name", lists, lambda one: one.name)
    return json_reply(200, paged(request, "lists", lists, lambda one: _shown(account, one)))


@emulates("POST", "/lists", evidence="recorded", note="201 recorded, 200 in OpenAPI; the refusal is assumed")
def create(account: Account, request: Request) -> Reply:
    """Create a list."""
    entity = request.entity("list")
    for name in REQUIRED:
        if not entity.get(name):
            raise missing_attribute(name)
    settings: dict[str, str | None] = {key: as_text(entity[key]) for key in SETTINGS if key in entity}
    created = create_list(account, as_text(entity["name"]), as_text(entity["stringid"]), settings)
    return json_reply(201, {"list": _shown(account, created)})


@emulates("GET", "/lists/exclusions", evidence="documented", note="the body's keys are assumed")
def exclusions(account: Account, request: Request) -> Reply:
    """List exclusions; `filters[matchPhrase]` is taken as contains."""
    entries = [
        {"matchPhrase": email, "matchType": "exact", "channel": "all", "list": "0", "id": str(number)}
        for number, email in enumerate(sorted(account.excluded), start=1)
    ]
    entries = filtered(request, "matchPhrase", entries, lambda entry: entry["matchPhrase"])
    return json_reply(200, paged(request, "exclusions", entries, dict))


@emulates("GET", "/lists/<number>", evidence="recorded")
def read(account: Account, request: Request) -> Reply:
    """Give a list."""
    return json_reply(200, {"list": _shown(account, _the_list(account, request))})


@emulates("PUT", "/lists/<number>", evidence="recorded", note="not in OpenAPI")
def update(account: Account, request: Request) -> Reply:
    """Change a list."""
    mailing_list, entity = _the_list(account, request), request.entity("list")
    mailing_list.name = as_text(entity.get("name", mailing_list.name))
    mailing_list.stringid = as_text(entity.get("stringid", mailing_list.stringid))
    mailing_list.settings.update({key: as_text(entity[key]) for key in SETTINGS if key in entity})
    mailing_list.updated = account.now
    return json_reply(200, {"list": _shown(account, mailing_list)})


@emulates("DELETE", "/lists/<number>", evidence="recorded")
def delete(account: Account, request: Request) -> Reply:
    """Delete a list with its memberships."""
    mailing_list = _the_list(account, request)
    for membership in [one for one in account.memberships if one.list == mailing_list.id]:
        contact = account.contacts.get(membership.contact)
        if contact is not None:
            del contact.lists[mailing_list.id]
        account.memberships.remove(membership.id)
    account.lists.remove(mailing_list.id)
    return json_reply(200, {})
