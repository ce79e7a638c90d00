"""Whatever a row holds, each mapping maps it, skips it or rejects it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.page import Page
from destination_activecampaign.mappings.track import Track, TrackSettings
from unit_tests.mappings.factories import a_stream, an_identify

if TYPE_CHECKING:
    from destination_activecampaign.mappings.base import Mapping

NAMES = st.sampled_from(
    ["email", "firstName", "name", "userId", "tags", "tagsReset", "lists", "PLAN", "INTERESTS", "Signup date", "traits",
     "context", "properties", "event", "value", "timestamp", "url", "referrer", "messageId", "id"]
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=8).map("zqx-{}".format)
    | st.sampled_from(["zqx-a@b.co", "[zqx", "{}", "||zqx-a||", "https://zqx-x.co", "2025-01-31", '[{"id": 1, "status": 1}]'])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
ROWS = st.dictionaries(NAMES, VALUES, max_size=8)

MAPPINGS: list[Mapping] = [
    an_identify(null_values="clear"),
    Track(a_stream(), settings=TrackSettings(event_data="properties", event_data_time=True)),
    Page(a_stream()),
]


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: mapping.name)
@given(row=ROWS)
def test_no_row_ends_the_sync(mapping: Mapping, row: dict[str, Any]) -> None:
    """A row raises RecordRejected or nothing."""
    with contextlib.suppress(RecordRejected):
        mapping.map({"email": "a@b.co", "event": "zqx-E", "url": "https://x.co", **row}, 1_738_317_600.0)
