"""Messages that came before."""

from __future__ import annotations

from destination_activecampaign.sync import recent
from destination_activecampaign.sync.recent import RecentMessages

STREAM = (None, "tracks")


def test_a_message_id_repeats() -> None:
    """From the second time on."""
    messages = RecentMessages()
    assert [messages.repeats(STREAM, each) for each in ("a", "b", "a", "a")] == [False, False, True, True]


def test_a_message_without_an_id_never_repeats() -> None:
    """Nothing tells two of them apart."""
    messages = RecentMessages()
    assert [messages.repeats(STREAM, None) for _ in range(2)] == [False, False]


def test_only_the_last_are_remembered() -> None:
    """Memory does not grow with the rows."""
    messages = RecentMessages()
    for number in range(recent.REMEMBERED + 1):
        messages.repeats(STREAM, str(number))
    assert not messages.repeats(STREAM, "0")
    assert messages.repeats(STREAM, str(recent.REMEMBERED))
    assert len(messages._seen) == recent.REMEMBERED


def test_streams_count_their_messages_apart() -> None:
    """Counters of two tables may meet."""
    messages = RecentMessages()
    assert [messages.repeats(("crm", name), "1") for name in ("orders", "visits")] == [False, False]
