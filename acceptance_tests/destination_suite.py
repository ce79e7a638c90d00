"""What Airbyte's platform relies on in any destination's `write`, as scenarios and the tests that judge them.

A destination takes part with a `Target`: see `test_write`. Nothing here knows more of it than that. A process takes seconds
to start and to write, so the scenarios run at the same time, each in a place of its own, and the tests look at what came
of them. A destination that a test does not apply to sets it to None in its subclass.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

import pytest

from acceptance_tests.platform_side import NAMESPACES, Feed, Returned, Run, StreamId, Target, write, writing

Runs: TypeAlias = Callable[[str], Run]

SECONDS_TO_STOP: Final = 15.0
"""The platform kills a process that is asked to stop and does not soon after."""

UNKNOWN: Final = {
    "beyond_53_bits": 2**53 + 1,
    "beyond_64_bits": 2**70 + 1,
    "negative": -(2**63) - 1,
    "float": 1.0,
    "small": 1e-9,
    "long_fraction": 0.1,
    "true": True,
    "null": None,
    "empty": {"object": {}, "array": [], "text": ""},
    "text": 'ü \u2028 \U0001f600 "\\/ \u0000',
    "nested": [{"deep": [[1, [2, {"three": 3}]]]}],
}
"""Values that must come back as they went in."""


# scenarios


def _stream_state(target: Target, namespace: str, cursor: int) -> dict[str, Any]:
    descriptor = {"name": target.stream, "namespace": namespace}
    stream = {"stream_descriptor": descriptor, "stream_state": {"cursor": cursor, **UNKNOWN}, "unknown": UNKNOWN}
    return {"type": "STREAM", "stream": stream, "unknown": UNKNOWN}


def _stream_states(target: Target) -> Run:
    """Two streams in turn, each with STATEs of its own, one row that cannot be written, one row with a float time."""
    sent = Feed(target)
    for number in range(300):
        namespace = NAMESPACES[number % 2]
        sent.send_row(number, namespace, emitted_at=1.5 if number == 7 else 1767225600000)
        if number == 20:
            sent.send_refused(1000, namespace)
        if number % 50 in {46, 49}:
            sent.send_state(_stream_state(target, namespace, number), unknown=UNKNOWN)
    return write(sent)


def _global_states(target: Target) -> Run:
    sent = Feed(target)
    for number in range(60):
        sent.send_row(number, NAMESPACES[number % 2])
        if number % 20 == 19:
            stream_states = [_stream_state(target, namespace, number)["stream"] for namespace in NAMESPACES]
            shared = {"shared_state": {"cursor": number, **UNKNOWN}, "stream_states": stream_states, "unknown": UNKNOWN}
            sent.send_state({"type": "GLOBAL", "global": shared, "unknown": UNKNOWN}, unknown=UNKNOWN)
    return write(sent)


def _legacy_states(target: Target) -> Run:
    """The oldest form of a STATE, with and without its type."""
    sent = Feed(target)
    for number in range(60):
        sent.send_row(number, NAMESPACES[number % 2])
        if number % 20 == 19:
            kind = {"type": "LEGACY"} if number == 19 else {}
            sent.send_state({**kind, "data": {"cursor": number, **UNKNOWN}}, unknown=UNKNOWN)
    return write(sent)


def _states_without_records(target: Target) -> Run:
    """A source that found nothing new still moves its cursors."""
    sent = Feed(target)
    for cursor in range(3):
        for namespace in NAMESPACES:
            sent.send_state(_stream_state(target, namespace, cursor))
    return write(sent)


def _empty_input(target: Target) -> Run:
    return write(Feed(target))


def _hostile_lines(target: Target) -> Run:
    """Between any two rows a line that is no message, or none for a destination; the last one is cut off."""
    sent = Feed(target)
    start = (
        f'{{"type": "RECORD", "record": {{"stream": "{target.stream}", "namespace": "{NAMESPACES[0]}", "emitted_at": 1'
    )
    lines = [
        "{secret}",
        "",
        "   ",
        "7",
        "null",
        "[]",
        '"{secret}"',
        "{{}}",
        "\ufeff{{}}",
        '{{"type": 3, "text": "{secret}"}}',
        '{{"type": "NEW_KIND", "text": "{secret}"}}',
        '{{"type": "RECORD"}}',
        '{{"type": "RECORD", "record": null}}',
        '{{"type": "RECORD", "record": {{"stream": null, "emitted_at": 1, "data": {{"text": "{secret}"}}}}}}',
        start.replace("{", "{{") + ', "data": ["{secret}"]}}}}',
        start.replace("{", "{{") + ', "data": {{"text": "{secret}"',
        '{{"type": "STATE"}}',
        '{{"type": "STATE", "state": 3}}',
        '{{"type": "LOG", "log": {{"level": "INFO", "message": "{secret}"}}}}',
        '{{"type": "TRACE", "trace": {{"type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": {{"status": "COMPLETE"}}}}}}',
        '{{"type": "CONTROL", "control": {{"type": "CONNECTOR_CONFIG", "emitted_at": 1, "text": "{secret}"}}}}',
        "[" * 5000 + "]" * 5000,
        '{{"type": "NEW_KIND", "text": "' + "x" * 200_000 + '{secret}"}}',
    ]
    for number, line in enumerate(lines):
        sent.send_row(number)
        secret = f"unreadable-{number}-secret"
        sent.send_raw(line.format(secret=secret).encode() + b"\n", personal=secret)
    sent.send_raw(b"\xff\xfe\x00 unreadable-bytes-secret\n", personal="unreadable-bytes-secret")
    sent.send_row(len(lines))
    sent.send_state(_stream_state(target, NAMESPACES[0], 1))
    sent.send_raw(b'{"type": "RECORD", "record": {"text": "unreadable-end-secret', personal="unreadable-end-secret")
    return write(sent)


def _redelivery(target: Target) -> Run:
    """The same sync twice, as after a failure, each with its last rows repeated, as sources do."""
    before: Run | None = None
    for _ in range(2):
        sent = Feed(target)
        for number in [*range(40), *range(35, 40)]:
            sent.send_row(number)
        sent.send_state(_stream_state(target, NAMESPACES[0], 40))
        run = write(sent)
        run.before, before = before, run
    return run


def _stopped(target: Target) -> Run:
    """SIGTERM while rows are under way and more may come."""
    sent = Feed(target)
    with writing(sent) as sync:
        sent.send_row(0)
        sent.send_state(_stream_state(target, NAMESPACES[0], 0))
        sync.send()
        sync.wait_for_states(1)
        for number in range(1, 301):
            sent.send_row(number)
            if number % 100 == 0:
                sent.send_state(_stream_state(target, NAMESPACES[0], number))
        sync.send()
        return sync.finish(by_sigterm=True)


def _overwrite(target: Target) -> Run:
    return write(_one_row(target), target.catalog("overwrite"))


def _unmapped(target: Target) -> Run:
    return write(_one_row(target), target.catalog_with_unmapped())


def _one_row(target: Target) -> Feed:
    sent = Feed(target)
    sent.send_row(0)
    sent.send_state(_stream_state(target, NAMESPACES[0], 0))
    return sent


ALL: Final[Mapping[str, Callable[[Target], Run]]] = {
    # Those that take longest first, those that end before they write anything last.
    "redelivery": _redelivery,
    "stopped": _stopped,
    "stream_states": _stream_states,
    "global_states": _global_states,
    "legacy_states": _legacy_states,
    "hostile_lines": _hostile_lines,
    "states_without_records": _states_without_records,
    "empty_input": _empty_input,
    "overwrite": _overwrite,
    "unmapped": _unmapped,
}
FAIL: Final = ("stopped", "overwrite", "unmapped")
SUCCEED: Final = tuple(name for name in ALL if name not in FAIL)
AT_ONCE: Final = 6
"""Scenarios mostly wait for the destination, but each begins with a second or two of work."""


@contextmanager
def started(lend: Callable[[], AbstractContextManager[Target]]) -> Iterator[Runs]:
    """Run all scenarios, each with a target of its own, and give what returns a run by its scenario's name."""

    def play(scenario: Callable[[Target], Run]) -> Run:
        with lend() as target:
            return scenario(target)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures: dict[str, Future[Run]] = {name: pool.submit(play, scenario) for name, scenario in ALL.items()}
        yield lambda name: futures[name].result()


# tests


every_run = pytest.mark.parametrize("name", ALL)
every_success = pytest.mark.parametrize("name", SUCCEED)


class DestinationSuite:
    """The tests. A subclass whose name begins with Test takes part, beside a fixture `runs` made with `started`."""

    @every_run
    def test_every_line_is_a_message(self, runs: Runs, name: str) -> None:
        """Nothing but messages that a destination may print comes out, one on each line."""
        assert runs(name).no_messages == []

    @every_run
    def test_exit_code_is_zero_exactly_without_an_error(self, runs: Runs, name: str) -> None:
        """The platform is told of a failure by an error, and every error ends in another exit code than 0."""
        run = runs(name)
        assert (run.exit_code == 0) == (not run.errors), (run.exit_code, run.errors, run.stderr[-500:])

    @every_success
    def test_end_of_input_ends_it_well(self, runs: Runs, name: str) -> None:
        """A sync ends by itself after its last line, as a success."""
        run = runs(name)
        assert not run.killed
        assert (run.exit_code, run.errors) == (0, []), run.stderr[-500:]

    @every_success
    def test_every_state_comes_back(self, runs: Runs, name: str) -> None:
        """Each STATE comes back, once."""
        run = runs(name)
        assert sorted(_number(one) for one in run.states) == sorted(run.sent.states)

    @every_run
    def test_states_come_back_as_they_came(self, runs: Runs, name: str) -> None:
        """But for its counts a STATE comes back field for field: number, unknown fields, large integers."""
        run = runs(name)
        for returned in run.states:
            state = {key: value for key, value in returned.message["state"].items() if key != "destinationStats"}
            message = {**returned.message, "state": state}
            assert _spelled(message) == _spelled(run.sent.states[_number(returned)].message)

    @every_run
    def test_counts_add_up(self, runs: Runs, name: str) -> None:
        """Written and rejected are floats whose sum is what the platform sent since the STATE before."""
        run = runs(name)
        for returned in run.states:
            counts: list[Any] = [returned.stats.get(key) for key in ("recordCount", "rejectedRecordCount")]
            assert [type(count) for count in counts] == [float, float], returned.stats
            assert min(counts) >= 0
            assert sum(counts) == run.sent.states[_number(returned)].records
            assert all(type(value) in (int, float) for value in returned.stats.get("additionalStats", {}).values())

    @every_success
    def test_what_cannot_be_written_is_counted(self, runs: Runs, name: str) -> None:
        """Exactly the records that cannot be written are counted as rejected."""
        run = runs(name)
        assert sum(one.stats.get("rejectedRecordCount", 0.0) for one in run.states) == run.sent.refused

    @every_run
    def test_states_of_one_stream_come_in_order(self, runs: Runs, name: str) -> None:
        """No STATE comes after a later one of its stream."""
        run = runs(name)
        by_stream: defaultdict[StreamId | None, list[int]] = defaultdict(list)
        for returned in run.states:
            number = _number(returned)
            by_stream[run.sent.states[number].stream].append(number)
        assert all(numbers == sorted(numbers) for numbers in by_stream.values()), by_stream

    @every_run
    def test_rows_are_there_when_their_state_comes(self, runs: Runs, name: str) -> None:
        """When a STATE comes back, every record before it can be read in the destination."""
        run = runs(name)
        for returned in run.states:
            sent = run.sent.states[_number(returned)]
            missing = sent.rows - returned.landed
            assert not missing, f"STATE {sent.number} came before {len(missing)} of its {len(sent.rows)} rows"

    @every_success
    def test_rows_land_as_they_were_sent(self, runs: Runs, name: str) -> None:
        """In the end every record is there, once, with all its columns."""
        run = runs(name)
        expected = {number: [run.sent.target.row(number)] for number in run.sent.rows}
        assert {number: list(rows) for number, rows in run.landed.items()} == expected

    @every_run
    def test_no_data_is_told(self, runs: Runs, name: str) -> None:
        """Neither logs nor errors hold a value of a record, a piece of an unreadable line, or a secret."""
        run = runs(name)
        hidden = {*run.sent.personal, *(secret.lower() for secret in run.sent.target.secrets)}
        for text in run.told:
            plain = unquote(text).lower()
            assert [value for value in hidden if value in plain] == []

    def test_scenarios_hold_what_they_are_about(self, runs: Runs) -> None:
        """The runs that the rules above are tried on had something to break them with."""
        assert runs("stream_states").sent.refused == 1
        assert {name for name in ALL if runs(name).states} == set(ALL) - {"empty_input", "overwrite", "unmapped"}
        assert runs("redelivery").before is not None

    def test_redelivery_changes_nothing(self, runs: Runs) -> None:
        """Records that come a second time, in a sync or with the next one, leave what is there as it is."""
        run = runs("redelivery")
        assert run.before is not None
        assert (run.before.exit_code, len(run.before.states)) == (0, 1)
        assert run.before.landed == run.landed

    def test_overwrite_is_refused(self, runs: Runs) -> None:
        """A sync mode that the destination does not offer is the user's to change, and nothing is written."""
        self._refused_at_the_start(runs("overwrite"), "overwrite")

    def test_stream_without_a_place_is_refused(self, runs: Runs) -> None:
        """A stream that the settings give no place is named at the start, and nothing is written of any."""
        run = runs("unmapped")
        self._refused_at_the_start(run, run.sent.target.unmapped[0])

    @staticmethod
    def _refused_at_the_start(run: Run, named: str) -> None:
        (error,) = run.errors
        assert not run.killed
        assert error["failure_type"] == "config_error"
        assert named in error["message"]
        assert (run.states, run.landed) == ([], {})

    def test_sigterm_is_a_transient_error(self, runs: Runs) -> None:
        """Asked to stop, a sync ends soon and says that trying again helps."""
        run = runs("stopped")
        (error,) = run.errors
        assert not run.killed
        assert error["failure_type"] == "transient_error"
        assert error["message"]
        assert run.seconds < SECONDS_TO_STOP
        assert _number(run.states[0]) == 1


def _number(returned: Returned) -> int:
    """Return the number that the platform knows a STATE by, an integer or nothing."""
    number = returned.message["state"].get("id")
    assert type(number) is int, returned.message
    return number


def _spelled(message: Mapping[str, Any]) -> str:
    """Write *message* so that equal texts mean equal JSON: 1, 1.0 and true are three things."""
    return json.dumps(message, sort_keys=True, default=str)
