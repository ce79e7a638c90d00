"""Contacts: creating, reading, changing, deleting."""

import pytest

from activecampaign_emulator.bodies import CONTACT_LINKS
from unit_tests.emulator.account import Driver

LONG_KEYS = {
    *("cdate", "email", "phone", "firstName", "lastName", "orgid", "orgname", "segmentio_id", "bounced_hard"),
    *("bounced_soft", "bounced_date", "ip", "ua", "hash", "socialdata_lastcheck", "email_local", "email_domain"),
    *("sentcnt", "rating_tstamp", "gravatar", "deleted", "anonymized", "adate", "udate", "edate", "deleted_at"),
    *("created_utc_timestamp", "updated_utc_timestamp", "created_timestamp", "updated_timestamp", "created_by"),
    *("updated_by", "email_empty", "mpp_tracking", "scoreValues", "accountContacts", "links", "id", "organization"),
}


def test_sync_creates_with_201(account: Driver) -> None:
    """An unknown email is created; the answer has the short body."""
    reply = account.send("POST", "/contact/sync", {"contact": {"email": "a@b.co", "firstName": "Ann"}})
    assert reply.status == 201
    assert reply.json()["contact"]["orgid"] == ""
    assert "deleted" not in reply.json()["contact"]


def test_sync_updates_with_200(account: Driver) -> None:
    """A known email, in any case, is updated; keys that are not sent stay."""
    account.seed(contacts=[{"email": "a@b.co", "firstName": "Ann", "phone": "1"}])
    reply = account.send("POST", "/contact/sync", {"contact": {"email": "A@b.co", "lastName": "Lee"}})
    assert (reply.status, set(reply.json()["contact"])) == (200, LONG_KEYS)
    contact = account.contact("a@b.co")
    assert (contact["firstName"], contact["lastName"], contact["phone"]) == ("Ann", "Lee", "1")


def test_sync_answers_only_the_values_of_the_call(account: Driver) -> None:
    """`fieldValues` holds what was set now; unknown ids are ignored."""
    account.seed(fields=[{"title": "One"}, {"title": "Two"}], contacts=[{"email": "a@b.co", "fields": {"ONE": "1"}}])
    values = [{"field": "2", "value": "x"}, {"field": "99", "value": "y"}]
    reply = account.send("POST", "/contact/sync", {"contact": {"email": "a@b.co", "fieldValues": values}})
    assert [(one["field"], one["value"]) for one in reply.json()["fieldValues"]] == [("2", "x")]


@pytest.mark.parametrize(
    ("contact", "status"),
    [({}, 400), ({"email": ""}, 400), ({"email": "a@b"}, 422), ({"email": "a@b.co", "fieldValues": "x"}, 500)],
)
def test_sync_refuses(account: Driver, contact: dict[str, str], status: int) -> None:
    """No email is 400, a bad one 422, malformed values 500; none leaves a contact behind."""
    assert account.send("POST", "/contact/sync", {"contact": contact or {"phone": "1"}}).status == status
    assert account.contact("a@b.co") is None


def test_a_bad_email_has_its_recorded_body(account: Driver) -> None:
    """The error carries a code and a pointer."""
    body = account.send("POST", "/contact/sync", {"contact": {"email": "nope"}}).json()
    assert body["errors"][0]["code"] == "email_invalid"
    assert body["errors"][0]["source"] == {"pointer": "/data/attributes/email"}


def test_create_refuses_an_email_that_exists(account: Driver) -> None:
    """POST /contacts is no upsert."""
    account.seed(contacts=[{"email": "a@b.co"}])
    reply = account.send("POST", "/contacts", {"contact": {"email": "a@b.co"}})
    assert (reply.status, reply.json()["errors"][0]["code"]) == (422, "duplicate")


def test_update_changes_the_email(account: Driver) -> None:
    """PUT finds the contact by id and moves it to the new email."""
    account.seed(contacts=[{"email": "a@b.co"}])
    assert account.send("PUT", "/contacts/1", {"contact": {"email": "new@b.co"}}).status == 200
    assert account.contact("a@b.co") is None
    assert account.contact("new@b.co")["id"] == "1"


def test_update_cannot_take_the_email_of_another(account: Driver) -> None:
    """An email belongs to one contact."""
    account.seed(contacts=[{"email": "a@b.co"}, {"email": "c@b.co"}])
    assert account.send("PUT", "/contacts/1", {"contact": {"email": "c@b.co"}}).status == 422


def test_read_has_sideloads(account: Driver) -> None:
    """GET of one contact brings lists and values along."""
    account.seed(
        lists=[{"name": "L"}],
        fields=[{"title": "F"}],
        contacts=[{"email": "a@b.co", "lists": {"1": 1}, "fields": {"F": "v"}}],
    )
    body = account.get("/contacts/1")
    assert set(body) == {
        *("accountContacts", "contact", "contactAutomations", "contactLists", "deals", "fieldValues", "geoIps"),
    }
    assert body["contactLists"][0]["status"] == "1"
    assert body["fieldValues"][0]["value"] == "v"
    assert set(body["contact"]["links"]) == set(CONTACT_LINKS)


def test_delete_is_200_then_404(account: Driver) -> None:
    """A contact goes with all it has, once; the API calls it Subscriber."""
    account.seed(
        lists=[{"name": "L"}],
        fields=[{"title": "F"}],
        contacts=[{"email": "a@b.co", "tags": ["t"], "lists": {"1": 1}, "fields": {"F": "v"}}],
    )
    assert account.send("DELETE", "/contacts/1").json() == {}
    again = account.send("DELETE", "/contacts/1")
    assert (again.status, again.json()) == (404, {"message": "No Result found for Subscriber with id 1"})
    assert account.get("/contactTags")["meta"]["total"] == "0"
    assert account.get("/fieldValues")["meta"]["total"] == "0"
    assert account.get("/contactLists")["meta"]["total"] == "0"


def test_an_id_is_never_given_twice(account: Driver) -> None:
    """The next contact after a deletion gets a new number."""
    account.seed(contacts=[{"email": "a@b.co"}])
    account.send("DELETE", "/contacts/1")
    account.seed(contacts=[{"email": "a@b.co"}])
    assert account.contact("a@b.co")["id"] == "2"


def test_the_contact_limit_holds_for_new_contacts(account: Driver) -> None:
    """At the limit an update goes through and a creation does not."""
    account.control("POST", "switches", {"contact_limit": 1})
    account.seed(contacts=[{"email": "a@b.co"}])
    assert account.send("POST", "/contact/sync", {"contact": {"email": "a@b.co"}}).status == 200
    assert account.send("POST", "/contact/sync", {"contact": {"email": "c@b.co"}}).status == 403
    assert account.get("/settings/account") == {"subscriber_limit": 1, "subscriber_total": 1}


def test_what_hangs_on_a_contact_is_paged_when_asked(account: Driver) -> None:
    """All tags come at once, or a page of them."""
    account.seed(contacts=[{"email": "a@b.co", "tags": [f"t{number}" for number in range(120)]}])
    assert len(account.get("/contacts/1/contactTags")["contactTags"]) == 120
    assert len(account.get("/contacts/1/contactTags", limit=100, offset=100)["contactTags"]) == 20


def test_bounce_logs_show_a_bounced_contact(account: Driver) -> None:
    """A contact on the bounced list has a log, others have none."""
    account.seed(contacts=[{"email": "a@b.co", "bounced": True}, {"email": "c@b.co"}])
    assert len(account.get("/contacts/1/bounceLogs")["bounceLogs"]) == 1
    assert account.get("/contacts/2/bounceLogs")["bounceLogs"] == []


def test_a_body_that_is_not_an_object_is_400(account: Driver) -> None:
    """Neither broken JSON nor a list passes."""
    assert account.send("POST", "/contact/sync", b"{").status == 400
    assert account.send("POST", "/contact/sync", []).status == 400
    assert account.send("POST", "/contact/sync", {"email": "a@b.co"}).status == 422
