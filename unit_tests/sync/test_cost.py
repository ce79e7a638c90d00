"""The clock of a dry run: when imports would go and be confirmed, and what waits longest."""

from __future__ import annotations

import pytest

from destination_activecampaign.sync.cost import CONFIRMED_SECONDS, FEW_CONFIRMED_SECONDS, Cost


def a_cost(start: int = 4) -> Cost:
    """Return a cost at four requests a second and an import each half second."""
    return Cost(start, requests_per_second=4.0, import_interval=0.5, latency=0.1, tracking_at_once=10)


def test_nothing_costs_the_start() -> None:
    """An empty sync reads the account all the same."""
    assert (a_cost().requests(), a_cost().seconds()) == (4, 1.0)


def test_an_import_goes_when_it_is_due_and_the_pace_allows() -> None:
    """Each is confirmed some time later, more of them later still."""
    cost = a_cost()
    confirmed = [cost.send_import(due) for due in (0.0, 0.0, 5.0, 5.0, 5.0)]
    sent = [0.0, 0.5, 5.0, 5.5, 6.0]
    waits = [FEW_CONFIRMED_SECONDS] * 3 + [CONFIRMED_SECONDS] * 2
    assert confirmed == [at + wait for at, wait in zip(sent, waits, strict=True)]
    assert cost.next_import == 6.5


def test_imports_are_confirmed_after_the_last_of_them() -> None:
    """Questions about the last ones take no time of their own."""
    cost = a_cost(start=0)
    for _ in range(2):
        cost.send_import(0.0)
    assert cost.requests() == pytest.approx(2 + 2 * 2.3)
    assert cost.seconds() == 0.5 + FEW_CONFIRMED_SECONDS


def test_a_small_import_is_confirmed_sooner() -> None:
    """It is worked off when it is first asked for."""
    cost = a_cost(start=0)
    assert cost.send_import(1.0, contacts=50) == 1.0 + FEW_CONFIRMED_SECONDS - 2.0
    assert cost.requests() == pytest.approx(1 + 1.3 + 0.2)
    assert cost.seconds() == 1.0 + FEW_CONFIRMED_SECONDS - 2.0


def test_the_last_of_many_imports_take_longer() -> None:
    """They are asked for less often, until they are few."""
    cost = a_cost(start=0)
    for _ in range(6):
        cost.send_import(0.0)
    assert cost.seconds() == 2.5 + (FEW_CONFIRMED_SECONDS + CONFIRMED_SECONDS) / 2


def test_single_requests_are_paced() -> None:
    """They wait for the account's requests a second."""
    cost = a_cost()
    cost.send_import(0.0)
    cost.single = 400
    assert cost.seconds() == pytest.approx((4 + 1 + 400) / 4 + FEW_CONFIRMED_SECONDS)


def test_events_go_as_many_at_once_as_there_are_threads() -> None:
    """They wait for answers alone."""
    cost = a_cost()
    cost.tracking = 1_000
    assert cost.seconds() == pytest.approx(1.0 + 1_000 * 0.1 / 10)


def test_few_imports_that_are_out_are_asked_for_more_often() -> None:
    """Not those that come after six."""
    cost = a_cost(start=0)
    for _ in range(8):
        cost.send_import(0.0)
    assert cost.requests() == pytest.approx(8 + 6 * 2.3 + 2 * 1.3)


def test_an_import_is_out_until_it_is_confirmed() -> None:
    """Not at that moment any more."""
    cost = a_cost()
    confirmed = cost.send_import(0.0)
    for _ in range(2):
        cost.send_import(1.0)
    assert cost.send_import(confirmed) == confirmed + FEW_CONFIRMED_SECONDS
