"""Tags of the account: created by name, and their names. Which contact has which is `contacts`'."""

from __future__ import annotations

from destination_activecampaign.api import answers, pages
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.contact_records import require_same
from destination_activecampaign.api.quotas import Lane
from destination_activecampaign.api.request import Request
from destination_activecampaign.errors import (
    ConnectionFailed,
    NotFound,
    RequestRefused,
    ServerError,
    UnexpectedResponse,
)

# Seconds between tries to create a tag, each after a search that did not find it.
TAG_WAITS = (1.0, 5.0, 15.0, 60.0)


def create_tag(client: Client, name: str) -> int:
    """Return the id of the tag with this name, created if there is none.

    A name that is taken is answered in three ways (observed: 200 with the tag, a 4xx, a 500 with an SQL text), and names
    are compared without case: after any failure the tag is searched for before it is tried again.
    """
    # Without tagType the tag is hidden in the user interface (observed).
    payload = answers.body({"tag": {"tag": name, "tagType": "contact", "description": ""}})
    request = Request("POST", "/tags", body=payload, expects="tag", safe_to_repeat=False)
    for wait in TAG_WAITS:
        try:
            return _created(client, request, name)
        except (RequestRefused, ServerError, ConnectionFailed) as error:
            found = _find(client, name)
            if found is not None:
                return found
            if isinstance(error, RequestRefused):
                raise
        client.wait(wait)
    return _created(client, request, name)


def tag_name(client: Client, tag_id: int) -> str | None:
    """Return the name of a tag (`GET /tags/{id}`, documented), None if there is none."""
    request = Request("GET", "/tags/{id}", (tag_id,), expects="tag")
    try:
        item = answers.member(client.send(request), "tag", request.name)
    except NotFound:
        return None
    require_same(item, "id", tag_id, request.name)
    return answers.text(item, "tag")


def _created(client: Client, request: Request, name: str) -> int:
    item = answers.member(client.send(request), "tag", request.name)
    if answers.text(item, "tag").strip().casefold() != name.strip().casefold():
        raise UnexpectedResponse(f"{request.name}: ActiveCampaign's answer is about another tag.")
    return answers.number(item, "id", request.name)


def _find(client: Client, name: str) -> int | None:
    """Search for a tag: `search` finds what contains the name (documented), so names are compared here."""
    request = Request("GET", "/tags", params=(("search", name),), lane=Lane.LOOKUP)
    for item in pages.objects(client, request, "tags"):
        same = answers.text(item, "tag").strip().casefold() == name.strip().casefold()
        if same and answers.text(item, "tagType") in ("contact", ""):
            return answers.number(item, "id", request.name)
    return None
