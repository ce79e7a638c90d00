"""What is tried again, how long, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from destination_activecampaign.api.clock import Stop
from destination_activecampaign.api.retry import LONGEST_PAUSE, Retry, RetryDetails
from destination_activecampaign.errors import (
    ConfigError,
    ConnectionFailed,
    RateLimited,
    ServerError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit_tests.api.fakes import FakeClock


def failing(*errors: Exception) -> Callable[[], str]:
    """Make an operation that raises each error once, then succeeds."""
    left = list(errors)

    def operation() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return operation


def call(
    clock: FakeClock, operation: Callable[[], str], *, safe: bool = True, deadline: float = 1800.0, random: float = 1.0
) -> tuple[str, list[RetryDetails]]:
    """Run *operation* under a Retry; return its result and what the hook was told."""
    told: list[RetryDetails] = []
    retry = Retry(clock, lambda: random, Stop(), told.append)
    result = retry.call(operation, deadline_seconds=deadline, safe_to_repeat=safe, route="GET /x")
    return result, told


def test_pauses_double_up_to_a_minute(clock: FakeClock) -> None:
    """The longest jitter of eight failures is 1, 2, 4 … 60, 60 seconds."""
    _, told = call(clock, failing(*[ServerError("x")] * 8))
    assert [details.wait for details in told] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_jitter_is_full(clock: FakeClock) -> None:
    """A low random number makes a short pause, so that clients do not come back together."""
    _, told = call(clock, failing(*[ServerError("x")] * 3), random=0.1)
    assert [details.wait for details in told] == pytest.approx([0.1, 0.2, 0.4])


def test_the_hook_names_route_attempt_and_error(clock: FakeClock) -> None:
    """A log line can be made of what the hook is told."""
    _, told = call(clock, failing(ServerError("x")))
    assert told == [RetryDetails("GET /x", 1, "ServerError", 1.0)]


@pytest.mark.parametrize("error", [RateLimited("x", 30.0), ServerError("x", 30.0)])
def test_a_named_pause_is_kept(clock: FakeClock, error: TransientError) -> None:
    """What ActiveCampaign asks to wait is the least that is waited."""
    _, told = call(clock, failing(error), random=0.0)
    assert told[0].wait == 30


@pytest.mark.parametrize("error", [ServerError("x"), ConnectionFailed("x")])
def test_what_may_have_been_done_is_not_repeated(clock: FakeClock, error: TransientError) -> None:
    """A request that is not safe to repeat is sent once when its answer was lost."""
    with pytest.raises(type(error)) as caught:
        call(clock, failing(error), safe=False)
    assert caught.value is error


@pytest.mark.parametrize("error", [RateLimited("x"), ConnectionFailed("x", request_sent=False)])
def test_what_was_not_done_is_repeated(clock: FakeClock, error: TransientError) -> None:
    """A request that never took effect is sent again even where repeating is not safe."""
    assert call(clock, failing(error), safe=False)[0] == "done"


def test_other_errors_pass_through(clock: FakeClock) -> None:
    """Only transient errors are tried again."""
    with pytest.raises(ConfigError):
        call(clock, failing(ConfigError("x")))


def test_after_the_deadline_the_last_error_tells_the_tries(clock: FakeClock) -> None:
    """The class of the last error is kept and the number of tries told."""
    with pytest.raises(ServerError, match=r"^second Tried 5 times in 15 s\.$") as caught:
        call(clock, failing(*[ServerError("first")] * 4, ServerError("second")), deadline=20.0)
    assert caught.value.message == str(caught.value)


def test_a_long_pause_ends_at_once(clock: FakeClock) -> None:
    """More than ten minutes are left to the next sync, whose error says how long."""
    with pytest.raises(TransientError, match="asks to wait 3600 s"):
        call(clock, failing(RateLimited("Limited.", 3600.0)), deadline=1e6)
    assert clock.slept == 0


def test_a_stop_ends_the_backoff(clock: FakeClock) -> None:
    """A stopped sync tries nothing again."""
    stop = Stop()
    retry = Retry(clock, lambda: 1.0, stop)
    clock.on_sleep = stop.set
    with pytest.raises(TransientError, match="was stopped"):
        retry.call(failing(*[ServerError("x")] * 9), deadline_seconds=1800, safe_to_repeat=True)
    assert clock.slept <= 1.0, "one wait, which the stop ended"


def test_an_error_that_was_not_repeated_says_so(clock: FakeClock) -> None:
    """No number of seconds either."""
    with pytest.raises(ServerError, match=r"^x Tried once\.$"):
        call(clock, failing(ServerError("x")), deadline=0.5)


def test_the_longest_pause_is_waited(clock: FakeClock) -> None:
    """Ten minutes."""
    _, told = call(clock, failing(RateLimited("x", LONGEST_PAUSE)))
    assert told[0].wait == LONGEST_PAUSE


def test_a_wait_that_just_fits_is_waited(clock: FakeClock) -> None:
    """The deadline is not passed by it."""
    _, told = call(clock, failing(*[ServerError("x")] * 2), deadline=3.0)
    assert [details.wait for details in told] == [1.0, 2.0]
