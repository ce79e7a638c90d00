"""Who may send when, against a server that counts over sliding windows."""

from __future__ import annotations

import random
import threading

import pytest

from destination_activecampaign.api.clock import Stop, SystemClock
from destination_activecampaign.api.quotas import Lane, Quotas
from destination_activecampaign.errors import TransientError
from unit_tests.api.fakes import FakeClock, SharedClock


def most_in_a_window(times: list[float], seconds: float) -> int:
    """Return the largest number of *times* that any sliding window of *seconds* holds."""
    times = sorted(times)
    first, most = 0, 0
    for last, now in enumerate(times):
        while times[first] <= now - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def take(quotas: Quotas, clock: FakeClock, lane: Lane, seconds: float, *, single: bool = False) -> list[float]:
    """Send in one lane as fast as it goes; return when each request was sent."""
    sent: list[float] = []
    end = clock.now + seconds
    while True:
        quotas.acquire(lane, None, Stop(), single=single)
        if clock.now >= end:
            return sent
        sent.append(clock.now)


def run_lanes(quotas: Quotas, clock: SharedClock, lanes: list[Lane], seconds: float) -> dict[Lane, list[float]]:
    """Run one thread for each of *lanes*, each sending as fast as it may."""
    sent: dict[Lane, list[float]] = {lane: [] for lane in Lane}

    def send(lane: Lane) -> None:
        try:
            while clock.monotonic() < seconds:
                quotas.acquire(lane, None, Stop())
                if clock.monotonic() < seconds:
                    sent[lane].append(clock.monotonic())
        finally:
            clock.leave()

    threads = [threading.Thread(target=send, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sent


def a_quota(clock: FakeClock | SharedClock, per_second: float = 4.0, per_minute: float = 95.0) -> Quotas:
    """Make quotas without randomness."""
    return Quotas(per_second, per_minute, clock=clock, random=lambda: 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_imports_a_minute_meet_no_limit(clock: FakeClock, seed: int) -> None:
    """At 100 a minute at least 97 go out, and no window of the server sees 101, whatever the network's jitter."""
    jitter = random.Random(seed)  # a simulation
    sent = take(a_quota(clock, 4.6, 100.0), clock, Lane.IMPORT, 600.0)
    arrived = [moment + jitter.uniform(0.0, 0.1) for moment in sent]
    assert len(sent) >= 97 * 10
    assert most_in_a_window(arrived, 60.0) <= 100


def test_imports_of_one_contact_have_a_quota_of_their_own(clock: FakeClock) -> None:
    """At most 19 a minute hold one contact."""
    sent = take(a_quota(clock), clock, Lane.IMPORT, 600.0, single=True)
    assert len(sent) >= 18 * 10
    assert most_in_a_window(sent, 60.0) <= 19


def test_all_lanes_get_through_at_once() -> None:
    """At 4 requests a second: 95 imports a minute, 2 polls a second and single requests; never 5 in one second."""
    clock = SharedClock(7)
    lanes = [Lane.IMPORT] * 2 + [Lane.POLL] * 2 + [Lane.SINGLE] * 2 + [Lane.LOOKUP]
    sent = run_lanes(a_quota(clock), clock, lanes, 120.0)
    everything = [moment for moments in sent.values() for moment in moments]
    assert len(sent[Lane.IMPORT]) >= 2 * 92
    assert 120 * 1.9 <= len(sent[Lane.POLL]) <= 120 * 2 + 2
    assert min(len(sent[Lane.SINGLE]), len(sent[Lane.LOOKUP])) >= 15
    assert most_in_a_window(everything, 1.0) <= 5
    assert len(everything) <= 4 * 120 + 4


def test_import_goes_before_poll_before_single() -> None:
    """Of all that wait, the lane that matters most goes first."""
    assert waiting_order([Lane.SINGLE, Lane.POLL, Lane.IMPORT]) == [Lane.IMPORT, Lane.POLL, Lane.SINGLE]


def waiting_order(lanes: list[Lane]) -> list[Lane]:
    """Let *lanes* wait together; return the order in which they go."""
    clock = SharedClock(1)
    quotas = a_quota(clock)
    quotas.acquire(Lane.SINGLE, None, Stop())
    clock = quotas._clock = SharedClock(len(lanes))
    order: list[Lane] = []
    ready = threading.Barrier(len(lanes))

    def send(lane: Lane) -> None:
        ready.wait()
        quotas.acquire(lane, None, Stop())
        order.append(lane)
        clock.leave()

    threads = [threading.Thread(target=send, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return order


def test_single_requests_and_look_ups_share_evenly() -> None:
    """Four threads of one lane do not push one thread of the other aside."""
    clock = SharedClock(5)
    sent = run_lanes(a_quota(clock), clock, [Lane.SINGLE] * 4 + [Lane.LOOKUP], 60.0)
    assert abs(len(sent[Lane.SINGLE]) - len(sent[Lane.LOOKUP])) <= 5


def test_polls_are_two_a_second_at_most(clock: FakeClock) -> None:
    """Polls leave room even where nothing else waits."""
    sent = take(a_quota(clock), clock, Lane.POLL, 60.0)
    assert 118 <= len(sent) <= 121


def test_tracking_needs_no_token(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """Events go to another host."""
    assert [quotas.acquire(Lane.TRACKING, None, stop) for _ in range(50)] == [0.0] * 50
    assert clock.slept == 0
    assert quotas.taken()[Lane.TRACKING] == 50


def test_an_import_is_due_when_the_quota_of_imports_is(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """The loop learns when a batch is worth making."""
    assert quotas.import_due() == 0.0
    quotas.acquire(Lane.IMPORT, None, stop)
    assert quotas.import_due() == pytest.approx(61.2 / 95 - 0.5)
    clock.sleep(0.5)
    assert quotas.import_due() == 0.0


def test_an_import_of_one_contact_is_due_later(quotas: Quotas, stop: Stop) -> None:
    """Its own quota counts too."""
    quotas.acquire(Lane.IMPORT, None, stop, single=True)
    assert quotas.import_due(single=True) == pytest.approx(61.2 / 19)
    assert quotas.import_due() == pytest.approx(61.2 / 95 - 0.5)


def test_a_429_pauses_everything_and_halves_the_pace(clock: FakeClock, quotas: Quotas) -> None:
    """After the pause half the pace is kept, which then recovers."""
    quotas.limited(Lane.SINGLE, 30.0)
    began = clock.now
    assert quotas.import_due() == pytest.approx(30.0)
    sent = take(quotas, clock, Lane.SINGLE, 140.0)
    assert sent[0] - began == pytest.approx(30.0)
    assert sent[2] - sent[1] == pytest.approx(0.5, rel=0.05)
    assert sent[-1] - sent[-2] == pytest.approx(0.25, rel=0.05)


def test_a_429_without_a_time_pauses_for_a_few_seconds(quotas: Quotas, stop: Stop) -> None:
    """No Retry-After is no reason to go straight on."""
    quotas.limited(Lane.SINGLE, None)
    assert quotas.acquire(Lane.SINGLE, None, stop) == pytest.approx(5.0)


def test_the_limit_of_imports_pauses_imports_only(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """For a minute no import goes; then half as many, and a tenth more each minute."""
    quotas.limited(Lane.IMPORT, 60.0, imports=True)
    assert quotas.acquire(Lane.SINGLE, None, stop) == 0.0
    began = clock.now
    sent = take(quotas, clock, Lane.IMPORT, 120.0)
    assert sent[0] - began == pytest.approx(60.0)
    assert 46 <= len(sent) <= 54
    later = take(quotas, clock, Lane.IMPORT, 60.0)
    assert 50 <= len(later) <= 63


def test_the_accounts_limit_bounds_the_setting(clock: FakeClock) -> None:
    """An account that allows less than the setting is believed."""
    quotas = a_quota(clock)
    quotas.observe(Lane.SINGLE, {"RateLimit-Limit": "2"})
    assert len(take(quotas, clock, Lane.SINGLE, 60.0)) == pytest.approx(60 * 2 * 0.92, abs=2)


def test_the_pace_is_told(quotas: Quotas) -> None:
    """The smaller of the setting and what the account allows."""
    assert quotas.requests_per_second == 4.0
    assert quotas.import_interval == pytest.approx(61.2 / 95)
    quotas.observe(Lane.SINGLE, {"RateLimit-Limit": "2"})
    assert quotas.requests_per_second == pytest.approx(2 * 0.92)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"RateLimit-Limit": "x", "RateLimit-Remaining": ""},
        {"RateLimit-Limit": "0"},
        {"RateLimit-Remaining": "-1"},
        {"RateLimit-Remaining": "1"},
    ],
)
def test_missing_and_odd_headers_change_nothing(clock: FakeClock, quotas: Quotas, headers: dict[str, str]) -> None:
    """Older recordings have no such headers."""
    quotas.observe(Lane.SINGLE, headers)
    assert len(take(quotas, clock, Lane.SINGLE, 60.0)) == pytest.approx(240, abs=2)


def test_a_used_up_second_makes_room_for_others(clock: FakeClock, quotas: Quotas) -> None:
    """When nothing remains, another client is at work: a little slower for a while."""
    quotas.observe(Lane.SINGLE, {"RateLimit-Remaining": "0"})
    sent = take(quotas, clock, Lane.SINGLE, 60.0)
    assert sent[2] - sent[1] == pytest.approx(0.25 / 0.85, rel=0.03)
    assert sent[-1] - sent[-2] == pytest.approx(0.25, rel=0.03)


def test_what_others_use_is_left_to_them(clock: FakeClock, quotas: Quotas) -> None:
    """Two of the five a second are somebody else's; when they are gone, so is the restraint."""
    for others, pace in ((2, 1.875), (0, 4.0)):
        sent: list[float] = []
        for _ in range(400):
            quotas.acquire(Lane.SINGLE, None, Stop())
            sent.append(clock.now)
            used = others + sum(time > clock.now - 1.0 for time in sent)
            quotas.observe(Lane.SINGLE, {"RateLimit-Limit": "5", "RateLimit-Remaining": str(max(0, 5 - used))})
        assert 100 / (sent[-1] - sent[-101]) == pytest.approx(pace, rel=0.15)


def test_two_connections_find_their_halves() -> None:
    """Each sends as fast as it may, and hardly any request is refused."""
    clock = SharedClock(2)
    lock = threading.Lock()
    seen: list[float] = []
    refused = [0, 0]
    accepted = [0, 0]
    quotas = [Quotas(clock=clock, random=lambda: 0.5) for _ in range(2)]

    def send(number: int) -> None:
        try:
            while clock.monotonic() < 600.0:
                quotas[number].acquire(Lane.SINGLE, None, Stop())
                with lock:
                    now = clock.monotonic()
                    used = sum(time > now - 1.0 for time in seen[-5:])
                    if used < 5:
                        seen.append(now)
                headers = {"RateLimit-Limit": "5", "RateLimit-Remaining": str(max(0, 4 - used))}
                quotas[number].observe(Lane.SINGLE, headers)
                if used >= 5:
                    refused[number] += 1
                    quotas[number].limited(Lane.SINGLE, 1.0)
                else:
                    accepted[number] += 1
        finally:
            clock.leave()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(refused) <= 5
    assert sum(accepted) >= 600 * 5 * 0.7
    assert min(accepted) / max(accepted) >= 0.8


def test_tracking_teaches_nothing(quotas: Quotas) -> None:
    """The other host's headers and limits are not the account's."""
    quotas.observe(Lane.TRACKING, {"RateLimit-Limit": "1", "RateLimit-Remaining": "0"})
    quotas.limited(Lane.TRACKING, 60.0)
    assert (quotas.import_due(), quotas.limit_answers) == (0.0, 1)


def test_a_deadline_ends_the_wait(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """Who cannot be served in time is told so."""
    quotas.limited(Lane.SINGLE, 60.0)
    with pytest.raises(TransientError, match=r"^The account's quota left no room for a request before the deadline\.$"):
        quotas.acquire(Lane.SINGLE, clock.now + 10, stop)


def test_a_very_long_pause_ends_the_wait_at_once(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """More than ten minutes are left to the next sync."""
    quotas.limited(Lane.SINGLE, 3600.0)
    with pytest.raises(TransientError, match="3600 s"):
        quotas.acquire(Lane.POLL, None, stop)
    assert clock.slept == 0


def test_a_stop_ends_the_wait_quickly() -> None:
    """Shutdown does not wait for the quota."""
    clock, stop = SystemClock(), Stop()
    quotas = Quotas(clock=clock, random=lambda: 0.0)
    quotas.limited(Lane.SINGLE, 60.0)
    began = clock.monotonic()
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(TransientError, match="was stopped"):
        quotas.acquire(Lane.SINGLE, None, stop)
    assert clock.monotonic() - began < 0.25


@pytest.mark.parametrize("lane", list(Lane))
def test_nothing_is_let_through_once_stopped(quotas: Quotas, stop: Stop, lane: Lane) -> None:
    """A stopped sync sends nothing new."""
    stop.set()
    with pytest.raises(TransientError, match="was stopped"):
        quotas.acquire(lane, None, stop)


def test_waits_and_requests_are_counted_by_lane(quotas: Quotas, stop: Stop) -> None:
    """The progress line tells them."""
    for _ in range(5):
        quotas.acquire(Lane.SINGLE, None, stop)
    assert quotas.waited(Lane.SINGLE) == pytest.approx(4 * 0.25, abs=0.05)
    assert (quotas.taken()[Lane.SINGLE], quotas.waited(Lane.POLL)) == (5, 0.0)


def test_who_waits_very_long_goes_before_imports() -> None:
    """At a pace that imports alone use up, single requests still get through."""
    clock = SharedClock(3)
    sent = run_lanes(a_quota(clock, 1.0), clock, [Lane.IMPORT, Lane.IMPORT, Lane.SINGLE], 120.0)
    assert len(sent[Lane.SINGLE]) >= 3


@pytest.mark.parametrize(("asked", "waited"), [(30.0, 31.0), (0.5, 1.0)])
def test_a_pause_is_longer_by_chance(clock: FakeClock, stop: Stop, asked: float, waited: float) -> None:
    """By a second at most, and no more than by itself: other clients of the account were told the same."""
    quotas = Quotas(clock=clock, random=lambda: 1.0)
    quotas.limited(Lane.SINGLE, asked)
    assert quotas.acquire(Lane.SINGLE, None, stop) == pytest.approx(waited)


def test_every_answer_of_a_limit_is_counted(quotas: Quotas) -> None:
    """Whichever quota it was about."""
    quotas.limited(Lane.SINGLE, 1.0)
    quotas.limited(Lane.IMPORT, 1.0, imports=True)
    quotas.limited(Lane.TRACKING, 1.0)
    assert quotas.limit_answers == 3


def test_an_import_is_due_behind_those_that_wait(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """One interval for each."""
    due: list[float] = []
    quotas.acquire(Lane.IMPORT, None, stop)
    clock.on_sleep = lambda: due.append(quotas.import_due())
    quotas.acquire(Lane.IMPORT, None, stop)
    assert due[0] == pytest.approx(2 * 61.2 / 95 - 0.5 - 0.1)


def test_an_import_that_waits_is_counted_before_any_was_sent(clock: FakeClock, quotas: Quotas, stop: Stop) -> None:
    """However long the quota of imports was not used."""
    due: list[float] = []
    quotas.acquire(Lane.SINGLE, None, stop)
    clock.on_sleep = lambda: due.append(quotas.import_due())
    quotas.acquire(Lane.IMPORT, None, stop)
    assert due[0] == pytest.approx(61.2 / 95 - 0.5)


def test_an_account_that_allows_one_request_a_second_is_believed(clock: FakeClock, quotas: Quotas) -> None:
    """Less than one would be no limit."""
    quotas.observe(Lane.SINGLE, {"RateLimit-Limit": "1"})
    assert len(take(quotas, clock, Lane.SINGLE, 60.0)) == pytest.approx(55, abs=1)


def test_the_documented_limit_bounds_the_setting(clock: FakeClock) -> None:
    """Until the account says that it allows more."""
    quotas = a_quota(clock, 50.0)
    assert len(take(quotas, clock, Lane.SINGLE, 60.0)) == pytest.approx(60 * 4.6, abs=2)
    quotas.observe(Lane.SINGLE, {"RateLimit-Limit": "20"})
    assert len(take(quotas, clock, Lane.SINGLE, 60.0)) == pytest.approx(60 * 18.4, abs=20)


def test_polls_are_half_of_a_high_limit(clock: FakeClock) -> None:
    """They must keep up with more imports."""
    quotas = a_quota(clock, 10.0)
    quotas.observe(Lane.SINGLE, {"RateLimit-Limit": "20"})
    assert len(take(quotas, clock, Lane.POLL, 60.0)) == pytest.approx(300, abs=5)


@pytest.mark.parametrize(
    ("lanes", "waited", "first"),
    [
        ([Lane.SINGLE, Lane.SINGLE], 0.0, 0),
        ([Lane.POLL, Lane.IMPORT], 0.0, 1),
        ([Lane.SINGLE, Lane.POLL], 0.0, 1),
        ([Lane.IMPORT, Lane.POLL], 31.0, 1),
    ],
    ids=["oldest of a lane", "import before poll", "poll before single", "patience before import"],
)
def test_of_those_that_wait_one_goes_first(
    clock: FakeClock, quotas: Quotas, lanes: list[Lane], waited: float, first: int
) -> None:
    """Whoever asks first is told to wait for its turn."""
    waiters = [quotas._join(lane, single=False) for lane in lanes]
    clock.sleep(waited)
    assert quotas._try(waiters[1 - first]) > 0
    assert quotas._try(waiters[first]) == 0


def test_the_longest_pause_is_waited_for(quotas: Quotas, stop: Stop) -> None:
    """Ten minutes."""
    quotas.limited(Lane.SINGLE, 600.0)
    assert quotas.acquire(Lane.SINGLE, None, stop) == pytest.approx(600.0)


def test_another_client_makes_the_pace_slower_each_second(clock: FakeClock, quotas: Quotas) -> None:
    """Not with each answer."""
    for seconds in (0.0, 0.5, 0.5, 0.5, 0.5):
        clock.sleep(seconds)
        quotas.observe(Lane.SINGLE, {"RateLimit-Remaining": "0"})
    assert quotas._general.interval(clock.now) == pytest.approx(0.25 / 0.85**3, rel=0.05)
