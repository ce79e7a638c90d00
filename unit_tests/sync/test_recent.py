"""Messages that came before."""

from __future__ import annotations

from destination_activecampaign.sync import recent
from destination_activecampaign.sync.recent import RecentMessages


def test_a_message_id_repeats() -> None:
    """From the second time on."""
    messages = RecentMessages()
    assert [messages.repeats(each) for each in ("a", "b", "a", "a")] == [False, False, True, True]


def test_a_message_without_an_id_never_repeats() -> None:
    """Nothing tells two of them apart."""
    messages = RecentMessages()
    assert [messages.repeats(None) for _ in range(2)] == [False, False]


def test_only_the_last_are_remembered() -> None:
    """Memory does not grow with the rows."""
    messages = RecentMessages()
    for number in range(recent.REMEMBERED + 1):
        messages.repeats(str(number))
    assert not messages.repeats("0")
    assert messages.repeats(str(recent.REMEMBERED))
    assert len(messages._seen) == recent.REMEMBERED
