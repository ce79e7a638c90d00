"""Waiting for the loop's inbox by the machine's clock."""

from __future__ import annotations

import threading
from queue import Empty

import pytest

from destination_activecampaign.sync.inbox import SystemInbox


def test_items_come_in_their_order() -> None:
    """Without waiting for more."""
    inbox = SystemInbox()
    inbox.put("a")
    inbox.put("b")
    assert [inbox.get(0.0), inbox.get(10.0)] == ["a", "b"]


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.05])
def test_an_empty_inbox_is_waited_for_no_longer_than_asked(seconds: float) -> None:
    """A time that has passed already is none."""
    with pytest.raises(Empty):
        SystemInbox().get(seconds)


def test_an_item_that_comes_meanwhile_ends_the_wait() -> None:
    """From another thread."""
    inbox = SystemInbox()
    threading.Timer(0.05, inbox.put, ["a"]).start()
    assert inbox.get(1.0) == "a"
