"""What is told of streams and entries of `mappings` that do not fit one another, and what to write instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from destination_activecampaign.mappings.base import ColumnRule
from destination_activecampaign.nearest import nearest
from destination_activecampaign.sync import needs
from destination_activecampaign.sync.choice import choose
from unit_tests.sync.test_choice import Constant, Entry, a_configured, error_of


def entry_in(message: str) -> Any:
    """Return the entry that a message says to add, which is JSON to paste."""
    return json.loads(message.partition("to mappings: ")[2].partition(" (mapping: identify")[0])


def test_the_message_ends_with_the_entry_to_add() -> None:
    """It can be pasted: with the namespace where the stream has one."""
    ending = (
        '"mapping": "identify", "columns": [{"column": "<your column>", "field": "email"}]} '
        "(mapping: identify, track, page, or ignore to leave the stream out)."
    )
    assert error_of(a_configured("x", "a")) == (
        f'Stream x has no mapping. Columns found: a. Add an entry to mappings: {{"stream": "x", {ending}'
    )
    assert f'{{"stream": "x", "namespace": "crm", {ending}' in error_of(a_configured("x", "a", namespace="crm"))


@pytest.mark.parametrize(
    ("columns", "mapping", "rules"),
    [
        (("id", "EMAIL", "NAME"), "identify", {}),
        (("id", "email_verified", "work_mail", "CONTACT_EMAIL_ADDRESS"), "identify", {"work_mail": "email"}),
        (("id", "event", "email"), "track", {}),
        (("EVENT_NAME", "customer_id"), "track", {"EVENT_NAME": "event_text", "customer_id": "<who>"}),
        (("eventType", "who"), "track", {"eventType": "event_text", "<your column>": "email"}),
        (("page_url", "user_id"), "page", {"page_url": "url"}),
        (("url", "x"), "page", {"<your column>": "email"}),
        (("email", "avatar_url", "last_event_at"), "identify", {}),
    ],
)
def test_the_entry_to_add_follows_from_the_columns(
    columns: tuple[str, ...], mapping: str, rules: dict[str, str]
) -> None:
    """An event or a url says the mapping; columns that count by their name need no rule, likely ones are named."""
    entry = entry_in(error_of(a_configured('so-called "x"', *columns)))
    expected = {column: "userId" if field == "<who>" else field for column, field in rules.items()}
    assert entry["stream"] == 'so-called "x"'
    assert entry["mapping"] == mapping
    assert {rule["column"]: rule["field"] for rule in entry.get("columns", ())} == expected
    assert ("columns" in entry) == bool(rules)


def test_the_entry_to_add_does_what_the_message_says() -> None:
    """With it the sync begins."""
    stream = a_configured("purchases", "EVENT_NAME", "customer_id")
    added = entry_in(error_of(stream))
    rules = tuple(ColumnRule(**rule) for rule in added["columns"])
    [choice] = choose([stream], (Entry(added["stream"], added["mapping"], columns=rules),)).streams
    assert choice.kind == "track"


def test_a_table_of_segment_keeps_its_mapping() -> None:
    """Whatever its columns look like."""
    assert entry_in(error_of(a_configured("pages", "event", "email")))["mapping"] == "page"


def test_a_long_list_of_columns_is_cut() -> None:
    """And an empty schema says so; a list that just fits is whole."""
    assert "c29 and 10 more. Add" in error_of(a_configured("x", *(f"c{number}" for number in range(40))))
    assert "c28, c29. Add an entry" in error_of(a_configured("x", *(f"c{number}" for number in range(30))))
    stream = a_configured("x")
    stream.stream.json_schema = {}
    assert "Columns found: none" in error_of(stream)


def test_a_mapped_stream_is_told_which_rules_to_add() -> None:
    """One for each thing that is missing."""
    message = error_of(a_configured("x", "mail", "a"), entries=(Entry("x", "track"),))
    assert message == (
        "Stream x is mapped to track (setting mappings), but no column holds an event name nor an email or a user id. "
        'Columns found: mail, a. Name the column in its entry of mappings, under columns: {"column": "<your column>", '
        '"field": "event_text"}, {"column": "mail", "field": "email"}. If rows hold a column that is not among these, '
        "refresh the connection's schema so that it declares it."
    )


def test_an_object_without_an_entry_is_told_the_whole_entry() -> None:
    """There is none yet in which a rule could be put."""
    message = error_of(a_configured("x", "mail", object_name="contact"))
    rule = '{"stream": "x", "mapping": "identify", "columns": [{"column": "mail", "field": "email"}]}'
    assert f"Name the column in an entry of mappings: {rule}. If rows hold" in message


@pytest.mark.parametrize(
    ("entry", "named", "rule"),
    [
        (
            Entry("x", "identify", columns=(ColumnRule("contact_mial", "E_MAIL"),)),
            "column contact_mial for E_MAIL, which the schema does not have (did you mean CONTACT_MAIL?). ",
            '{"column": "CONTACT_MAIL", "field": "E_MAIL"}',
        ),
        (
            Entry("x", "identify", columns=(ColumnRule("anschrift", "email"),)),
            "column anschrift for email, which the schema does not have. ",
            '{"column": "CONTACT_MAIL", "field": "email"}',
        ),
        (
            Entry("x", "identify", matching_key="userId", columns=(ColumnRule("customr", "userId"),)),
            "column customr for userId, which the schema does not have (did you mean Customer?). ",
            '{"column": "Customer", "field": "userId"}',
        ),
    ],
)
def test_a_misspelled_column_that_the_mapping_needs_stops_the_sync(entry: Entry, named: str, rule: str) -> None:
    """No row could be written: the message names the column, the nearest one, and the rule to write."""
    message = error_of(a_configured("x", "Customer", "CONTACT_MAIL"), entries=(entry,))
    assert f" Its entry of mappings names {named}Columns found: " in message
    assert f"under columns: {rule}. If rows hold" in message


def test_a_misspelled_field_that_the_mapping_needs_stops_the_sync() -> None:
    """The message names it beside what it may have meant, and the rule to write."""
    entry = Entry("x", "identify", columns=(ColumnRule("CONTACT_MAIL", "emial"),))
    message = error_of(a_configured("x", "CONTACT_MAIL"), entries=(entry,))
    assert "sends column CONTACT_MAIL to emial, which is no input (did you mean email?). Columns found" in message
    assert 'under columns: {"column": "CONTACT_MAIL", "field": "email"}. If rows hold' in message


def test_a_misspelled_column_that_is_not_needed_is_a_warning() -> None:
    """The rest of the row is written."""
    entry = Entry("x", "identify", columns=(ColumnRule("PlanTeir", "%PLAN%"), ColumnRule("gone", "ignore")))
    [told] = choose([a_configured("x", "email", "plan_tier")], (entry,)).warnings
    assert told == (
        "Stream x: its entry of mappings names column PlanTeir, which the schema does not have (did you mean plan_tier?). "
        "Nothing is written to %PLAN% from it: correct the name, or take it out of the entry."
    )


def test_a_column_that_is_like_no_other_is_a_warning_too() -> None:
    """It may be gone from the source."""
    choices = choose([a_configured("x", "email")], (Entry("x", "identify", columns=(ColumnRule("plan", "%PLAN%"),)),))
    [told] = choices.warnings
    assert "names column plan, which the schema does not have. Nothing is written to %PLAN%" in told


def test_a_misspelled_column_is_a_warning_where_another_one_serves() -> None:
    """An event has its contact by the user id: the sync runs."""
    entry = Entry("x", "track", columns=(ColumnRule("mial", "email"),))
    [told] = choose([a_configured("x", "event", "user_id", "mail")], (entry,)).warnings
    assert "names column mial, which the schema does not have (did you mean mail?)" in told


def test_a_nested_object_may_hold_what_the_entry_names() -> None:
    """The sync runs, and warns: of what the mapping needs, and of what looks misspelled, not of the rest."""
    rules = (ColumnRule("mail", "email"), ColumnRule("plan", "%PLAN%"), ColumnRule("colur", "%HAT%"))
    choices = choose([a_configured("x", "traits", "colour")], (Entry("x", "identify", columns=rules),))
    assert [told.partition("which")[0] for told in choices.warnings] == [
        "Stream x: its entry of mappings names column mail, ",
        "Stream x: its entry of mappings names column colur, ",
    ]
    assert all("It is looked for in what the schema does not declare: " in told for told in choices.warnings)


OBJECT = {"type": "object"}
TEXT = {"type": "string"}
PLAN = {"type": "object", "properties": {"plan": TEXT}}


@pytest.mark.parametrize(
    ("container", "schema", "columns"),
    [
        ("traits", TEXT, ("traits.email", "traits.plan", "traits_hat")),
        ("traits", OBJECT, ("traits.email", "traits.plan")),
        ("TRAITS", TEXT, ("traits.email", "TRAITS_PLAN")),
        ("context", OBJECT, ("context.traits.email", "contextTraits.plan", "context.plan")),
        ("context", {"properties": {"traits": OBJECT}}, ("context.traits.email",)),
    ],
)
def test_a_path_into_an_open_object_is_no_mistake(container: str, schema: Any, columns: tuple[str, ...]) -> None:
    """Only rows can tell what is in it; the README advises such an entry."""
    rules = tuple(
        ColumnRule(column, field) for column, field in zip(columns, ("email", "phone", "%HAT%"), strict=False)
    )
    stream = a_configured("x", "email_of_friend", **{container: schema})
    choices = choose([stream], (Entry("x", "identify", columns=rules),))
    assert choices.warnings == ()


@pytest.mark.parametrize("column", ["traits.colour", "context.colour", "train.colour", "traitscolour"])
def test_a_path_that_leads_into_no_open_object_is_a_warning(column: str) -> None:
    """Nothing is found there."""
    stream = a_configured("x", "email", traits=PLAN)
    [told] = choose([stream], (Entry("x", "identify", columns=(ColumnRule(column, "%HAT%"),)),)).warnings
    assert f"names column {column}, which the schema does not have. Nothing is written to %HAT% from it" in told


def test_an_object_that_may_hold_more_than_it_declares_makes_a_warning_of_a_slip_alone() -> None:
    """A path that is like one in the same object is likely misspelled; another may be in rows."""
    rules = (
        ColumnRule("traits.plam", "%PLAN%"),
        ColumnRule("traits.shoe", "%HAT%"),
        ColumnRule("traits.mails", "phone"),
    )
    stream = a_configured("x", "email", "traits_mail", traits={**PLAN, "additionalProperties": True})
    [told] = choose([stream], (Entry("x", "identify", columns=rules),)).warnings
    assert told == (
        "Stream x: its entry of mappings names column traits.plam, which the schema does not have (did you mean "
        "traits.plan?). It is looked for in what the schema does not declare: if rows do not have it, correct the name."
    )


def test_a_nested_object_is_no_column_to_advise() -> None:
    """It holds columns: as an email nobody could be found by it."""
    entry = Entry("x", "identify", columns=(ColumnRule("traits.email", "email"),))
    message = error_of(a_configured("x", "id", traits=PLAN), entries=(entry,))
    assert "names column traits.email for email, which the schema does not have. Columns found: id, traits." in message
    assert '{"column": "<your column>", "field": "email"}' in message


def test_a_nested_column_is_advised_by_its_path() -> None:
    """As an entry has to name it: where the entry misspells it, and where its name tells."""
    stream = a_configured("x", "id", traits={"properties": {"contact_mail": TEXT}})
    advised = '{"column": "traits.contact_mail", "field": "email"}'
    entry = Entry("x", "identify", columns=(ColumnRule("traits.contact_mial", "email"),))
    assert "(did you mean traits.contact_mail?)" in error_of(stream, entries=(entry,))
    assert advised in error_of(stream, entries=(entry,))
    assert advised in error_of(stream, entries=(Entry("x", "identify"),))


def test_a_stream_whose_schema_is_empty_is_a_warning() -> None:
    """Its rows may hold what the entry names, so that it does not stop the sync."""
    entry = Entry("x", "identify", columns=(ColumnRule("mail", "email"),))
    [told] = choose([a_configured("x")], (entry,)).warnings
    assert told.startswith(
        "Stream x: the catalog declares no columns of it, so only its rows can tell whether they have "
    )
    assert "an email, which identify needs" in told
    fed = Entry("x", "track", constants=(Constant("event", "E"), Constant("email", "a@b.co")))
    assert choose([a_configured("x")], (fed,)).warnings == ()
    assert choose([a_configured("x")], (Entry("x", "ignore"),)).warnings == ()


def test_a_column_that_some_streams_of_an_entry_have_is_not_told() -> None:
    """An entry for several may name the columns of each. Where none has it, one warning tells."""
    rules = (ColumnRule("email", "email"), ColumnRule("mail", "email"), ColumnRule("hat", "%HAT%"))
    entry = Entry("a*", "track", columns=rules, constants=(Constant("event", "E"),))
    choices = choose([a_configured("a1", "email"), a_configured("a2", "mail")], (entry,))
    assert [told.partition(", which")[0] for told in choices.warnings] == [
        "Stream a1: its entry of mappings names column hat"
    ]
    assert choices.notes == ()


def test_of_the_streams_of_an_entry_one_that_declares_all_its_columns_tells_of_a_slip() -> None:
    """Whatever the others may hold."""
    entry = Entry("a*", "identify", columns=(ColumnRule("hat", "%HAT%"),))
    streams = [*(a_configured(f"a{number}", "email", "traits") for number in range(9)), a_configured("az", "email")]
    [told] = choose(streams, (entry,)).warnings
    assert told.startswith("Stream az: its entry of mappings names column hat, ")


def test_many_streams_of_many_columns_are_compared_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alike names are dear to look for: a rule is told once, so that it is looked for in few streams."""
    compared: list[str] = []

    def counted(name: str, among: Iterable[str], plain: Callable[[str], str]) -> str | None:
        compared.append(name)
        return nearest(name, among, plain)

    monkeypatch.setattr(needs, "nearest", counted)
    entry = Entry("a*", "identify", columns=(ColumnRule("hat", "%HAT%"), ColumnRule("plan", "%PLAN%")))
    for nested in ((), ("traits",)):
        compared.clear()
        choose([a_configured(f"a{number}", "email", *nested) for number in range(50)], (entry,))
        assert 2 <= len(compared) <= 6
