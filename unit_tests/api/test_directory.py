"""What an account has by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from destination_activecampaign.api import directory
from destination_activecampaign.api.account import ContactList, Field
from destination_activecampaign.api.directory import Tag
from destination_activecampaign.errors import AuthenticationError, RequestRefused, UnexpectedResponse
from unit_tests.api.fakes import FakeTransport, answer

if TYPE_CHECKING:
    from destination_activecampaign.api.client import Client

PLAN: dict[str, object] = {"id": "3", "title": "Plan", "type": "DROPDOWN", "perstag": "%plan%", "descript": None}
DUPLICATE = {"errors": [{"code": "duplicate"}]}


def fields_answer(*fields: dict[str, object], options: list[dict[str, object]] | None = None) -> object:
    """Make an answer of GET /fields."""
    return {"fieldOptions": options or [], "fields": list(fields), "meta": {"total": str(len(fields))}}


def test_fields_come_with_their_options(client: Client, transport: FakeTransport) -> None:
    """Options stand beside the fields, by field id, in the account's spelling."""
    options: list[dict[str, object]] = [
        {"field": "3", "value": "Gold"},
        {"field": "9", "value": "Other"},
        {"field": 3, "value": "Silver"},
        {"field": "3", "value": "Gold"},
    ]
    transport.script.append(answer(200, fields_answer(PLAN, options=options)))
    assert directory.read_fields(client) == (Field(3, "Plan", "dropdown", "PLAN", ("Gold", "Silver")),)


def test_lists_are_read(client: Client, transport: FakeTransport) -> None:
    """Id, name, stringid."""
    lists = [{"id": "1", "name": "News", "stringid": "news"}]
    transport.script.append(answer(200, {"lists": lists, "meta": {"total": "1"}}))
    assert directory.read_lists(client) == (ContactList(1, "News", "news"),)


def test_tags_of_templates_are_left_out(client: Client, transport: FakeTransport) -> None:
    """Only a contact's tags can be put on it."""
    tags = [
        {"id": "1", "tag": "VIP", "tagType": "contact"},
        {"id": "2", "tag": "T", "tagType": "template"},
        {"id": 3, "tag": "Old"},
    ]
    transport.script.append(answer(200, {"tags": tags, "meta": {"total": "3"}}))
    assert directory.read_tags(client) == (Tag(1, "VIP"), Tag(3, "Old"))


def test_a_new_field_is_shown_on_all_lists(client: Client, transport: FakeTransport) -> None:
    """Created, read back for its personalization tag, related to list 0."""
    transport.script.extend([answer(201, {}), answer(200, fields_answer(PLAN)), answer(201, {"fieldRel": {}})])
    assert directory.create_field(client, "plan", "dropdown").perstag == "PLAN"
    assert transport.body(0)["field"] == {"type": "dropdown", "title": "plan", "descript": "", "visible": 1}
    assert transport.body() == {"fieldRel": {"field": 3, "relid": 0}}


def test_a_title_that_is_taken_is_the_field(client: Client, transport: FakeTransport) -> None:
    """422 duplicate on the field, and on its relation, is success."""
    transport.script.extend([answer(422, DUPLICATE), answer(200, fields_answer(PLAN)), answer(422, DUPLICATE)])
    assert directory.create_field(client, "Plan", "text").id == 3


@pytest.mark.parametrize("before", [[], [answer(201, {}), answer(200, fields_answer(PLAN))]])
def test_another_refusal_is_raised(client: Client, transport: FakeTransport, before: list[object]) -> None:
    """On the field and on its relation."""
    transport.script.extend([*before, answer(422, {"errors": []})])  # type: ignore[list-item]  # they are responses
    with pytest.raises(RequestRefused):
        directory.create_field(client, "Plan", "text")


def test_a_field_that_is_not_there_after_all_is_unexpected(client: Client, transport: FakeTransport) -> None:
    """Writing on without it would lose values."""
    transport.script.extend([answer(201, {}), answer(200, fields_answer())])
    with pytest.raises(UnexpectedResponse):
        directory.create_field(client, "Plan", "text")


@pytest.mark.parametrize(
    "body",
    [
        {"subscriber_limit": "500", "subscriber_total": 42},
        {"account": {"subscriber_limit": 500, "subscriber_total": 42}},
    ],
)
def test_the_contact_limit_is_read(client: Client, transport: FakeTransport, body: object) -> None:
    """At the top or one level below."""
    transport.script.append(answer(200, body))
    assert directory.subscriber_limit(client) == (500, 42)


@pytest.mark.parametrize(
    "reply",
    [
        answer(403),
        answer(404, "<html>"),
        answer(200, {}),
        answer(200, {"subscriber_limit": "many", "subscriber_total": 1}),
        answer(200, "<html>"),
    ],
)
def test_a_contact_limit_that_may_not_be_read_is_none(client: Client, transport: FakeTransport, reply: object) -> None:
    """It is for administrators only."""
    transport.script.append(reply)  # type: ignore[arg-type]  # a response
    assert directory.subscriber_limit(client) is None


def test_a_missing_right_is_raised(client: Client, transport: FakeTransport) -> None:
    """Lists that may not be read stop the sync, with the route's name."""
    transport.by = lambda sent: answer(200, {"user": {}}) if "users" in sent.route else answer(403)
    with pytest.raises(AuthenticationError, match="GET /lists"):
        directory.read_lists(client)
