"""What fuzzing holds the reader and the mappings to, on few inputs; `scripts/fuzz` tries many, guided by coverage."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination_activecampaign.messages import Record
from fuzz import properties
from unit_tests.conftest import Heard, overheard

TEXT = st.text(st.characters(codec=None), max_size=12).map(lambda text: f"zqx-{text}")
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT
    | st.sampled_from(["zqx-a@example.com", "[zqx", '["zqx-a"]', "||zqx-a||", "2025-01-31", "https://zqx-a.example.com", "1"])
)  # fmt: skip
NAMES = st.sampled_from(
    ["email", "firstName", "name", "phone", "userId", "tags", "tagsReset", "tags_remove", "lists", "PLAN", "INTERESTS", "traits",
     "context", "properties", "event", "value", "timestamp", "url", "referrer", "messageId", "type", "id", "status"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
ROWS = st.fixed_dictionaries(
    {"email": st.sampled_from(["zqx-1@example.com", "zqx-2@example.com", "zqx-bad"]) | VALUES},
    optional=dict.fromkeys(
        ("firstName", "lastName", "tags", "tagsReset", "lists", "plan", "userId", "event", "value", "url", "traits"),
        VALUES,
    ),
)
STREAM = st.sampled_from(["identifies", "tracks", "pages", "others"])


def line(stream: str, data: dict[str, Any]) -> bytes:
    """Return a RECORD line."""
    return json.dumps({"type": "RECORD", "record": {"stream": stream, "emitted_at": 1, "data": data}}).encode()


@given(data=st.lists(st.binary(max_size=30) | st.builds(line, STREAM, ROWS), max_size=8), piece=st.integers(1, 40))
def test_every_line_is_a_message_or_counted(data: list[bytes], piece: int) -> None:
    """Whatever the bytes are and in whatever pieces they come."""
    properties.read(b"\n".join(data), piece)


@given(row=ROWS, stream=STREAM)
def test_every_row_is_mapped_or_rejected_and_can_be_kept(row: dict[str, Any], stream: str) -> None:
    """No other exception, and nothing of the row is told."""
    (record,) = properties.read(line(stream, row))
    assert isinstance(record, Record)
    heard = Heard()
    with overheard(heard):
        properties.maps(record, heard.told)
    properties.keeps(record)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.tuples(STREAM.filter(lambda name: name != "others"), ROWS), min_size=1, max_size=12))
def test_every_row_ends_once(rows: list[tuple[str, dict[str, Any]]]) -> None:
    """In a whole sync: written, skipped or rejected."""
    read = properties.read(b"\n".join(line(*each) for each in rows))
    heard = Heard()
    with overheard(heard):
        properties.ends([each for each in read if isinstance(each, Record)], heard.told)


def test_a_broken_property_is_told() -> None:
    """The check can fail."""
    with pytest.raises(properties.Broken, match="zqx-a"):
        properties.tells_nothing({"Row 1: ZQX-a"})
