"""What other clients of the account send."""

from __future__ import annotations

from destination_activecampaign.api.others import Others


def test_nobody_else_is_seen_where_all_requests_are_our_own() -> None:
    """Also where the account counts a request somewhat later than it was sent."""
    others = Others()
    for number in range(100):
        now = number / 4
        others.own_request(now)
        others.learn(min(number + 1, 5 if number % 2 else 4), now)
    assert others.rate == 0.0


def test_who_comes_is_noticed_at_once_and_forgotten_slowly() -> None:
    """Two requests a second that are not ours."""
    others = Others()
    rates = []
    for second in range(0, 800, 2):
        others.own_request(second)
        others.learn(3 if second < 20 else 1, second)
        rates.append(others.rate)
    assert rates[:10] == [2.0] * 10
    assert rates[20] > 1.5
    assert rates[-1] < 0.01
