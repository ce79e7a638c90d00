"""How a row becomes an event."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.errors import ConfigError, RecordRejected
from destination_activecampaign.mappings.base import TOO_OLD, MappedEvent, StreamColumns
from destination_activecampaign.mappings.track import Track, TrackSettings
from unit_tests.mappings.factories import a_stream, rules

NOW = 1_738_317_600.0
"""2025-01-31T10:00:00Z."""


def a_track(*columns: str, entry: StreamColumns | None = None, **settings: Any) -> Track:
    """Return track over a stream with these columns."""
    return Track(a_stream(*columns), entry or rules(), TrackSettings(**settings))


def an_event(**columns: Any) -> dict[str, Any]:
    """Return a row that is an event."""
    return {"email": "ada@example.com", "event": "Ordered", **columns}


def mapped(row: dict[str, Any], track: Track | None = None) -> MappedEvent:
    """Return the event of a row that is not skipped."""
    event = (track or a_track()).map(row, NOW)
    assert isinstance(event, MappedEvent)
    return event


def reason_of(row: dict[str, Any], track: Track | None = None) -> str:
    """Return the reason with which the row is rejected."""
    with pytest.raises(RecordRejected) as rejected:
        (track or a_track()).map(row, NOW)
    return rejected.value.reason


def test_a_row_is_an_event() -> None:
    """With all that it may hold."""
    row = an_event(userId=7, value=12.5, timestamp="2025-01-31T10:00:00Z", message_id="m")
    assert mapped(row) == MappedEvent("ada@example.com", "7", "Ordered", "12.5", "m", NOW)


@pytest.mark.parametrize(
    "row",
    [
        {"traits_email": "A@b.co"},
        {"context_traits_email": "a@b.co"},
        {"properties_email": "a@b.co"},
        {"context": {"traits": {"email": "a@b.co"}}},
        {"properties": '{"email": "a@b.co"}'},
    ],
)
def test_the_email_may_be_in_many_places(row: dict[str, Any]) -> None:
    """Warehouses keep it where Segment put it."""
    assert mapped({"event": "E", **row}).email == "a@b.co"


def test_a_user_id_stands_in_for_the_email() -> None:
    """The contact is found later."""
    event = mapped({"event": "E", "email": None, "user_id": "u"})
    assert (event.email, event.user_id) == (None, "u")


def test_an_event_needs_a_contact_and_a_name() -> None:
    """Each with its reason."""
    assert reason_of({"event": "E"}) == "contact_key_missing"
    with pytest.raises(RecordRejected) as error:
        a_track(entry=rules(mail="email")).map({"event": "E"})
    assert error.value.field == "mail"
    with pytest.raises(RecordRejected) as error:
        a_track(entry=rules(action="event")).map({"email": "a@b.co"})
    assert (error.value.reason, error.value.field) == ("event_name_missing", "action")
    assert reason_of({"event": "E", "email": "zqx-nobody", "userId": "u"}) == "email_invalid"
    assert reason_of({"email": "a@b.co", "event": " "}) == "event_name_missing"


def test_event_text_comes_before_event() -> None:
    """It is what Segment sends."""
    assert mapped(an_event(event_text="zqx-Order Completed")).event == "zqx-Order Completed"
    assert mapped(an_event(event_text=None)).event == "Ordered"


def test_a_constant_name_comes_before_all_columns() -> None:
    """A per-event table has one name."""
    assert mapped(an_event(event_text="x"), a_track(entry=rules({"event": "Order Done"}))).event == "Order Done"


def test_long_names_are_rejected_or_cut() -> None:
    """At 32 characters; two that become one are told, without their names."""
    long = "x" * 32
    assert mapped(an_event(event=long)).event == long
    assert reason_of(an_event(event=long + "y")) == "event_name_too_long"
    track = a_track(long_event_names="truncate")
    for end in "yyz":
        assert mapped(an_event(event=long + end), track).event == long
    assert track.notes == ["1 event names are the same as another once cut to 32 characters"]


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        ({"acValue": "a", "value": "b"}, "a"),
        ({"properties": {"acValue": 5}, "value": "b"}, "5"),
        ({"properties_ac_value": "p"}, "p"),
        ({"value": "b", "eventData": "c"}, "b"),
        ({"event_data": "c"}, "c"),
        ({"value": {"a": [1]}}, '{"a":[1]}'),
        ({"value": True}, "true"),
        ({"traits": {"value": "t"}}, ""),
        ({"value": None}, ""),
        ({}, ""),
    ],
)
def test_where_the_value_comes_from(columns: dict[str, Any], value: str) -> None:
    """`acValue` first, wherever it is."""
    assert mapped(an_event(**columns)).value == value


def test_properties_can_be_the_value() -> None:
    """The nested object, or what a flat table has besides the event's own columns."""
    track = a_track(event_data="properties")
    assert mapped(an_event(properties={"a": 1, "b": None}), track).value == '{"a":1,"b":null}'
    flat = an_event(a=1, properties_b="x", value=2, sent_at="2025-01-31", context_ip="i", _airbyte_x="y", c=None)
    assert mapped(flat, a_track(event_data="properties")).value == '{"a":1,"b":"x","value":2}'
    assert mapped(an_event(), track).value == ""


def test_the_original_time_can_be_added() -> None:
    """The API cannot take it otherwise."""
    track = a_track(event_data_time=True)
    assert mapped(an_event(value="5", timestamp=NOW), track).value == "5 2025-01-31T10:00:00Z"
    assert mapped(an_event(timestamp=NOW * 1000), track).value == "2025-01-31T10:00:00Z"
    assert mapped(an_event(value="5"), track).value == "5"


def test_old_events_are_skipped() -> None:
    """A first sync must not replay history into automations."""
    old = an_event(timestamp="2025-01-24T09:59:59Z")
    assert a_track().map(old, NOW) == TOO_OLD
    assert mapped(an_event(timestamp="2025-01-24T10:00:00Z"))
    assert mapped(old, a_track(skip_events_older_than=0))


@pytest.mark.parametrize(
    "time", [None, "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", -5, True, 1e300]
)
def test_without_a_readable_time_nothing_is_too_old(time: Any) -> None:
    """A placeholder is no time."""
    assert mapped(an_event(timestamp=time)).time is None


def test_other_times_stand_in() -> None:
    """In Segment's order."""
    assert mapped(an_event(timestamp="?", original_timestamp=NOW)).time == NOW
    assert mapped(an_event(sent_at=NOW - 1, received_at=NOW)).time == NOW - 1


def test_an_id_is_the_message_id_in_segments_tables_only() -> None:
    """Elsewhere it may be anyone's."""
    assert mapped(an_event(id="m"), a_track("id", "sent_at", "received_at")).message_id == "m"
    assert mapped(an_event(id="m"), a_track("id")).message_id is None


def test_a_value_that_is_not_text_rejects_the_row() -> None:
    """It could not be sent."""
    assert reason_of(an_event(value="\ud800")) == "value_invalid"
    assert reason_of(an_event(properties={"a": "\ud800"}), a_track(event_data="properties")) == "value_invalid"


def test_an_entry_can_name_only_an_events_inputs() -> None:
    """An event has no custom fields."""
    with pytest.raises(ConfigError, match="track has no input %PLAN%"):
        a_track(entry=rules(tier="%PLAN%"))
    with pytest.raises(ConfigError, match=r"track has no input emial \(did you mean email\?\)\. Use one of email, "):
        a_track(entry=rules(tier="emial"))


def test_the_columns_are_listed_for_the_plan() -> None:
    """With the inputs that they feed."""
    track = a_track("EMAIL", "EVENT", "colour", "id", "sent_at", "received_at")
    assert dict(track.columns()) == {
        "EMAIL": "email", "EVENT": "event", "id": "messageId", "sent_at": "sentAt", "received_at": "receivedAt"
    }  # fmt: skip
    assert track.unmatched == {}
    assert track.feeds("event")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"user_id": "a\x00"}, "user_id"),
        ({"messageId": {"a": 1}}, "messageId"),
        ({"event_text": "\ud800"}, "event_text"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"sentAt": ["x"], "receivedAt": "x"}, "sentAt"),
    ],
)
def test_what_is_left_out_of_an_event_is_told(row: dict[str, Any], field: str) -> None:
    """Nothing is dropped in silence: it says whose, which or when the event is, and is not needed to send it."""
    event = mapped({"email": "ada@example.com", "event": "Ordered", **row})
    assert [(part.reason, part.field) for part in event.refused] == [("invalid_value", field)]


@pytest.mark.parametrize(
    "row",
    [
        {"timestamp": "x", "sentAt": NOW},
        {"timestamp": 0},
        {"timestamp": 10**400},
        {"timestamp": -(10**400)},
        {"timestamp": "0001-01-01T00:00:00Z"},
        {"timestamp": " ", "user_id": None, "messageId": ""},
    ],
)
def test_what_is_not_there_is_not_told(row: dict[str, Any]) -> None:
    """Nor a time that stands for none, or that another column has."""
    assert mapped({"email": "ada@example.com", "event": "Ordered", **row}).refused == ()
