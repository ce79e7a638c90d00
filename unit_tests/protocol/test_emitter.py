"""What leaves on standard output."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import AirbyteConnectionStatus, AirbyteMessage, Status, Type

from destination_activecampaign.messages import State
from destination_activecampaign.protocol.emitter import Emitter, LogHandler, mask_secrets
from destination_activecampaign.protocol.lines import parse_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def lines() -> list[bytes]:
    """Return the lines that were emitted."""
    return []


@pytest.fixture
def emitter(lines: list[bytes]) -> Emitter:
    """Return an emitter into `lines`, at 1970-01-01 00:00:02."""
    return Emitter(lines.append, now=lambda: 2.0)


@pytest.fixture
def mask() -> Iterator[Callable[..., None]]:
    """Mask secrets for one test."""
    yield mask_secrets
    mask_secrets([])


def a_state(line: bytes) -> State:
    """Return the STATE that *line* is."""
    state = parse_line(line)
    assert isinstance(state, State)
    return state


def test_state_goes_back_as_it_came_with_the_counts(emitter: Emitter, lines: list[bytes]) -> None:
    """Every field of a STATE survives, and destinationStats are floats."""
    line = (
        b'{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":null},'
        b'"id":7,"sourceStats":{"recordCount":3.0},"unknown":[{"a":null}]},"more":true}'
    )
    emitter.state(a_state(line).message, written=2, rejected=1, additional={"skipped": 1})
    before, _, after = line.partition(b'"unknown":[{"a":null}]')
    stats = b',"destinationStats":{"recordCount":2.0,"rejectedRecordCount":1.0,"additionalStats":{"skipped":1.0}}'
    assert lines == [before + b'"unknown":[{"a":null}]' + stats + after + b"\n"]


@pytest.mark.parametrize(
    "spelling",
    ["1.50", "0.1000000000000000055", "12345678901234567890123", "-0", "1E+2", "-9223372036854775808", "1" * 300],
)
def test_numbers_of_a_state_keep_their_spelling(spelling: str, emitter: Emitter, lines: list[bytes]) -> None:
    """A cursor is not ours to round."""
    line = f'{{"type":"STATE","state":{{"data":{{"cursor":{spelling}}}}}}}'.encode()
    emitter.state(a_state(line).message, written=0, rejected=0)
    assert f'{{"cursor":{spelling}}}'.encode() in lines[0]


def test_deeply_nested_state_survives(emitter: Emitter, lines: list[bytes]) -> None:
    """What could be read can be written."""
    line = b'{"type":"STATE","state":{"data":' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}}"
    emitter.state(a_state(line).message, written=0, rejected=0)
    assert b'{"a":' * 400 + b"1" in lines[0]


def test_given_stats_are_replaced(emitter: Emitter, lines: list[bytes]) -> None:
    """A STATE that brings destinationStats leaves with ours, once."""
    message = {"type": "STATE", "state": {"data": {}, "destinationStats": {"recordCount": 9.0}}}
    emitter.state(message, written=1, rejected=0)
    assert json.loads(lines[0])["state"]["destinationStats"] == {"recordCount": 1.0, "rejectedRecordCount": 0.0}
    assert message["state"] == {"data": {}, "destinationStats": {"recordCount": 9.0}}


def test_log_is_one_line(emitter: Emitter, lines: list[bytes]) -> None:
    """Line feeds and lone surrogates do not break the protocol."""
    emitter.log("INFO", "one\ntwo \ud800")
    assert lines == [b'{"type":"LOG","log":{"level":"INFO","message":"one\\ntwo ?"}}\n']


def test_error_carries_what_the_platform_shows(emitter: Emitter, lines: list[bytes]) -> None:
    """A failure has a type, a message for the user and one for us."""
    emitter.trace_error("config_error", "Set the key.", "403")
    error = {"message": "Set the key.", "failure_type": "config_error", "internal_message": "403"}
    assert json.loads(lines[0]) == {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 2000.0, "error": error}}


def test_other_messages_are_written_by_the_cdk_or_as_they_are(emitter: Emitter, lines: list[bytes]) -> None:
    """A message is a model of the CDK's, or a mapping where it has none."""
    status = AirbyteConnectionStatus(status=Status.SUCCEEDED)
    emitter.message(AirbyteMessage(type=Type.CONNECTION_STATUS, connectionStatus=status))
    emitter.message({"type": "DESTINATION_CATALOG"})
    assert [json.loads(line) for line in lines] == [
        {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}},
        {"type": "DESTINATION_CATALOG"},
    ]


def test_secrets_are_masked(emitter: Emitter, lines: list[bytes], mask: Callable[..., None]) -> None:
    """A secret shows in no log and no error, also as a URL would spell it; a short one does not spoil a long one."""
    mask(["abc/def", "abc/defghi", ""])
    emitter.log("INFO", "abc/defghi abc%2Fdef")
    emitter.trace_error("system_error", "abc/def", "abc/def")
    assert b"abc" not in b"".join(lines)
    assert b"ghi" not in b"".join(lines)


def test_logging_goes_out_as_log_messages(emitter: Emitter, lines: list[bytes]) -> None:
    """Python's levels become Airbyte's."""
    handler = LogHandler(emitter)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        handler.emit(logging.LogRecord("airbyte", level, __file__, 1, "%d rows", (3,), None))
    logs = [json.loads(line)["log"] for line in lines]
    assert [log["level"] for log in logs] == ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    assert {log["message"] for log in logs} == {"3 rows"}


def test_logged_exception_does_not_tell_what_it_says(emitter: Emitter, lines: list[bytes]) -> None:
    """The text of a library's error may hold an email: only its type and stack are logged."""
    try:
        raise ValueError("jane" + "@example.com")  # noqa: TRY301 - it must have a stack
    except ValueError:
        LogHandler(emitter).emit(logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info()))
    assert b"ValueError" in lines[0]
    assert b"test_logged_exception" in lines[0]
    assert b"jane@example.com" not in lines[0]


def test_wrong_log_call_does_not_raise(emitter: Emitter, lines: list[bytes]) -> None:
    """A log line with the wrong arguments ends no sync."""
    LogHandler(emitter).emit(logging.LogRecord("x", logging.INFO, "file.py", 3, "%d", ("content",), None))
    assert b"content" not in lines[0]


def test_nobody_reading_closes_quietly() -> None:
    """When the platform is gone the emitter says so, and drops the rest."""
    source, sink = os.pipe()
    emitter = Emitter(sink)
    os.close(source)
    emitter.log("INFO", "a")
    emitter.log("INFO", "b")
    os.close(sink)
    assert emitter.closed


def test_full_pipe_is_waited_for() -> None:
    """A line is written whole, also where the descriptor takes only a part at a time."""
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    text = "x" * 1_000_000
    writer = threading.Thread(target=Emitter(sink).log, args=("INFO", text))
    writer.start()
    with os.fdopen(source, "rb") as end:
        line = end.readline()
    writer.join()
    os.close(sink)
    assert json.loads(line)["log"]["message"] == text


def test_a_reader_that_reads_no_more_is_not_waited_for_without_end() -> None:
    """Its end of the pipe is open, and full."""
    source, sink = os.pipe()
    emitter = Emitter(sink, patience=0.2)
    began = time.monotonic()
    while not emitter.closed and time.monotonic() - began < 5.0:
        emitter.log("INFO", "x" * 5000)
    assert emitter.closed
    assert time.monotonic() - began < 5.0
    os.close(source)
    os.close(sink)


def test_lines_of_many_threads_stay_whole() -> None:
    """No thread writes into another's line."""
    source, sink = os.pipe()
    emitter = Emitter(sink)

    def write() -> None:
        for _ in range(20):
            emitter.log("INFO", "x" * 5000)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    with os.fdopen(source, "rb") as end:
        messages = [json.loads(end.readline()) for _ in range(80)]
    for thread in threads:
        thread.join()
    os.close(sink)
    assert len(messages) == 80


def ran(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run *code* in a process of its own, within `with standard_output() as emitter`."""
    program = (
        "import logging, os, subprocess, sys\n"
        "from destination_activecampaign.protocol.emitter import standard_output\n"
        f"with standard_output() as emitter:\n    {code}\n"
        "print('after')\n"
    )
    return subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60, **options
    )


def test_only_messages_reach_standard_output() -> None:
    """Prints, other writers of the descriptor and children go to standard error; afterwards all is as before."""
    done = ran("print('a'); sys.__stdout__.write('b\\n'); os.system('echo c'); emitter.log('INFO', 'd')")
    assert done.stdout == '{"type":"LOG","log":{"level":"INFO","message":"d"}}\nafter\n'
    assert sorted(done.stderr.split()) == ["a", "b", "c"]


def test_logging_reaches_the_platform_once() -> None:
    """The CDK's logger and our own come as LOG messages, libraries only from warnings on."""
    done = ran(
        "[logging.getLogger(name).info(name) for name in ('airbyte', 'destination_activecampaign.sync', 'urllib3.x')]"
    )
    messages = [json.loads(line)["log"]["message"] for line in done.stdout.splitlines()[:-1]]
    assert messages == ["airbyte", "destination_activecampaign.sync"]


def test_thread_left_behind_says_nothing_of_its_error() -> None:
    """An uncaught exception is an error of ours, told without its text."""
    done = ran("sys.excepthook(ValueError, ValueError('jane@example.com'), None)")
    assert json.loads(done.stdout.splitlines()[0])["trace"]["error"]["failure_type"] == "system_error"
    assert "jane" not in done.stdout + done.stderr
