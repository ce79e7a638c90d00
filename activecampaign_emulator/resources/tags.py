"""Tags: their names are unique by type and without case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activecampaign_emulator.bodies import tag_body
from activecampaign_emulator.paging import filtered, ordered, paged
from activecampaign_emulator.replies import ApiError, Reply, errors, json_reply, missing_attribute, not_found
from activecampaign_emulator.request import as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.records import Tag
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account


def _the_tag(account: Account, request: Request) -> Tag:
    tag = account.tags.get(request.number())
    if tag is None:
        raise not_found("Tag", request.number())
    return tag


def _shown(account: Account, tag: Tag) -> dict[str, Any]:
    return tag_body(tag, account.options.account_timezone_offset)


@emulates("GET", "/tags", evidence="recorded", note="`search` contains; filters[search][op] as documented")
def search(account: Account, request: Request) -> Reply:
    """List tags; those that were created without a type are hidden (seen live)."""
    wanted = request.argument("search").lower()
    tags = [tag for tag in account.tags if tag.tag_type and wanted in tag.name.lower()]
    tags = ordered(request, "search", filtered(request, "search", tags, lambda tag: tag.name), lambda tag: tag.name)
    return json_reply(200, paged(request, "tags", tags, lambda tag: _shown(account, tag)))


@emulates("POST", "/tags", evidence="recorded", note="three sources tell three answers to a name that exists: switch")
def create(account: Account, request: Request) -> Reply:
    """Create a tag."""
    entity = request.entity("tag")
    name, tag_type = as_text(entity.get("tag")).strip(), as_text(entity.get("tagType"))
    if not name:
        raise missing_attribute("tag")
    existing = account.tag_named(name, tag_type)
    if existing is not None:
        return _duplicate(account, existing)
    tag = account.create_tag(name, tag_type, as_text(entity.get("description")))
    return json_reply(201, {"tag": _shown(account, tag)})


def _duplicate(account: Account, tag: Tag) -> Reply:
    if account.options.tag_duplicate == "sql_error":
        # Seen as an error of a form plugin (verbb/formie issue 1389), whose report has no status; 500 is assumed.
        entry = f"Duplicate entry '{tag.tag_type}-{tag.name}' for key 'typetag'"
        raise ApiError(500, {"message": "Could not process request", "error": entry})
    if account.options.tag_duplicate == "refused_422":
        title = "There is already a tag with this name"
        raise errors(422, {"title": title, "code": "duplicate", "source": {"pointer": "/data/attributes/tag"}})
    return json_reply(200, {"tag": _shown(account, tag)})


@emulates("GET", "/tags/<number>", evidence="recorded")
def read(account: Account, request: Request) -> Reply:
    """Give a tag."""
    return json_reply(200, {"tag": _shown(account, _the_tag(account, request))})


@emulates("PUT", "/tags/<number>", evidence="recorded", note="the answer to a name that exists is assumed")
def update(account: Account, request: Request) -> Reply:
    """Rename or describe a tag."""
    tag, entity = _the_tag(account, request), request.entity("tag")
    name = as_text(entity.get("tag", tag.name)).strip()
    tag_type = as_text(entity.get("tagType", tag.tag_type))
    other = account.tag_named(name, tag_type)
    if other is not None and other is not tag:
        raise errors(422, {"title": "There is already a tag with this name", "code": "duplicate"})
    account.rename_tag(tag, name, tag_type)
    tag.description = as_text(entity.get("description", tag.description))
    return json_reply(200, {"tag": _shown(account, tag)})


@emulates("DELETE", "/tags/<number>", evidence="recorded")
def delete(account: Account, request: Request) -> Reply:
    """Delete a tag, also from every contact."""
    account.delete_tag(_the_tag(account, request))
    return json_reply(200, {})
