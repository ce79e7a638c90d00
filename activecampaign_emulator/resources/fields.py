"""Custom fields, their options and their relations to lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator.bodies import field_body, field_option_body, field_rel_body
from activecampaign_emulator.paging import paged, window
from activecampaign_emulator.records import Field, FieldOption, FieldRel
from activecampaign_emulator.replies import ApiError, Reply, errors, json_reply, missing_attribute, not_found
from activecampaign_emulator.request import as_number, as_text
from activecampaign_emulator.routes import emulates

if TYPE_CHECKING:
    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

# A page of fields holds more than the usual 20 (vendor page on retrieving fields).
FIELDS_PAGE: Final = 100
SETTINGS: Final[dict[str, str | None]] = {
    "descript": "",
    "isrequired": "0",
    "defval": "",
    "show_in_list": "0",
    "rows": "0",
    "cols": "0",
    "visible": "1",
    "service": "",
    "ordernum": "0",
}


def perstag_of(text: str) -> str:
    """Write a personalization tag as the server does: upper case, no spaces (recorded)."""
    return text.strip("% ").replace(" ", "").upper()


def create_field(account: Account, title: str, kind: str, perstag: str, settings: dict[str, Any]) -> Field:
    """Add a field whose title is new; without a tag it takes the title's, made unique with a number (assumed)."""
    wanted = perstag_of(perstag) or perstag_of(title.replace(" ", "_"))
    taken = {field.perstag for field in account.fields}
    tag, count = wanted, 1
    while tag in taken:
        count += 1
        tag = f"{wanted}_{count}"
    kept = {key: as_text(settings[key]) if key in settings else default for key, default in SETTINGS.items()}
    field = Field(account.fields.next_id, title, kind, tag, account.now, account.now, kept)
    account.fields.add(field)
    return field


def add_option(account: Account, field: Field, value: str, label: str, order: int, *, is_default: bool) -> FieldOption:
    """Add an option to a field."""
    number = account.field_options.next_id
    option = FieldOption(number, field.id, value, label, order, int(is_default), account.now)
    account.field_options.add(option)
    field.options.append(option)
    return option


def _the_field(account: Account, request: Request) -> Field:
    field = account.fields.get(request.number())
    if field is None:
        raise not_found("Field", request.number())
    return field


def _sideloads(account: Account, fields: list[Field]) -> dict[str, Any]:
    offset = account.options.account_timezone_offset
    return {
        "fieldOptions": [field_option_body(option, offset) for field in fields for option in field.options],
        "fieldRels": [field_rel_body(rel, offset) for field in fields for rel in field.rels],
    }


def _shown(account: Account, field: Field) -> dict[str, Any]:
    return field_body(field, account.options.account_timezone_offset)


@emulates("GET", "/fields", evidence="recorded")
def search(account: Account, request: Request) -> Reply:
    """List fields with the options and relations of those on the page."""
    wanted = request.argument("filters[perstag]").upper()
    fields = [field for field in account.fields if not wanted or field.perstag == wanted]
    page = paged(request, "fields", fields, lambda field: _shown(account, field), FIELDS_PAGE)
    return json_reply(200, {**_sideloads(account, window(request, fields, FIELDS_PAGE)), **page})


@emulates("POST", "/fields", evidence="recorded")
def create(account: Account, request: Request) -> Reply:
    """Create a field whose title is new."""
    entity = request.entity("field")
    title, kind = as_text(entity.get("title")).strip(), as_text(entity.get("type"))
    for name, value in (("title", title), ("type", kind)):
        if not value:
            raise missing_attribute(name)
    if any(field.title.lower() == title.lower() for field in account.fields):
        detail = f"There is already a field named '{title}' -- choose another name"
        raise errors(422, {"title": "There is already a field with this title", "detail": detail, "code": "duplicate"})
    field = create_field(account, title, kind, as_text(entity.get("perstag")), entity)
    return json_reply(201, {"field": _shown(account, field)})


@emulates("GET", "/fields/<number>", evidence="recorded")
def read(account: Account, request: Request) -> Reply:
    """Give a field with its options and relations."""
    field = _the_field(account, request)
    return json_reply(200, {**_sideloads(account, [field]), "field": _shown(account, field)})


@emulates("PUT", "/fields/<number>", evidence="recorded")
def update(account: Account, request: Request) -> Reply:
    """Change a field."""
    field, entity = _the_field(account, request), request.entity("field")
    field.title = as_text(entity.get("title", field.title))
    field.type = as_text(entity.get("type", field.type))
    field.perstag = perstag_of(as_text(entity.get("perstag", field.perstag)))
    field.settings.update({key: as_text(entity[key]) for key in SETTINGS if key in entity})
    field.updated = account.now
    return json_reply(200, {"field": _shown(account, field)})


@emulates("DELETE", "/fields/<number>", evidence="recorded")
def delete(account: Account, request: Request) -> Reply:
    """Delete a field with its values, options and relations."""
    field = _the_field(account, request)
    for value in [value for value in account.values if value.field == field.id]:
        account.delete_value(value)
    for option in field.options:
        account.field_options.remove(option.id)
    for rel in field.rels:
        account.field_rels.remove(rel.id)
    account.fields.remove(field.id)
    return json_reply(200, {})


@emulates("POST", "/fieldOption/bulk", evidence="recorded", note="ids in the answer are text, other numbers as sent")
def create_options(account: Account, request: Request) -> Reply:
    """Create the options of fields; the one error whose `errors` is a string (OpenAPI)."""
    given = request.json().get("fieldOptions")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise ApiError(422, {"errors": "Bulk operation failed. Request must contain an array of fieldOption objects."})
    fields = [account.fields.get(as_number(one.get("field")) or 0) for one in given]
    created = []
    for one, field in zip(given, fields, strict=True):
        if field is None:
            raise ApiError(422, {"errors": "Bulk operation failed. Field not found."})
        value = as_text(one.get("value"))
        label = as_text(one.get("label", value))
        order = as_number(one.get("orderid")) or len(field.options) + 1
        option = add_option(account, field, value, label, order, is_default=bool(one.get("isdefault")))
        body = field_option_body(option, account.options.account_timezone_offset)
        created.append({**body, "orderid": option.order, "isdefault": option.is_default})
    return json_reply(201, {"fieldOptions": created})


@emulates("GET", "/fieldRels", evidence="assumed", note="only one by id is recorded")
def search_rels(account: Account, request: Request) -> Reply:
    """List the relations of fields to lists."""
    offset = account.options.account_timezone_offset
    rels = list(account.field_rels)
    return json_reply(200, paged(request, "fieldRels", rels, lambda rel: field_rel_body(rel, offset)))


@emulates("GET", "/fieldRels/<number>", evidence="recorded", note="not in OpenAPI")
def read_rel(account: Account, request: Request) -> Reply:
    """Give a relation."""
    return json_reply(
        200, {"fieldRel": field_rel_body(_the_rel(account, request), account.options.account_timezone_offset)}
    )


@emulates("POST", "/fieldRels", evidence="recorded", note="numbers come back as sent; a pair that exists is assumed")
def create_rel(account: Account, request: Request) -> Reply:
    """Relate a field to a list; `relid` 0 is every list."""
    entity = request.entity("fieldRel")
    field, relid = account.fields.get(as_number(entity.get("field")) or 0), as_number(entity.get("relid"))
    if field is None:
        raise missing_attribute("field")
    if relid is None:
        raise missing_attribute("relid")
    rel = next((rel for rel in field.rels if rel.relid == relid), None)
    if rel is None:
        rel = FieldRel(account.field_rels.next_id, field.id, relid, account.now)
        account.field_rels.add(rel)
        field.rels.append(rel)
    body = field_rel_body(rel, account.options.account_timezone_offset)
    return json_reply(201, {"fieldRel": {**body, "field": entity["field"], "relid": entity["relid"]}})


def _the_rel(account: Account, request: Request) -> FieldRel:
    rel = account.field_rels.get(request.number())
    if rel is None:
        raise not_found("FieldRel", request.number())
    return rel


@emulates("DELETE", "/fieldRels/<number>", evidence="recorded")
def delete_rel(account: Account, request: Request) -> Reply:
    """Undo a relation."""
    rel = _the_rel(account, request)
    field = account.fields.get(rel.field)
    if field is not None:
        field.rels.remove(rel)
    account.field_rels.remove(rel.id)
    return json_reply(200, {})
