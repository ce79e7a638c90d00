"""What other clients of the account send."""

from __future__ import annotations

import pytest

from destination_activecampaign.api.others import Others


@pytest.mark.parametrize("took", [0.01, 0.08, 0.5, 2.0])
def test_nobody_else_is_seen_where_all_requests_are_our_own(took: float) -> None:
    """However long answers take: the account counts them half-way."""
    others = Others()
    sent = [number / 4 for number in range(100)]
    answers = sorted([(moment, "sent") for moment in sent] + [(moment + took, "answered") for moment in sent])
    for now, what in answers:
        if what == "sent":
            others.own_request(now)
        else:
            counted = now - took / 2
            used = sum(counted - 1.0 < moment + took / 2 <= counted for moment in sent)
            others.learn(used, now, took, full=True)
    assert others.rate == 0.0


def test_who_comes_is_noticed_at_once_and_forgotten_slowly() -> None:
    """Two requests a second that are not ours."""
    others = Others()
    rates = []
    for second in range(0, 800, 2):
        others.own_request(second)
        others.learn(3 if second < 20 else 1, second, 0.1, full=False)
        rates.append(others.rate)
    assert rates[:10] == [2.0] * 10
    assert rates[20] > 1.5
    assert rates[-1] < 0.01


def test_where_nothing_is_left_one_more_is_taken_to_be_wanted() -> None:
    """Only where others are seen at all."""
    others = Others()
    others.own_request(0.0)
    others.learn(5, 0.1, 0.1, full=True)
    assert others.rate == 5.0


def test_a_request_that_took_long_to_arrive_is_our_own_all_the_same() -> None:
    """It is counted in a later second than it was sent in."""
    others = Others()
    others.own_request(0.0)
    others.learn(1, 1.15, 0.1, full=False)
    assert others.rate == 0.0
