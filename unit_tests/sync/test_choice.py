"""Which mapping a stream takes."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.mappings.base import ColumnRule, MatchingKey, Operation, StreamColumns
from destination_activecampaign.sync.choice import choose
from destination_activecampaign.sync.chosen import Chosen


@dataclass(frozen=True)
class Constant:
    """A constant, as the settings hold it."""

    field: str
    value: str


@dataclass(frozen=True)
class Entry:
    """An entry of `mappings`, as the settings hold it."""

    stream: str
    mapping: str
    namespace: str | None = None
    operation: Operation = "upsert"
    matching_key: MatchingKey = "email"
    columns: tuple[ColumnRule, ...] = ()
    constants: tuple[Constant, ...] = ()


def a_configured(
    name: str,
    *columns: str,
    namespace: str | None = None,
    mode: str = "append",
    object_name: str | None = None,
    primary_key: list[list[str]] | None = None,
    **schemas: Any,
) -> Any:
    """Return a configured stream with these columns."""
    properties = {**{column: {"type": "string"} for column in columns}, **schemas}
    return SimpleNamespace(
        stream=SimpleNamespace(name=name, namespace=namespace, json_schema={"properties": properties}),
        destination_sync_mode=SimpleNamespace(value=mode),
        destination_object_name=object_name,
        primary_key=primary_key,
    )


def chosen(stream: Any, *entries: Entry) -> Chosen:
    """Return the one choice for the one stream."""
    [choice] = choose([stream], entries).streams
    return choice


def error_of(*streams: Any, entries: tuple[Entry, ...] = ()) -> str:
    """Return what the config error says."""
    with pytest.raises(ConfigError) as error:
        choose(streams, entries)
    return error.value.message


@pytest.mark.parametrize(
    ("object_name", "columns", "kind"),
    [("contact", ("email",), "identify"), ("event", ("event", "email"), "track"), ("page_view", ("url", "userId"), "page")],
)  # fmt: skip
def test_data_activation_names_the_object(object_name: str, columns: tuple[str, ...], kind: str) -> None:
    """Before any other rule; an entry for the same mapping still tells about columns."""
    entry = Entry("*", kind, columns=(ColumnRule("a", "email"),))
    assert chosen(a_configured("tracks", *columns, object_name=object_name)).kind == kind
    assert chosen(a_configured("x", "a", *columns, object_name=object_name), entry).rules.rules == entry.columns
    assert chosen(a_configured("x", *columns, object_name=object_name), Entry("x", "ignore")).kind == kind


def test_an_unknown_object_stops_the_sync() -> None:
    """The message lists those that there are."""
    assert "contact, event, page_view" in error_of(a_configured("x", object_name="deal"))


def test_an_entry_comes_before_the_name() -> None:
    """It brings its rules for columns."""
    entry = Entry("tracks", "identify", columns=(ColumnRule("mail", "email"),), constants=(Constant("tags", "vip"),))
    choice = chosen(a_configured("tracks", "mail"), entry)
    assert (choice.kind, choice.how) == ("identify", "setting mappings")
    assert choice.rules == StreamColumns(entry.columns, (("tags", "vip"),))


@pytest.mark.parametrize(
    ("name", "columns", "kind"),
    [
        ("IDENTIFIES", ("EMAIL",), "identify"),
        ("users", ("context_traits_email",), "identify"),
        ("Tracks", ("EVENT_TEXT", "USER_ID"), "track"),
        ("pages", ("context_page_url", "email"), "page"),
    ],
)
def test_segments_tables_are_known(name: str, columns: tuple[str, ...], kind: str) -> None:
    """In any case, if they have what the mapping needs."""
    assert chosen(a_configured(name, *columns)).kind == kind


def test_a_segment_table_without_what_it_needs_stops_the_sync() -> None:
    """The message names stream, columns found and missing, and the setting."""
    message = error_of(a_configured("tracks", "what", "who", namespace="seg"))
    for part in ("seg.tracks", "an event name", "an email or a user id", "what, who", "mappings", '"column"'):
        assert part in message


@pytest.mark.parametrize("mark", ["USER_ID", "anonymousId", "traits", "properties"])
def test_raw_calls_are_known_by_their_columns(mark: str) -> None:
    """Type, message id, and one more."""
    assert chosen(a_configured("events", "type", "messageId", mark)).kind == "raw_calls"
    assert "no mapping" in error_of(a_configured("events", "type", mark))


def test_an_entry_whose_stream_lacks_what_it_needs_stops_the_sync() -> None:
    """Unless a constant, a rule or a nested object may hold it."""
    assert "an email" in error_of(a_configured("x", "mail"), entries=(Entry("x", "identify"),))
    assert chosen(a_configured("x", "mail"), Entry("x", "identify", columns=(ColumnRule("mail", "email"),)))
    assert chosen(a_configured("x", "email"), Entry("x", "track", constants=(Constant("event", "E"),)))
    assert chosen(a_configured("x", "traits"), Entry("x", "identify"))


def test_all_bad_streams_are_told_at_once() -> None:
    """Nobody wants to find them one by one."""
    message = error_of(
        a_configured("one", "a"), a_configured("two", "b"), a_configured("users", "email", mode="overwrite")
    )
    assert "Stream one " in message
    assert "Stream two " in message
    assert "Stream users: sync mode overwrite" in message


@pytest.mark.parametrize(("mode", "stream"), [("overwrite", "users"), ("update", "tracks"), ("soft_delete", "pages")])
def test_other_sync_modes_are_refused(mode: str, stream: str) -> None:
    """Only contacts can be updated or taken away; streams that are ignored may have any mode."""
    columns = ("email", "event", "url")
    assert mode in error_of(a_configured(stream, *columns, mode=mode))
    assert chosen(a_configured(stream, mode=mode), Entry(stream, "ignore"))


@pytest.mark.parametrize("mode", ["update", "soft_delete"])
def test_the_sync_mode_says_what_rows_do_to_contacts(mode: str) -> None:
    """Whatever way the stream found its mapping."""
    stream = a_configured("users", "email", mode=mode)
    assert chosen(stream).operation == mode
    assert chosen(stream, Entry("users", "identify")).operation == mode
    assert chosen(a_configured("x", "email", mode=mode, object_name="contact")).operation == mode


def test_an_entry_says_what_rows_do_and_by_what_they_name_contacts() -> None:
    """For connections whose sync modes cannot say it."""
    entry = Entry("people", "identify", operation="update", matching_key="userId")
    choice = chosen(a_configured("people", "user_id"), entry)
    assert (choice.operation, choice.key) == ("update", "userId")


@pytest.mark.parametrize(
    ("primary_key", "key"), [(None, "email"), ([], "email"), ([["email"]], "email"), ([["userId"]], "userId")]
)
def test_the_primary_key_of_an_object_is_its_matching_key(primary_key: list[list[str]] | None, key: str) -> None:
    """As the platform sends it."""
    stream = a_configured("x", "email", "userId", object_name="contact", primary_key=primary_key)
    assert chosen(stream).key == key


@pytest.mark.parametrize("primary_key", [[["phone"]], [["email"], ["userId"]]])
def test_another_matching_key_stops_the_sync(primary_key: list[list[str]]) -> None:
    """No contact could be found by it."""
    stream = a_configured("x", "email", "phone", object_name="contact", primary_key=primary_key)
    assert "no matching key of contacts. Choose email or userId." in error_of(stream)


def test_a_primary_key_of_the_source_is_no_matching_key() -> None:
    """Only data activation sends the one as the other."""
    assert chosen(a_configured("users", "id", "email", primary_key=[["id"]])).key == "email"


def test_a_stream_without_its_matching_key_stops_the_sync() -> None:
    """An email does not stand in for it."""
    entry = Entry("people", "identify", matching_key="userId")
    assert "no column holds a user id, its matching key" in error_of(a_configured("people", "email"), entries=(entry,))


def test_a_matching_key_is_of_contacts_alone() -> None:
    """An entry for events or visits takes no notice of it, as of the operation: they need what they always need."""
    entry = Entry("x", "track", matching_key="userId")
    choice = chosen(a_configured("x", "event", "email"), entry)
    assert choice.key == "email"
    assert "no column holds an event name. " in error_of(a_configured("x", "user_id"), entries=(entry,))
    assert chosen(a_configured("x", "url", "email"), Entry("x", "page", matching_key="userId")).key == "email"


def test_what_is_needed_of_the_account_follows() -> None:
    """Before anything of it is read."""
    contacts = choose([a_configured("users", "email")], ())
    calls = choose([a_configured("x", "type", "message_id", "traits")], ())
    assert (contacts.contacts, contacts.events, contacts.visits) == (True, False, False)
    assert (calls.contacts, calls.events, calls.visits) == (True, True, True)


def test_a_segment_table_is_not_chosen_for_what_a_nested_object_may_hold() -> None:
    """The message says what no declared column holds."""
    message = error_of(a_configured("tracks", "properties"))
    assert "is that of a table for track, but no column holds an event name nor an email or a user id." in message


@pytest.mark.parametrize(("mode", "why"), [("overwrite", " It would delete the account's contacts."), ("update", "")])
def test_the_message_says_why_a_mode_is_refused(mode: str, why: str) -> None:
    """Where there is more to say than that it is not supported."""
    assert error_of(a_configured("pages", "url", "email", mode=mode)) == (
        f"Stream pages: sync mode {mode} is not supported.{why} Choose append or append_dedup for it."
    )


def test_what_is_wrong_with_several_streams_is_one_text() -> None:
    """A sentence after the other."""
    one, two = (error_of(a_configured(name, "email", mode="overwrite")) for name in ("users", "identifies"))
    streams = [a_configured(name, "email", mode="overwrite") for name in ("users", "identifies")]
    assert error_of(*streams) == f"{one} {two}"


def test_raw_calls_need_more_than_a_type_and_a_message_id() -> None:
    """Many tables have these."""
    assert "no mapping" in error_of(a_configured("events", "type", "messageId", "price"))


def test_a_rule_may_name_a_field_in_any_spelling() -> None:
    """As a column may."""
    assert chosen(a_configured("x", "mail"), Entry("x", "identify", columns=(ColumnRule("mail", "E_MAIL"),)))


def test_a_catalog_may_lack_what_is_optional() -> None:
    """The object's name, a schema that is an object, a mode that is an enumeration's member."""
    stream = a_configured("users", "email")
    del stream.destination_object_name
    stream.destination_sync_mode = "append"
    assert chosen(stream).kind == "identify"
    stream.stream.json_schema = None
    assert "Columns found: none" in error_of(stream)
