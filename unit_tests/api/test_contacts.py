"""The endpoints of contacts: what is sent, what is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from destination_activecampaign.api.contacts import (
    ContactRecord,
    Contacts,
    ContactTag,
    FieldValue,
    ListMembership,
)
from destination_activecampaign.errors import (
    ConnectionFailed,
    NotFound,
    RequestRefused,
    ServerError,
    UnexpectedResponse,
)
from unit_tests.api.fakes import EMAIL, FakeTransport, answer

if TYPE_CHECKING:
    from destination_activecampaign.api.client import Client

GONE = answer(404, {"message": "No Result found for SubscriberTag with id 1"})


@pytest.fixture
def contacts(client: Client) -> Contacts:
    """Give the contacts of the scripted account."""
    return Contacts(client)


def a_contact(contact_id: object = "7", email: str = EMAIL, **values: object) -> dict[str, object]:
    """Make a contact as the API writes it."""
    return {"id": contact_id, "email": email, **values}


def page(key: str, *items: dict[str, Any]) -> Any:
    """Make a page that is the only one."""
    return answer(200, {key: list(items), "meta": {"total": str(len(items))}})


def test_a_contact_is_found_by_email(contacts: Contacts, transport: FakeTransport) -> None:
    """Case does not matter."""
    transport.script.append(page("contacts", a_contact(email=EMAIL.upper(), phone="1", firstName="A", lastName=None)))
    assert contacts.find(EMAIL) == ContactRecord(7, EMAIL, "1", "A", "")


def test_an_answer_about_others_is_no_hit(contacts: Contacts, transport: FakeTransport) -> None:
    """A filter that was ignored must not hand out a stranger."""
    transport.script.append(page("contacts", a_contact(email="other@example.com")))
    assert contacts.find(EMAIL) is None


def a_whole_answer(**changes: object) -> dict[str, Any]:
    """Make an answer that brings a contact's two tags, one value and one list with it."""
    hanging: dict[str, Any] = {"contactTags": ["1", 2], "fieldValues": ["3"], "contactLists": ["4"]}
    return {
        "contacts": [a_contact(**hanging)],
        "contactTags": [{"id": "1", "contact": "7", "tag": "8"}, {"id": "2", "contact": 7, "tag": 9}],
        "fieldValues": [{"id": "3", "contact": "7", "field": "5", "value": "x"}],
        "contactLists": [{"id": "4", "contact": "7", "list": "6", "status": "2"}],
        "meta": {"total": "1"},
        **changes,
    }


def test_what_hangs_on_a_contact_comes_with_it(contacts: Contacts, transport: FakeTransport) -> None:
    """It is asked for by `include`."""
    transport.script.append(answer(200, a_whole_answer()))
    found = contacts.find(EMAIL, ("contactTags", "fieldValues", "contactLists"))
    assert found is not None
    assert found.tags == (ContactTag(1, 8), ContactTag(2, 9))
    assert (found.values, found.memberships) == ((FieldValue(3, 5, "x"),), (ListMembership(4, 6, 2),))
    assert "include=contactTags%2CfieldValues%2CcontactLists" in transport.sent[-1].url


@pytest.mark.parametrize(
    "changes",
    [
        {"contactTags": []},
        {"contactTags": None},
        {"contactTags": [{"id": "1", "contact": "7", "tag": "8"}]},
        {"contactTags": [{"id": "1", "contact": "7", "tag": "8"}, {"id": "2", "contact": "77", "tag": "9"}]},
        {"contactTags": [{"id": str(number), "contact": "7", "tag": "8"} for number in (1, 2, 3)]},
        {"contacts": [a_contact()]},
        {"contacts": [a_contact(contactTags="1")]},
    ],
)
def test_a_sideload_that_is_not_whole_is_not_believed(
    contacts: Contacts, transport: FakeTransport, changes: dict[str, object]
) -> None:
    """None, so that it is read by its own route: a tag that is not seen would never be taken off."""
    transport.script.append(answer(200, a_whole_answer(**changes)))
    found = contacts.find(EMAIL, ("contactTags",))
    assert found is not None
    assert found.tags is None


@pytest.mark.parametrize(("count", "believed"), [(19, True), (20, False)])
def test_a_sideload_as_long_as_a_page_is_not_believed(
    contacts: Contacts, transport: FakeTransport, count: int, *, believed: bool
) -> None:
    """There may be more of it."""
    ids = [str(number) for number in range(1, count + 1)]
    tags = [{"id": number, "contact": "7", "tag": number} for number in ids]
    transport.script.append(answer(200, a_whole_answer(contacts=[a_contact(contactTags=ids)], contactTags=tags)))
    found = contacts.find(EMAIL, ("contactTags",))
    assert found is not None
    assert (found.tags is not None) is believed


def test_several_contacts_are_read_by_their_ids(contacts: Contacts, transport: FakeTransport) -> None:
    """In one request, with what hangs on them."""
    transport.script.append(answer(200, a_whole_answer()))
    (found,) = contacts.read_many([7, 9], ("contactTags",))
    assert (found.id, found.email, found.tags) == (7, EMAIL, (ContactTag(1, 8), ContactTag(2, 9)))
    assert "ids%5B%5D=7&ids%5B%5D=9&include=contactTags" in transport.sent[-1].url


def test_records_hide_their_values() -> None:
    """They may end up in a traceback."""
    assert EMAIL not in repr((ContactRecord(1, EMAIL, EMAIL), FieldValue(1, 2, EMAIL)))


def test_a_contact_is_read_by_id(contacts: Contacts, transport: FakeTransport) -> None:
    """The id is compared."""
    transport.script.extend([answer(200, {"contact": a_contact()}), answer(200, {"contact": a_contact("8")})])
    assert contacts.get(7).id == 7
    with pytest.raises(UnexpectedResponse, match="another contact"):
        contacts.get(7)


def test_what_hangs_on_a_contact_is_read(contacts: Contacts, transport: FakeTransport) -> None:
    """Tags, field values, memberships: ids of the link and of the thing."""
    transport.script.extend(
        [
            page("contactTags", {"id": "1", "contact": "7", "tag": "20"}),
            page("fieldValues", {"id": "2", "contact": "7", "field": "3", "value": None}),
            page("contactLists", {"id": "4", "contact": "7", "list": "5", "status": "2"}),
        ]
    )
    assert contacts.contact_tags(7) == [ContactTag(1, 20)]
    assert contacts.field_values(7) == [FieldValue(2, 3, "")]
    assert contacts.memberships(7) == [ListMembership(4, 5, 2)]


def test_what_hangs_on_another_contact_is_unexpected(contacts: Contacts, transport: FakeTransport) -> None:
    """Its tags must not be taken off."""
    transport.script.append(page("contactTags", {"id": "1", "contact": "8", "tag": "20"}))
    with pytest.raises(UnexpectedResponse):
        contacts.contact_tags(7)


@pytest.mark.parametrize(("logs", "bounced"), [([{"id": "1"}], True), ([], False)])
def test_a_bounce_is_known(contacts: Contacts, transport: FakeTransport, logs: object, *, bounced: bool) -> None:
    """By the contact's bounce logs."""
    transport.script.append(answer(200, {"bounceLogs": logs}))
    assert contacts.bounced(7) is bounced


def test_a_contact_that_is_gone_has_not_bounced(contacts: Contacts, transport: FakeTransport) -> None:
    """404 is an answer."""
    transport.script.append(GONE)
    assert not contacts.bounced(7)


@pytest.mark.parametrize(
    ("phrase", "match_type", "excluded"),
    [
        ("a@example.com", "exact", True),
        ("A@Example.com", "", True),
        ("example.com", "end", True),
        ("a@", "begin", True),
        ("example.com", "exact", False),
        ("b@example.com", "exact", False),
        ("other.com", "end", False),
        ("", "end", False),
    ],
)
def test_an_exclusion_is_compared(
    contacts: Contacts, transport: FakeTransport, phrase: str, match_type: str, *, excluded: bool
) -> None:
    """Whole address, beginning or ending; filters are not trusted."""
    transport.by = lambda _: page("exclusions", {"id": "1", "matchPhrase": phrase, "matchType": match_type})
    assert contacts.excluded("a@example.com") is excluded


def test_removals_are_done_when_it_is_gone(contacts: Contacts, transport: FakeTransport) -> None:
    """404 on a removal is success."""
    transport.script.extend([answer(200, {}), GONE, answer(200, {}), GONE])
    contacts.remove_tag(1)
    contacts.remove_tag(1)
    contacts.delete_field_value(2)
    contacts.delete_field_value(2)
    assert [sent.url.rpartition("/api/3")[2] for sent in transport.sent[1:3]] == ["/contactTags/1", "/fieldValues/2"]


def test_a_subscription_is_forced(contacts: Contacts, transport: FakeTransport) -> None:
    """Resubscribing asks for its source id."""
    transport.script.append(answer(200, {"contactList": {"id": "1", "contact": 7, "list": "5", "status": 1}}))
    assert contacts.set_membership(7, 5, 1) == ListMembership(1, 5, 1)
    assert transport.body() == {"contactList": {"list": 5, "contact": 7, "status": 1, "sourceid": 4}}


@pytest.mark.parametrize("changed", [{"contact": 8}, {"list": 6}, {"status": 1}])
def test_a_membership_that_was_not_asked_for_is_unexpected(
    contacts: Contacts, transport: FakeTransport, changed: dict[str, int]
) -> None:
    """Contact, list and status are compared."""
    transport.script.append(answer(200, {"contactList": {"id": 1, "contact": 7, "list": 5, "status": 2, **changed}}))
    with pytest.raises(UnexpectedResponse):
        contacts.set_membership(7, 5, 2)


def test_a_tag_is_put_on(contacts: Contacts, transport: FakeTransport) -> None:
    """200 or 201."""
    transport.script.append(answer(201, {"contactTag": {"id": "1", "contact": "7", "tag": "20"}}))
    assert contacts.add_tag(7, 20) == ContactTag(1, 20)


def test_a_tag_on_another_contact_is_unexpected(contacts: Contacts, transport: FakeTransport) -> None:
    """The answer is compared."""
    transport.script.append(answer(201, {"contactTag": {"id": "1", "contact": "8", "tag": "20"}}))
    with pytest.raises(UnexpectedResponse):
        contacts.add_tag(7, 20)


def test_a_tag_is_created_for_contacts(contacts: Contacts, transport: FakeTransport) -> None:
    """Without its type it would be hidden."""
    transport.script.append(answer(201, {"tag": {"id": "9", "tag": "vip"}}))
    assert contacts.create_tag("VIP") == 9
    assert transport.body()["tag"]["tagType"] == "contact"


@pytest.mark.parametrize(
    "reply",
    [
        answer(422, {"errors": [{"code": "duplicate"}]}),
        answer(500, {"message": "Could not process request", "error": "Duplicate entry 'contact-x'"}),
        ConnectionFailed("x"),
    ],
)
def test_a_tag_that_exists_is_found(contacts: Contacts, transport: FakeTransport, reply: Any) -> None:
    """Three ways to say duplicate; names are compared without case, contains-matches and templates passed over."""
    tags = (
        {"id": "1", "tag": "VIP customers", "tagType": "contact"},
        {"id": "2", "tag": "vip", "tagType": "template"},
        {"id": "3", "tag": "vip", "tagType": "contact"},
    )
    transport.script.extend([reply, page("tags", *tags)])
    assert contacts.create_tag("VIP") == 3


def test_a_tag_that_is_refused_and_not_there_is_raised(contacts: Contacts, transport: FakeTransport) -> None:
    """The account does not want it."""
    transport.script.extend([answer(422, {"errors": []}), page("tags")])
    with pytest.raises(RequestRefused):
        contacts.create_tag("VIP")


def test_a_tag_is_tried_again_after_a_failure(contacts: Contacts, transport: FakeTransport) -> None:
    """The search did not find it."""
    transport.script.extend([answer(502), page("tags"), answer(201, {"tag": {"id": 4, "tag": "VIP"}})])
    assert contacts.create_tag("VIP") == 4


def test_a_tag_is_not_tried_for_ever(contacts: Contacts, transport: FakeTransport) -> None:
    """The last failure is raised."""
    transport.by = lambda sent: answer(502) if sent.method == "POST" else page("tags")
    with pytest.raises(ServerError):
        contacts.create_tag("VIP")


def test_another_tag_is_unexpected(contacts: Contacts, transport: FakeTransport) -> None:
    """The name is compared."""
    transport.script.append(answer(200, {"tag": {"id": "9", "tag": "other"}}))
    with pytest.raises(UnexpectedResponse):
        contacts.create_tag("VIP")


def test_a_sync_is_compared(contacts: Contacts, transport: FakeTransport) -> None:
    """An upsert may match another contact by phone: that stops everything."""
    body = {"contact": {"email": EMAIL, "firstName": "Zoë"}}
    transport.script.extend(
        [answer(201, {"contact": a_contact()}), answer(200, {"contact": a_contact(email="x@y.zz")})]
    )
    assert contacts.sync(body).id == 7
    assert transport.body() == body
    with pytest.raises(UnexpectedResponse) as caught:
        contacts.sync(body)
    assert EMAIL not in repr(caught.value)


@pytest.mark.parametrize("changed", [{"email": "x@y.zz"}, {"id": "8"}])
def test_an_update_is_compared(contacts: Contacts, transport: FakeTransport, changed: dict[str, str]) -> None:
    """Id and new email."""
    body = {"contact": {"email": EMAIL}}
    transport.script.extend(
        [answer(200, {"contact": a_contact()}), answer(200, {"contact": {**a_contact(), **changed}})]
    )
    assert contacts.update(7, body).email == EMAIL
    with pytest.raises(UnexpectedResponse):
        contacts.update(7, body)


def test_all_emails_are_listed_by_id(contacts: Contacts, transport: FakeTransport) -> None:
    """Each page begins after the last id; an empty one is the end."""
    transport.script.extend([page("contacts", a_contact("1"), a_contact("5")), page("contacts", a_contact("9"))])
    transport.script.append(page("contacts"))
    assert [found[0] for found in contacts.list_emails()] == [1, 5, 9]
    assert [sent.url[sent.url.index("id_greater") :].partition("status")[0] for sent in transport.sent] == [
        "id_greater=0&",
        "id_greater=5&",
        "id_greater=9&",
    ]


def test_an_ignored_id_filter_is_noticed(contacts: Contacts, transport: FakeTransport) -> None:
    """The first page for ever would never end."""
    transport.by = lambda _: page("contacts", a_contact("1"), a_contact("5"))
    with pytest.raises(UnexpectedResponse):
        list(contacts.list_emails())


def test_values_of_one_field_are_listed(contacts: Contacts, transport: FakeTransport) -> None:
    """Other fields' values are passed over."""
    values = ({"id": 1, "contact": "7", "field": "3", "value": "u1"}, {"id": 2, "contact": "8", "field": "4"})
    transport.script.append(page("fieldValues", *values))
    assert list(contacts.values_of_field(3)) == [(7, "u1")]


def test_a_contact_is_found_by_a_field(contacts: Contacts, transport: FakeTransport) -> None:
    """Field and value are both compared, exactly."""
    values = (
        {"id": 1, "contact": "7", "field": "3", "value": "u1"},
        {"id": 2, "contact": "8", "field": "3", "value": "U1"},
        {"id": 3, "contact": "9", "field": "4", "value": "u1"},
    )
    transport.script.append(page("fieldValues", *values))
    assert contacts.find_by_field(3, "u1") == [7]


def test_a_value_that_many_contacts_have_is_read_once(contacts: Contacts, transport: FakeTransport) -> None:
    """That it is not one's alone shows with the second."""
    values = [{"id": number, "field": 3, "contact": number, "value": "u1"} for number in range(100)]
    transport.script.append(answer(200, {"fieldValues": values, "meta": {"total": "50000"}}))
    assert contacts.find_by_field(3, "u1") == [0, 1]


@pytest.mark.parametrize("broken", [{"email": EMAIL}, {"id": None}, {"id": "x"}])
def test_an_answer_without_an_id_is_unexpected(
    contacts: Contacts, transport: FakeTransport, broken: dict[str, object]
) -> None:
    """Nothing is guessed."""
    transport.script.append(answer(200, {"contact": broken}))
    with pytest.raises(UnexpectedResponse):
        contacts.get(7)


def test_an_answer_that_is_no_object_is_unexpected(contacts: Contacts, transport: FakeTransport) -> None:
    """Nothing is guessed."""
    transport.script.append(answer(200, {"contact": []}))
    with pytest.raises(UnexpectedResponse):
        contacts.get(7)


def test_a_contact_that_is_gone_is_told(contacts: Contacts, transport: FakeTransport) -> None:
    """The caller decides."""
    transport.script.append(GONE)
    with pytest.raises(NotFound):
        contacts.get(7)


def test_contacts_are_counted(contacts: Contacts, transport: FakeTransport) -> None:
    """All of them, and those with a value in one field; the total is text or a number."""
    transport.script.extend([answer(200, {"meta": {"total": "42"}}), answer(200, {"meta": {"total": 7}})])
    assert (contacts.count(), contacts.count_of_field(3)) == (42, 7)


def test_a_tag_is_named_by_its_id(contacts: Contacts, transport: FakeTransport) -> None:
    """None where it is gone; the id is compared."""
    transport.script.extend([answer(200, {"tag": {"id": "5", "tag": "VIP"}}), GONE, answer(200, {"tag": {"id": "6"}})])
    assert (contacts.tag_name(5), contacts.tag_name(5)) == ("VIP", None)
    with pytest.raises(UnexpectedResponse):
        contacts.tag_name(5)
