"""How a row becomes a contact."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.api.account import Field
from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.base import NewTags
from destination_activecampaign.mappings.contact import CLEAR, Membership, TagChange
from destination_activecampaign.mappings.contact_import import import_body
from destination_activecampaign.mappings.identify import NO_EXTERNAL_ID, Identify
from unit_tests.mappings.factories import (
    CITY,
    COMPANY,
    EXTERNAL_ID,
    INTERESTS,
    PLAN,
    SIGNUP,
    a_person,
    a_stream,
    an_account,
    an_identify,
    rules,
)

SOWN = st.text().map("zqx-{}".format)


def reason_of(identify: Identify, row: dict[str, Any]) -> tuple[str, str]:
    """Return (reason, field) with which the row is rejected."""
    with pytest.raises(RecordRejected) as rejected:
        identify.map(row)
    return rejected.value.reason, rejected.value.field


def parts_of(identify: Identify, row: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (reason, field) of each part that is left out of the row."""
    return [(part.reason, part.field) for part in identify.map(row).refused]


# email, names, phone


def test_a_row_needs_an_email() -> None:
    """The field named is the column, where there is one."""
    assert reason_of(an_identify(), {"firstName": "Ada"}) == ("email_missing", "email")
    assert reason_of(an_identify(), a_person(email=None)) == ("email_missing", "email")
    assert reason_of(an_identify("EMAIL"), {"firstName": "Ada"}) == ("email_missing", "EMAIL")
    assert reason_of(an_identify(entry=rules(mail="email")), {"firstName": "Ada"}) == ("email_missing", "mail")
    assert reason_of(an_identify("E_MAIL"), {"E_MAIL": "zqx-nobody"}) == ("email_invalid", "E_MAIL")


def test_basic_fields_are_written() -> None:
    """Names match without case and punctuation; numbers become text."""
    change = (
        an_identify().map({"EMAIL": " Ada@Example.com", "FIRST_NAME": "Ada", "last name": "L", "Phone": 491}).change
    )
    assert change.email == "ada@example.com"
    assert change.basics == {"firstName": "Ada", "lastName": "L", "phone": "491"}


@pytest.mark.parametrize(
    ("name", "basics"),
    [
        ("Ada King Lovelace", {"firstName": "Ada", "lastName": "King Lovelace"}),
        ("Ada", {"firstName": "Ada"}),
        ("  Ada   King ", {"firstName": "Ada", "lastName": "King"}),
        (None, {}),
    ],
)
def test_a_name_alone_is_split(name: str | None, basics: dict[str, str]) -> None:
    """At its first space."""
    assert an_identify().map({"email": "a@b.co", "name": name}).change.basics == basics


def test_a_name_beside_a_first_or_last_name_is_left_alone() -> None:
    """What is given in parts is not guessed again."""
    assert an_identify().map({"email": "a@b.co", "name": "X Y", "lastName": "L"}).change.basics == {"lastName": "L"}


def test_a_nameless_row_must_find_its_contact() -> None:
    """Segment's rule, which a setting turns off."""
    row = {"email": "a@b.co"}
    assert an_identify().map(row).must_exist
    assert not an_identify().map(a_person()).must_exist
    assert not an_identify(create_without_name=True).map(row).must_exist


# custom fields


def test_columns_find_custom_fields() -> None:
    """By personalization tag, by title, by id."""
    row = a_person(plan="gold", **{"Signup date": "2025-01-31"}, field_4="Rome")
    assert an_identify().map(row).change.fields == {PLAN.id: "Gold", SIGNUP.id: "2025-01-31", CITY.id: "Rome"}


def test_a_personalization_tag_wins_over_a_title() -> None:
    """As the design orders them."""
    account = an_account(Field(1, "Plan", "text", "OLD"), Field(2, "Other", "text", "PLAN"))
    assert an_identify(account=account).map(a_person(Plan="x")).change.fields == {2: "x"}


def test_fields_alike_are_ambiguous() -> None:
    """Told, not written, and counted as unmatched."""
    account = an_account(Field(1, "Plan", "text", "A"), Field(2, "plan", "text", "B"))
    identify = an_identify("PLAN", account=account)
    assert identify.map(a_person(PLAN="x")).change.fields == {}
    assert "field_1, field_2" in identify.notes[0]
    assert identify.unmatched == {"PLAN": 1}


def test_exact_spelling_resolves_fields_alike() -> None:
    """A title that is spelled exactly so is meant."""
    account = an_account(Field(1, "Plan", "text", "A"), Field(2, "plan", "text", "B"))
    assert an_identify(account=account).map(a_person(plan="x")).change.fields == {2: "x"}


def test_an_invalid_value_is_left_out() -> None:
    """The contact is written without it, and it is counted."""
    mapped = an_identify().map(a_person(PLAN="Bronze", CITY="Rome"))
    assert mapped.change.fields == {CITY.id: "Rome"}
    assert [(part.reason, part.field) for part in mapped.refused] == [("invalid_value", "PLAN")]
    assert "Bronze" not in mapped.refused[0].message


def test_an_invalid_value_may_reject_the_row() -> None:
    """By a setting."""
    assert reason_of(an_identify(invalid_values="reject"), a_person(PLAN="Bronze")) == ("invalid_value", "PLAN")


def test_broken_json_in_a_multiple_choice_rejects_the_row() -> None:
    """It never falls back to a comma list."""
    assert reason_of(an_identify(), a_person(INTERESTS='["Tea"')) == ("value_unreadable", "INTERESTS")


def test_segments_multiple_choices_pass() -> None:
    """Arrays and `||` alike."""
    assert an_identify().map(a_person(interests=["tea"])).change.fields == {INTERESTS.id: "||Tea||"}


def test_columns_that_match_no_field_are_counted() -> None:
    """Only rows with a value in them; what is declared is listed before the first row."""
    identify = an_identify("email", "shoe_size", "_airbyte_meta", "received_at", "context_ip")
    assert identify.unmatched == {"shoe_size": 0}
    for value in ("41", None, ""):
        identify.map(a_person(shoe_size=value, hat="M", _airbyte_meta="{}", received_at="x", context_ip="y"))
    assert identify.unmatched == {"shoe_size": 1, "hat": 3}


def test_reserved_traits_write_no_custom_field() -> None:
    """Told once, with the entry that would change it."""
    identify = an_identify("company", shape=a_stream("company", name="people", namespace="crm"))
    for _ in range(2):
        assert identify.map(a_person(company="Acme")).change.fields == {}
    [note] = identify.notes
    assert json.loads(note[note.index("{") :]) == {
        "stream": "people",
        "namespace": "crm",
        "mapping": "identify",
        "columns": [{"column": "company", "field": "%COMPANY%"}],
    }


def test_a_mapping_entry_frees_a_reserved_trait() -> None:
    """So does a column that is named to be created."""
    assert an_identify(entry=rules(company="%COMPANY%")).map(a_person(company="A")).change.fields == {COMPANY.id: "A"}
    identify = an_identify(create_missing_fields=frozenset({"company"}))
    assert identify.map(a_person(company="A")).change.fields == {COMPANY.id: "A"}


@pytest.mark.parametrize("field", ["%PLAN%", "plan", "PLAN", "Plan tier", "field_1", " %plan% "])
def test_a_mapping_entry_names_a_field_in_any_way(field: str) -> None:
    """By tag, title or id."""
    assert an_identify(entry=rules(tier=field)).map(a_person(tier="gold")).change.fields == {PLAN.id: "Gold"}


@pytest.mark.parametrize("field", ["%NOPE%", "field_99", "nope", "event", ""])
def test_a_mapping_entry_with_an_unknown_field_stops_the_sync(field: str) -> None:
    """At its start."""
    with pytest.raises(ConfigError):
        an_identify(entry=rules(tier=field))


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("emial", "field emial: no such input or custom field (did you mean email?). Use one of email, "),
        ("first_nam", "custom field (did you mean firstName?)."),
        ("%PLANS%", "custom field (did you mean %PLAN%?)."),
        ("hat", "field hat: no such input or custom field. Use one of email, "),
    ],
)
def test_a_misspelled_field_is_told_with_the_one_that_was_meant(field: str, told: str) -> None:
    """An input, or a custom field of the account by its tag."""
    with pytest.raises(ConfigError) as error:
        an_identify(entry=rules(tier=field))
    assert told in error.value.message


# null


def test_null_keeps_values_by_default() -> None:
    """Blank text is null."""
    mapped = an_identify().map(a_person(lastName=None, phone=" ", CITY=None, PLAN="", INTERESTS=[]))
    assert mapped.change.basics == {"firstName": "Ada"}
    assert mapped.change.fields == {}
    assert mapped.refused == ()


def test_null_may_clear_values() -> None:
    """Fields and basic fields whose column is there; never the user id, tags or lists."""
    row = a_person(lastName=None, phone="", CITY=None, INTERESTS=[], tags=None, lists=None, userId=None)
    change = an_identify(null_values="clear").map(row).change
    assert change.basics == {"firstName": "Ada", "lastName": CLEAR, "phone": CLEAR}
    assert change.fields == {CITY.id: CLEAR, INTERESTS.id: CLEAR}
    assert change.tags == TagChange()
    assert change.lists == {}


def test_an_invalid_value_never_clears() -> None:
    """It is left out, not emptied."""
    assert an_identify(null_values="clear").map(a_person(PLAN="Bronze", phone={"a": 1})).change.cleared is False


# user id


def test_the_user_id_is_kept_in_the_external_id_field() -> None:
    """And told to the resolver as text."""
    mapped = an_identify().map(a_person(user_id=17.0))
    assert mapped.change.fields == {EXTERNAL_ID.id: "17"}
    assert mapped.user_id == "17"


def test_an_external_id_column_is_the_user_id_too() -> None:
    """Events find their contact by that field, whichever column wrote it."""
    assert an_identify().map(a_person(external_id="u1")).user_id == "u1"


def test_the_external_id_field_can_be_named() -> None:
    """By a setting."""
    assert an_identify(external_id_field="City").map(a_person(userId="u")).change.fields == {CITY.id: "u"}


def test_without_an_external_id_field_the_user_id_is_not_kept() -> None:
    """One line says what to set."""
    identify = an_identify("userId", account=an_account(CITY), external_id_field="%EXTERNAL_ID%")
    mapped = identify.map(a_person(userId="u"))
    assert (mapped.user_id, mapped.change.fields) == ("u", {})
    assert identify.notes == [NO_EXTERNAL_ID]


def test_an_external_id_field_that_is_not_there_stops_the_sync() -> None:
    """The user named it."""
    with pytest.raises(ConfigError, match="external_id_field"):
        an_identify(external_id_field="%CRM_ID%")


# tags


def test_tags_are_added_and_removed() -> None:
    """What is added wins over what is removed."""
    change = an_identify().map(a_person(tags="vip, zqx-New", tags_remove=["Old", "zqx-new"])).change
    assert change.tags == TagChange(removed={"old": "Old"}, added={"vip": "VIP", "zqx-new": "zqx-New"})


@pytest.mark.parametrize("flag", [1, True, "1", "true", "Yes", 1.0])
def test_a_reset_leaves_exactly_the_tags_given(flag: Any) -> None:
    """No tag is removed by name then."""
    change = an_identify().map(a_person(tagsReset=flag, tags=["a"], tags_remove="b")).change
    assert change.tags == TagChange(reset=True, added={"a": "a"})


@pytest.mark.parametrize("flag", [0, False, "0", "no", None, ""])
def test_no_reset(flag: Any) -> None:
    """Tags are only added then."""
    assert not an_identify().map(a_person(tagsReset=flag, tags=["a"])).change.tags.reset


@pytest.mark.parametrize("row", [{}, {"tags": None}, {"tags": ""}, {"tags": []}])
def test_a_reset_without_tags_removes_all(row: dict[str, Any]) -> None:
    """As Segment does."""
    assert an_identify("tags").map(a_person(tagsReset=1, **row)).change.tags == TagChange(reset=True)


def test_a_reset_with_null_tags_may_be_rejected() -> None:
    """An empty array still says it."""
    identify = an_identify("tags", null_tags_with_reset="reject")
    assert reason_of(identify, a_person(tagsReset=1, tags=None)) == ("tags_null", "tags")
    assert reason_of(identify, a_person(tagsReset=1)) == ("tags_null", "tags")
    assert identify.map(a_person(tagsReset=1, tags=[])).change.tags.reset


def test_a_reset_with_invalid_tags_or_flag_does_nothing() -> None:
    """All tags would go for a value that could not be read."""
    identify = an_identify()
    assert identify.map(a_person(tagsReset=1, tags=["\ud800"])).change.tags == TagChange()
    assert parts_of(identify, a_person(tagsReset="maybe", tags="a")) == [("invalid_value", "tagsReset")]


def test_too_many_new_tags_are_left_out() -> None:
    """The contact is still written; rejected rows do not count."""
    new = NewTags(1)
    identify = an_identify(new_tags=new)
    reason_of(identify, a_person(tags="a", lists="x"))
    assert len(new) == 0
    assert parts_of(identify, a_person(tags="a,b")) == [("too_many_new_tags", "tags")]


def test_unreadable_tags_reject_the_row() -> None:
    """With their own reason."""
    assert reason_of(an_identify(), a_person(tags="[a")) == ("tags_unreadable", "tags")
    assert reason_of(an_identify(), a_person(tags_remove="{")) == ("tags_remove_unreadable", "tags_remove")


# lists, automations, size


def test_lists_are_read() -> None:
    """Their own tests say how."""
    assert an_identify().map(a_person(lists=[{"id": 1, "status": 2}])).change.lists == {1: Membership.UNSUBSCRIBE}


@pytest.mark.parametrize(
    "columns",
    [
        {"tagsReset": 1, "tags": "a"},
        {"tags_remove": "a"},
        {"CITY": None},
        {"lists": [{"id": 1, "status": "active"}]},
    ],
)
def test_without_automations_single_requests_are_rejected(columns: dict[str, Any]) -> None:
    """They would always run them."""
    settings: dict[str, Any] = {"run_automations": False, "null_values": "clear", "resubscribe": frozenset({1})}
    assert reason_of(an_identify(**settings), a_person(**columns))[0] == "would_run_automations"
    assert an_identify(**{**settings, "run_automations": True}).map(a_person(**columns))


def test_without_automations_imports_pass() -> None:
    """Adding is what an import can do."""
    row = a_person(tags="a", CITY="x", lists=[{"id": 2, "status": 1}, {"id": 1, "status": 2}])
    assert an_identify(run_automations=False, resubscribe=frozenset({1})).map(row)


def test_a_contact_larger_than_a_request_is_rejected() -> None:
    """It could never be sent."""
    assert reason_of(an_identify(), a_person(CITY="x" * 400_000)) == ("row_too_large", "")


@given(SOWN, st.lists(SOWN), SOWN)
def test_the_size_is_never_too_small(city: str, tags: list[str], last: str) -> None:
    """Whatever the texts hold, and whether or not the body is written in ASCII."""
    row = a_person(CITY=city, tags=tags, lastName=last, lists=[{"id": 1, "status": 1}], PLAN="gold")
    change = an_identify(max_new_tags=1000).map(row).change
    body = import_body(change, frozenset())
    assert change.size >= max(len(orjson.dumps(body)), len(json.dumps(body).encode()))


def test_no_message_holds_a_value() -> None:
    """Rows are personal."""
    secret = "zqx-SECRET"
    for columns in (
        {"email": secret},
        {"lists": secret},
        {"tags": f"[{secret}"},
        {"lists": [{"id": secret, "status": 1}]},
    ):
        with pytest.raises(RecordRejected) as rejected:
            an_identify().map(a_person(**columns))
        assert secret not in rejected.value.message
