"""A contact's status on a list, one pair per request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator.bodies import membership_body
from activecampaign_emulator.paging import paged
from activecampaign_emulator.replies import Reply, errors, json_reply, related_missing
from activecampaign_emulator.request import as_number
from activecampaign_emulator.resources.contacts import shown, the_contact
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.records import Membership
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

# 1 and 2 are documented; 0 and 3 are accepted too (seen live).
STATUSES: Final = frozenset({0, 1, 2, 3})


def _body(account: Account, membership: Membership) -> dict[str, Any]:
    contact = the_contact(account, membership.contact)
    return membership_body(membership, contact, account.options.account_timezone_offset)


@emulates("GET", "/contactLists", evidence="assumed", note="used by tap-activecampaign; not in OpenAPI")
def search(account: Account, request: Request) -> Reply:
    """List every membership."""
    memberships = list(account.memberships)
    return json_reply(200, paged(request, "contactLists", memberships, lambda one: _body(account, one)))


@emulates("POST", "/contactLists", evidence="recorded", note="201 recorded for a new pair; 200 after is seen live")
def write(account: Account, request: Request) -> Reply:
    """Set a status; 1 resubscribes even whoever left on their own (vendor's warning)."""
    entity = request.entity("contactList")
    status = as_number(entity.get("status"))
    if status not in STATUSES or status is None:
        raise errors(422, {"title": "The value you selected is not a valid choice."})
    mailing_list = account.lists.get(as_number(entity.get("list")) or 0)
    contact = account.contacts.get(as_number(entity.get("contact")) or 0)
    if mailing_list is None or contact is None:
        # The status is that of a client library's mock, and doubtful.
        missing = [kind for kind, found in (("list", mailing_list), ("contact", contact)) if found is None]
        raise errors(400, *(related_missing(kind) for kind in missing))
    membership, is_new = account.set_status(contact, mailing_list.id, status, account.automations.fired)
    # Here, other than on reads, `status` and `sourceid` are integers (recorded).
    body = {**_body(account, membership), "status": status, "sourceid": as_number(entity.get("sourceid", 4))}
    return json_reply(201 if is_new else 200, {"contacts": [shown(account, contact)], "contactList": body})
