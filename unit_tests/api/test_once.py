"""Answers that several threads need and one of them gets."""

from __future__ import annotations

import threading

import pytest

from destination_activecampaign.api.client import Client
from destination_activecampaign.api.clock import Stop
from destination_activecampaign.api.once import Once
from destination_activecampaign.errors import TransientError


def test_what_is_known_is_not_asked(client: Client) -> None:
    """The answers that the sync began with."""
    once = Once(client, {"a": 1})
    assert "a" in once
    assert once.get("a", lambda: 2) == 1


def test_a_key_is_asked_once(client: Client) -> None:
    """Then it is known."""
    once: Once[str, int] = Once(client, {})
    answers = iter([7])
    for _ in range(2):
        assert once.get("a", lambda: next(answers)) == 7
    assert "a" in once


def test_what_the_question_raises_is_raised_and_the_next_one_asks(client: Client) -> None:
    """A failure is no answer."""
    once: Once[str, int] = Once(client, {})

    def fails() -> int:
        raise TransientError("x")

    with pytest.raises(TransientError):
        once.get("a", fails)
    assert "a" not in once
    assert once.get("a", lambda: 3) == 3


def test_others_wait_for_the_first(client: Client) -> None:
    """Each gets its answer, and one question is asked."""
    once: Once[str, int] = Once(client, {})
    asked: list[int] = []
    all_started, answers = threading.Barrier(4, timeout=10.0), list[int]()

    def ask() -> int:
        asked.append(1)
        for _ in range(50):
            client.wait(0.1)
        return 5

    def get() -> None:
        all_started.wait()
        answers.append(once.get("a", ask))

    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    assert (len(asked), answers) == (1, [5, 5, 5, 5])


def test_a_stop_ends_the_wait_for_the_first(client: Client, stop: Stop) -> None:
    """Who comes second does not wait on a lock."""
    once: Once[str, int] = Once(client, {})
    asking, go = threading.Event(), threading.Event()

    def ask() -> int:
        asking.set()
        go.wait(10.0)
        return 1

    first = threading.Thread(target=once.get, args=("a", ask))
    first.start()
    asking.wait(10.0)
    stop.set()
    with pytest.raises(TransientError):
        once.get("a", ask)
    go.set()
    first.join(10.0)
