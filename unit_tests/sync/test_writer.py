"""The loop: what it reads, how much it holds, which STATEs leave, and how it ends."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from destination_activecampaign.api.clock import Stop
from destination_activecampaign.errors import AuthenticationError, ConfigError, TransientError, UnexpectedResponse
from destination_activecampaign.sync.checkpoints import Counts
from unit_tests.simulation import CONTACTS, Finished, Simulation, catalog, dump, record, state
from unit_tests.sync.scenes import LAST, ada, an_account, email_of, people

STREAMS = catalog(identifies=CONTACTS, tracks=("email", "event", "messageId"))


def ids(finished: Finished) -> list[int]:
    """Numbers of the STATEs that left."""
    return [each.state.message["state"]["id"] for each in finished.states]


def contacts_of(simulation: Simulation) -> dict[str, Any]:
    """The contacts, without ids and times."""
    return {
        each["email"]: (each["firstName"], each["fields"], sorted(each["tags"]), each["lists"])
        for each in dump(simulation.emulator)
    }


# STATEs


def test_a_state_leaves_as_it_came() -> None:
    """Field for field: the platform's number with it."""
    message = state("identifies", 7)
    message["state"]["unknown"] = {"kept": True}
    finished = Simulation().sync([*people(3), message])
    assert [each.state.message for each in finished.states] == [message]


def test_a_state_tells_the_rows_since_the_one_before() -> None:
    """Rows of no STATE are told by none."""
    rows = [*people(3), state("identifies", 1), *people(2, plan="a"), state("identifies", 2), *people(1)]
    finished = Simulation().sync(rows)
    assert [each.counts.written for each in finished.states] == [3, 2]
    assert finished.error is None


def test_a_state_before_any_row_leaves_at_once() -> None:
    """With zeros, before the rows after it are written."""
    written: list[int] = []
    simulation = Simulation()
    finished = simulation.sync(
        [state("identifies", 1), *people(3), LAST], on_state=lambda _: written.append(len(dump(simulation.emulator)))
    )
    assert [each.counts.written for each in finished.states] == [0, 3]
    assert written == [0, 3]


def test_states_without_rows_between_them_leave_with_zeros() -> None:
    """Every one."""
    finished = Simulation().sync([*people(2), *(state("identifies", number) for number in range(5))])
    assert ids(finished) == [0, 1, 2, 3, 4]
    assert [each.counts for each in finished.states[1:]] == [Counts()] * 4


def test_a_state_for_each_row() -> None:
    """Twenty thousand: they do not choose the batch size, and all come back in order."""
    messages: list[dict[str, Any]] = []
    for number, row in enumerate(people(20_000)):
        messages += [row, state("identifies", number)]
    finished = Simulation().sync(messages)
    assert finished.error is None
    assert ids(finished) == list(range(20_000))
    assert {each.counts.written for each in finished.states} == {1}
    assert len(finished.imports) < 90


def test_more_states_than_may_wait() -> None:
    """Reading stops for those before, and goes on."""
    messages = [*people(1), *(state("identifies", number) for number in range(45_000)), *people(1, plan="b"), LAST]
    finished = Simulation().sync(messages)
    assert finished.error is None
    assert len(finished.states) == 45_001


def test_a_global_state_tells_all_streams() -> None:
    """What a STREAM state told before is not told again."""
    rows = [
        *people(3),
        state("identifies", 1),
        record("tracks", email=email_of(0), event="zqx-Order"),
        ada(),
        state(None, 2),
    ]
    finished = Simulation().sync(rows, STREAMS)
    assert [each.counts.written for each in finished.states] == [3, 2]


def test_a_sync_without_messages_ends_well() -> None:
    """Nothing is asked of imports."""
    finished = Simulation().sync([])
    assert (finished.error, finished.states, finished.imports) == (None, [], [])


# messages


def test_what_cannot_be_read_is_passed_by_and_counted() -> None:
    """Lines, rows, STATEs and kinds; other messages of the protocol are no trouble."""
    lines: list[dict[str, Any] | bytes] = [
        b"{",
        b'{"type": "RECORD", "record": {"stream": null, "data": {}, "emitted_at": 1}}',
        b'{"type": "STATE", "state": {"type": "STREAM"}}',
        b'{"type": "LOG", "log": {"level": "INFO", "message": "x"}}',
        b'{"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1}}',
    ]
    finished = Simulation().sync([*lines, *people(2), LAST])
    assert (finished.error, finished.written, finished.rejected) == (None, 2, 0)
    assert finished.unreadable == {"line": 1, "record": 1, "state": 1}


@pytest.mark.parametrize(("streams", "told"), [({}, 1), ({"identifies": ("email",)}, 0)])
def test_a_catalog_without_streams_is_told(streams: Any, told: int, caplog: pytest.LogCaptureFixture) -> None:
    """Once: the sync ends well, and nothing else would say that it does nothing."""
    assert Simulation().sync([], catalog(**streams)).error is None
    assert caplog.text.count("The catalog has no stream") == told


def test_what_could_not_be_read_is_told_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    """By kind, with counts."""
    finished = Simulation().sync([b"{", b'{"type": "STATE", "state": {"type": "STREAM"}}', b"[", *people(1), LAST])
    assert finished.unreadable == {"line": 2, "state": 1}
    assert "Messages passed by because they could not be read: 2 lines, 1 state. They are no messages" in caplog.text


def test_a_state_leaves_when_the_refused_rows_before_it_are_stored(tmp_path: Path) -> None:
    """Not one is counted that could be lost."""
    stored: list[int] = []

    def count(_: object) -> None:
        stored.append(sum(len(path.read_text().splitlines()) for path in tmp_path.rglob("*.jsonl")))

    bad = record("identifies", firstName="Ann")
    rows = [bad, *people(400), bad, state("identifies", 1), bad, ada(), LAST]
    storage = {"storage_type": "Local", "path": str(tmp_path)}
    finished = Simulation().sync(rows, object_storage_config=storage, on_state=count)
    assert (finished.error, finished.written, finished.rejected) == (None, 401, 3)
    assert [count >= least for count, least in zip(stored, (2, 3), strict=True)] == [True, True]


# the window


@pytest.mark.parametrize("rows", [1, 7, 300])
def test_never_more_rows_are_unsettled_than_the_window_has(rows: int) -> None:
    """Reading stops when it is full."""
    seen: list[int] = []
    count = 20 if rows == 1 else 600
    finished = Simulation().sync(
        [*people(count), LAST], window_rows=rows, watch=lambda writer: seen.append(writer._window.rows)
    )
    assert (finished.error, finished.written) == (None, count)
    assert max(seen) == rows


def test_events_of_one_email_do_not_block_a_small_window() -> None:
    """Rows that wait for others in it must still settle."""
    rows: list[dict[str, Any]] = []
    for number in range(30):
        rows += [ada(plan=str(number)), record("tracks", email="ada@example.com", event="zqx-Order")]
    finished = Simulation().sync([*rows, state(None, 1)], STREAMS, window_rows=4)
    assert (finished.error, finished.written) == (None, 60)


# quotas


def test_the_quotas_are_never_used_up() -> None:
    """Imports, polls, single requests and look-ups together stay below them."""
    chance = random.Random(5)
    contacts = [{"email": email_of(number), "tags": ["old"]} for number in range(0, 400, 2)]
    rows: list[dict[str, Any]] = people(12_000, plan="a")
    for number in range(120):
        rows.insert(chance.randrange(len(rows)), ada(email=email_of(number * 3), tags=["vip"], tagsReset=True))
        rows.insert(chance.randrange(len(rows)), record("identifies", email=f"n{number}@example.com", plan="x"))
    finished = Simulation(account=an_account(*contacts)).sync([*rows, LAST])
    assert finished.error is None
    assert (finished.written, finished.rejected) == (12_120, 120)
    summary = finished.summary()
    assert (summary["rate_limited_429"], summary["import_limit_400"]) == (0, 0)


# ends


@pytest.mark.parametrize("requests", [12, 20, 40])
def test_a_sync_that_is_asked_to_stop_ends_as_transient(requests: int) -> None:
    """Every STATE that left is true, and the next sync ends where one without a stop would have."""
    chance = random.Random(requests)
    rows: list[dict[str, Any]] = []
    for number in range(4_000):
        tags = {"tags": ["vip"], "tagsReset": True} if chance.random() < 0.005 else {}
        rows.append(ada(email=email_of(chance.randrange(2_500)), plan=str(number), **tags))
        if number % 100 == 99:
            rows.append(state("identifies", number))
    plain = Simulation()
    assert plain.sync(rows).error is None

    stop, simulation, seen = Stop(), Simulation(), [0]

    def stop_after_requests(_: object) -> None:
        seen[0] += 1
        if seen[0] == requests:
            stop.set()

    def true_when_it_leaves(acknowledged: Any) -> None:
        number = acknowledged.state.message["state"]["id"]
        plans = {each["email"]: int(each["fields"]["PLAN"]) for each in dump(simulation.emulator)}
        newest = {row["record"]["data"]["email"]: place for place, row in enumerate(records[: number + 1])}
        assert all(plans[email] >= place for email, place in newest.items())

    records = [row for row in rows if row["type"] == "RECORD"]
    broken = simulation.sync(rows, stop=stop, watch=stop_after_requests, on_state=true_when_it_leaves)
    assert isinstance(broken.error, TransientError)
    assert broken.seconds < plain.clock.monotonic() - 1_000
    after = rows.index(broken.states[-1].state.message) + 1 if broken.states else 0
    assert simulation.sync(rows[after:]).error is None
    assert contacts_of(simulation) == contacts_of(plain)


def one_out_when_it_ends(seconds: float, answer: dict[str, Any]) -> Finished:
    """Run a sync that ends by *answer* to the second question, while a first import takes so many *seconds*."""
    simulation = Simulation()
    info = {"method": "GET", "path": "/import/info", "kind": "status", "skip": 1, "times": 1}
    simulation.faults({"kind": "import_waits", "seconds": seconds}, {**info, **answer})
    return simulation.sync([*people(250), state("identifies", 1), ada(), state("identifies", 2)])


STRANGER = {"status": 200, "body": {"status": "completed", "success": [], "failure": ["zed@example.com"]}}


def test_a_sync_that_cannot_go_on_waits_for_imports_that_are_out() -> None:
    """What they wrote is reported, and need not be sent again."""
    finished = one_out_when_it_ends(30.0, STRANGER)
    assert isinstance(finished.error, UnexpectedResponse)
    assert ids(finished) == [1]
    assert 30.0 < finished.seconds < 45.0


def test_a_sync_that_cannot_go_on_waits_for_a_minute() -> None:
    """Then the STATE of the import stays."""
    finished = one_out_when_it_ends(300.0, STRANGER)
    assert isinstance(finished.error, UnexpectedResponse)
    assert ids(finished) == []
    assert 60.0 < finished.seconds < 80.0


def test_what_was_confirmed_within_that_minute_is_reported() -> None:
    """Though another import was not."""
    simulation = Simulation()
    info = {"method": "GET", "path": "/import/info", "kind": "status", "skip": 2, "times": 1}
    waits = [{"kind": "import_waits", "seconds": seconds} for seconds in (30.0, 300.0)]
    simulation.faults(*waits, {**info, **STRANGER})
    others = [ada(email=f"o{number}@example.com") for number in range(250)]
    rows = [*people(250), state("identifies", 1), *others, state("identifies", 2), ada(), state("identifies", 3)]
    finished = simulation.sync(rows)
    assert isinstance(finished.error, UnexpectedResponse)
    assert ids(finished) == [1]
    assert 60.0 < finished.seconds < 80.0


def test_a_sync_whose_key_is_refused_waits_for_no_import() -> None:
    """Nothing more can be asked of the account."""
    finished = one_out_when_it_ends(30.0, {"status": 401})
    assert isinstance(finished.error, AuthenticationError)
    assert ids(finished) == []
    assert finished.seconds < 20.0


def stopped_at(request: int, **fault: Any) -> Finished:
    """Run a sync of one import that is asked to stop while its *request*-th request is on the wire."""
    stop, simulation, seen = Stop(), Simulation(), [0]
    simulation.faults(fault)

    def count(_: object) -> None:
        seen[0] += 1
        if seen[0] == request:
            stop.set()

    return simulation.sync([*people(3), LAST], stop=stop, watch=count)


def test_a_stop_lets_the_answer_on_the_wire_come() -> None:
    """Here the one that says that the import is done."""
    finished = stopped_at(2, kind="import_takes", seconds=1.0)
    assert isinstance(finished.error, TransientError)
    assert ids(finished) == [1]


def test_a_stop_waits_for_no_import() -> None:
    """Only for what is on the wire."""
    finished = stopped_at(1, kind="import_takes", seconds=1.0)
    assert isinstance(finished.error, TransientError)
    assert (ids(finished), len(finished.imports)) == ([], 1)
    assert finished.seconds < 5.0


def test_a_stop_waits_five_seconds_for_the_wire() -> None:
    """The platform gives ten before it kills."""
    finished = stopped_at(2, kind="slow", seconds=40.0, method="GET", path="/import/info")
    assert isinstance(finished.error, TransientError)
    assert ids(finished) == []
    assert 11.0 < finished.seconds < 13.0


def test_rows_that_are_all_rejected_for_one_reason_end_the_sync() -> None:
    """Their STATEs never leave: the cursor must not move past them."""
    rows = [record("identifies", firstName="zqx-Ann") for _ in range(25)]
    finished = Simulation().sync([*rows, LAST])
    assert isinstance(finished.error, ConfigError)
    assert finished.states == []


def test_a_bad_stream_is_noticed_early() -> None:
    """After a thousand rows, not after all."""
    rows = [record("identifies", firstName="zqx-Ann") for _ in range(30_000)]
    finished = Simulation().sync([*rows, LAST])
    assert isinstance(finished.error, ConfigError)
    assert "all 1000 rows" in finished.error.message


def test_few_bad_rows_do_not_end_the_sync() -> None:
    """Their STATEs leave at the end."""
    rows = [record("identifies", firstName="zqx-Ann") for _ in range(5)]
    finished = Simulation().sync([*rows, LAST])
    assert (finished.error, finished.rejected) == (None, 5)


def test_a_bad_stream_does_not_hold_up_others() -> None:
    """Its STATEs alone wait."""
    bad = [record("tracks", event="zqx-Order") for _ in range(30)]
    finished = Simulation().sync([*bad, state("tracks", 1), *people(3), state("identifies", 2)], STREAMS)
    assert isinstance(finished.error, ConfigError) or ids(finished) == [2, 1]
    assert 2 in ids(finished)


def test_too_large_a_share_of_rejected_rows_ends_the_sync() -> None:
    """Where the user set one."""
    rows = [*people(5), *(record("identifies", firstName="zqx-Ann") for _ in range(5))]
    finished = Simulation().sync([*rows, LAST], max_rejected_percent=20)
    assert isinstance(finished.error, ConfigError)
    assert finished.states == []


def test_a_share_is_not_told_of_the_first_rows_while_more_may_come() -> None:
    """Though none of them waits any more, and a STATE could leave."""
    first = [record("identifies", firstName="Ann"), record("other", a=1)]
    states = [state("other", number) for number in range(498)]
    finished = Simulation().sync(
        [*first, *states, *people(30), LAST],
        catalog(identifies=CONTACTS, other=("a",)),
        mappings=[{"stream": "other", "mapping": "ignore"}],
        max_rejected_percent=10,
    )
    assert (finished.error, finished.written, finished.rejected) == (None, 30, 1)


def test_states_that_left_before_the_share_was_too_large_stay() -> None:
    """Those after them never leave."""
    ignored = [record("other", a=1) for _ in range(1_200)]
    refused = [record("identifies", firstName="zqx-Ann") for _ in range(600)]
    streams = catalog(other=("a",), identifies=("email", "firstName"))
    finished = Simulation().sync(
        [state("other", 1), *ignored, *refused, state("other", 2), LAST],
        streams,
        mappings=[{"stream": "other", "mapping": "ignore"}],
        max_rejected_percent=20,
    )
    assert isinstance(finished.error, ConfigError)
    assert "max_rejected_percent" in finished.error.message
    assert ids(finished) == [1]


# turns


def a_long_list(count: int, **how: Any) -> Finished:
    """Sync messages of which each is settled at once, all of which are there at the start: a STATE, then rows."""
    rows = [record("other", a=1) for _ in range(count - 1)]
    ignored = [{"stream": "other", "mapping": "ignore"}]
    return Simulation().sync([state("other", 1), *rows], catalog(other=("a",)), mappings=ignored, chunks_ahead=8, **how)


def test_a_state_does_not_wait_until_a_long_list_is_taken_in() -> None:
    """After a thousand messages all else has its turn."""
    stop = Stop()
    finished = a_long_list(4_000, stop=stop, on_state=lambda _: stop.set())
    assert isinstance(finished.error, TransientError)
    assert finished.settled == 999


def test_messages_that_came_are_taken_in_without_a_wait() -> None:
    """However many turns that takes."""
    few, many = a_long_list(2), a_long_list(4_000)
    assert (few.settled, many.settled) == (1, 3_999)
    assert few.seconds == many.seconds


def test_imports_follow_one_another_as_soon_as_the_quota_has_room() -> None:
    """A hundred are allowed in a minute, of which a few are left to others."""
    finished = Simulation().sync([*people(2_500), LAST])
    sent = [exchange.sent for exchange in finished.exchanges if exchange.is_import()]
    assert len(sent) == 10
    assert max(after - before for before, after in pairwise(sent)) < 60 / 100 + 0.05
