"""What one line of input becomes."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.messages import Record, State, Unreadable
from destination_activecampaign.protocol.lines import Ignored, parse_line


def a_record(**changes: Any) -> bytes:
    """Return a RECORD line whose `record` differs by *changes*."""
    record = {"stream": "users", "namespace": "public", "data": {"email": "a@example.com"}, "emitted_at": 1, **changes}
    return json.dumps({"type": "RECORD", "record": record}).encode()


def a_state(**state: Any) -> bytes:
    """Return a STATE line."""
    return json.dumps({"type": "STATE", "state": state}).encode()


def data_of(text: bytes) -> dict[str, Any]:
    """Return the data of a record whose one value is spelled *text*."""
    record = parse_line(b'{"type":"RECORD","record":{"stream":"s","data":{"value":' + text + b"}}}")
    assert isinstance(record, Record)
    return record.data


def test_record_keeps_its_line() -> None:
    """A record holds stream, namespace, data and the very line it came as."""
    line = a_record()
    assert parse_line(line) == Record("users", "public", {"email": "a@example.com"}, line)


@pytest.mark.parametrize(
    "changes", [{"namespace": None}, {"emitted_at": 1.5}, {"emitted_at": None}, {"meta": {"changes": []}}, {"extra": 1}]
)
def test_record_is_readable_whatever_is_beside_stream_and_data(changes: dict[str, Any]) -> None:
    """Only stream, namespace and data decide whether a record can be read."""
    assert isinstance(parse_line(a_record(**changes)), Record)


def test_namespace_may_be_absent() -> None:
    """A record without a namespace has none."""
    record = parse_line(b'{"type":"RECORD","record":{"stream":"s","data":{}}}')
    assert isinstance(record, Record)
    assert record.namespace is None


@pytest.mark.parametrize(
    "line",
    [
        a_record(stream=None),
        a_record(stream=1),
        a_record(data=None),
        a_record(data=["a"]),
        a_record(data="{}"),
        a_record(namespace=1),
        b'{"type":"RECORD"}',
        b'{"type":"RECORD","record":null}',
        b'{"type":"RECORD","record":[]}',
    ],
)
def test_record_without_its_parts_is_unreadable(line: bytes) -> None:
    """A record whose stream is no text or whose data is no object passes by."""
    assert parse_line(line) == Unreadable("record")


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b'{"type":"RECORD","record":{"stream":"s","data":{"a":"cut',
        b"[]",
        b"null",
        b"1",
        b'"RECORD"',
        b"\x00",
        b'{"type":"RECORD"}\x00',
        b'{"type":"RECORD","record":{"stream":"s","data":{"a":"\xff"}}}',
        b'{"type":"RECORD","record":{"stream":"s","data":{"a":' + b"[" * 100_000,
    ],
)
def test_hostile_line_passes_by(line: bytes) -> None:
    """A line that is no JSON object is one unreadable line, and no error."""
    assert parse_line(line) == Unreadable("line")


@pytest.mark.parametrize("value", ['"\\ud800"', "NaN"])
def test_what_the_platform_counts_is_a_record(value: str) -> None:
    """Half a surrogate pair is JSON to the platform, so its row must be counted, not passed by."""
    line = f'{{"type":"RECORD","record":{{"stream":"s","data":{{"a":{value}}}}}}}'.encode()
    assert isinstance(parse_line(line), Record)


@given(st.binary())
def test_no_bytes_raise(line: bytes) -> None:
    """Any bytes are read as something."""
    assert isinstance(parse_line(line), (Record, State, Unreadable, Ignored))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "record", "state", "stream", "data", "stream_descriptor", "name", "global"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["RECORD", "STATE", "LOG", "OTHER", None]), JSON, JSON)
def test_no_shape_raises(kind: str | None, record: object, state: object) -> None:
    """Any JSON under `record` or `state` is read as something."""
    line = json.dumps({"type": kind, "record": record, "state": state}).encode()
    assert isinstance(parse_line(line), (Record, State, Unreadable, Ignored))


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"  "])
@pytest.mark.parametrize("after", [b"\r", b"  "])
def test_byte_order_mark_and_carriage_return_do_not_matter(before: bytes, after: bytes) -> None:
    """Files made on Windows are read like others."""
    assert isinstance(parse_line(before + a_record() + after), Record)


@pytest.mark.parametrize("line", [b"", b"\r", b"  \t"])
def test_blank_line_is_ignored(line: bytes) -> None:
    """A blank line is not counted as unreadable."""
    assert parse_line(line) == Ignored("BLANK")


@pytest.mark.parametrize("kind", ["LOG", "TRACE", "CONTROL", "CATALOG", "SPEC", "CONNECTION_STATUS"])
def test_types_that_are_not_for_destinations_are_ignored(kind: str) -> None:
    """Messages of the protocol that a destination has no use for are told by their type."""
    assert parse_line(json.dumps({"type": kind}).encode()) == Ignored(kind)


@pytest.mark.parametrize("kind", ["RECORD_V2", "", None, 1, ["RECORD"], {}])
def test_unknown_type_is_unreadable(kind: object) -> None:
    """A type that nobody knows passes by."""
    assert parse_line(json.dumps({"type": kind}).encode()) == Unreadable("type")


@pytest.mark.parametrize("number", [b"12345678901234567890123", b"-12345678901234567890123", b"12345678901234567.89"])
def test_number_that_a_double_cannot_hold_arrives_as_text(number: bytes) -> None:
    """A long number keeps its digits instead of becoming another number."""
    assert data_of(number) == {"value": number.decode()}


def test_number_of_thousands_of_digits_arrives_as_text() -> None:
    """Python refuses to read such an integer, orjson too: the row must not be lost for it, nor a STATE."""
    digits = b"9" * 5_000
    assert data_of(digits) == {"value": digits.decode()}
    state = parse_line(b'{"type":"STATE","state":{"type":"LEGACY","data":{"cursor":' + digits + b"}}}")
    assert isinstance(state, State)


def test_long_number_inside_an_object_keeps_its_digits() -> None:
    """Nested numbers are no less exact."""
    assert data_of(b'{"id":[12345678901234567890123]}') == {"value": {"id": ["12345678901234567890123"]}}


@pytest.mark.parametrize(("text", "number"), [(b"1.5", 1.5), (b"18446744073709551615", 2**64 - 1), (b"1e3", 1000.0)])
def test_other_numbers_stay_numbers(text: bytes, number: float) -> None:
    """A number that fits is a number."""
    assert data_of(text) == {"value": number}


def test_stream_state_names_its_stream() -> None:
    """A STREAM state knows (namespace, name), and keeps the whole message."""
    stream = {"stream_descriptor": {"name": "users", "namespace": "public"}, "stream_state": {"cursor": "x"}}
    line = a_state(type="STREAM", stream=stream, id=7, unknown={"a": None})
    assert parse_line(line) == State("STREAM", ("public", "users"), orjson.loads(line), len(line))


def test_global_state_belongs_to_no_stream() -> None:
    """A GLOBAL state is over all streams."""
    state = parse_line(a_state(**{"type": "GLOBAL", "global": {"stream_states": []}}))
    assert isinstance(state, State)
    assert (state.type, state.stream) == ("GLOBAL", None)


@pytest.mark.parametrize("line", [a_state(data={"a": 1}), a_state(type=None, data={}), a_state(type="LEGACY", data={})])
def test_state_without_a_type_is_a_legacy_one(line: bytes) -> None:
    """Old sources send only data."""
    state = parse_line(line)
    assert isinstance(state, State)
    assert (state.type, state.stream) == ("LEGACY", None)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"STATE"}',
        b'{"type":"STATE","state":[]}',
        a_state(type="STREAM"),
        a_state(type="STREAM", stream={"stream_descriptor": None}),
        a_state(type="STREAM", stream={"stream_descriptor": {"name": None}}),
        a_state(type="STREAM", stream={"stream_descriptor": {"name": "a", "namespace": 1}}),
        a_state(type="GLOBAL"),
        a_state(type="OTHER"),
        a_state(),
    ],
)
def test_state_without_its_parts_is_unreadable(line: bytes) -> None:
    """A STATE that names no stream passes by."""
    assert parse_line(line) == Unreadable("state")
