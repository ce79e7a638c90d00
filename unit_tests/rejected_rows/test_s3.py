"""Rows in a bucket, on a real server behind a socket."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from destination_activecampaign import within
from destination_activecampaign.api.clock import Stop
from destination_activecampaign.errors import ActiveCampaignError, ConfigError, TransientError
from destination_activecampaign.rejected_rows import s3_client
from destination_activecampaign.rejected_rows.s3 import DEADLINE_SECONDS, TRIES, S3Rows
from destination_activecampaign.rejected_rows.s3_client import Bucket
from destination_activecampaign.rejected_rows.store import RejectedRows, open_store
from unit_tests.rejected_rows.conftest import ACCESS_KEY, SECRET_KEY, S3Server
from unit_tests.rejected_rows.factories import NOON, FakeClock, a_line, refuse, s3_storage

ROW = "c4nary@example.com"
KEY = "a/b/42/public/users/2025_11_24_1763985600500_0.jsonl"


def a_store(endpoint: str | None, clock: FakeClock | None = None, **changes: Any) -> RejectedRows:
    """Return a store for the test's bucket."""
    clock = clock or FakeClock()
    made = open_store(
        s3_storage(endpoint, **changes), 42, monotonic=clock.monotonic, wall=clock.wall, sleep=clock.sleep
    )
    assert made is not None
    return made


def with_a_row(rows: RejectedRows) -> RejectedRows:
    """Add a row."""
    refuse(rows, a_line(email=ROW))
    return rows


def refusal(rows: RejectedRows, kind: type[ActiveCampaignError]) -> str:
    """Return what is told when *rows* cannot be stored; never a secret, an address or a value."""
    with_a_row(rows)
    with pytest.raises(kind) as told:
        rows.flush()
    assert type(told.value) is kind
    assert told.value.__cause__ is None
    assert not any(hidden in told.value.message for hidden in (ROW, ACCESS_KEY, SECRET_KEY, "127.0.0.1", "users"))
    assert rows.pending
    return told.value.message


def an_error(status: int, code: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return an answer of S3's, its text full of what must not be shown."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{SECRET_KEY} {ROW}</Message></Error>"
    return status, {"Content-Type": "application/xml", **headers}, body.encode()


def test_each_stream_has_an_object(s3: S3Server) -> None:
    """One for each stream and flush, below the folder that the platform links to."""
    rows = a_store(s3.url)
    refuse(rows, a_line(id=1))
    refuse(rows, a_line(id=2), (None, "orders/../x"))
    refuse(rows, a_line(id=3), detail="no", written=True)
    rows.flush()
    assert not rows.pending
    rows.flush()
    objects = s3.objects()
    assert list(objects) == ["a/b/42/orders_.._x/2025_11_24_1763985600500_1.jsonl", KEY]
    kept = [json.loads(line) for line in objects[KEY].splitlines()]
    assert [row["id"] for row in kept] == [1, 3]
    assert kept[1] == {
        "id": 3,
        "rejected_reason": "email_invalid",
        "rejected_field": "email",
        "rejected_message": "Correct the address.",
        "rejected_detail": "no",
        "rejected_row_written": True,
    }


def test_two_flushes_of_one_moment_make_two_objects(s3: S3Server) -> None:
    """Nothing is overwritten."""
    rows = a_store(s3.url)
    with_a_row(rows).flush()
    with_a_row(rows).flush()
    assert len(s3.objects()) == 2


def test_rows_can_be_csv(s3: S3Server) -> None:
    """The other format has the other name."""
    rows = a_store(s3.url, format_type="CSV")
    refuse(rows, a_line(name="=1", tags=["a"]))
    rows.flush()
    assert s3.objects() == {
        KEY.replace("jsonl", "csv"): (
            '"name","tags","rejected_reason","rejected_field","rejected_message"\r\n'
            '"\'=1","[""a""]","email_invalid","email","Correct the address."\r\n'
        )
    }


def test_row_of_ten_megabytes_is_kept(s3: S3Server) -> None:
    """No row is too long."""
    rows = a_store(s3.url)
    refuse(rows, a_line(note="x" * 10_000_000))
    assert rows.due(0.0)
    rows.flush()
    assert len(s3.objects()[KEY]) > 10_000_000


def test_what_may_pass_is_tried_again_under_the_same_name(s3: S3Server) -> None:
    """Pauses grow, and the object is there once."""
    clock = FakeClock()
    rows = with_a_row(a_store(s3.url, clock))
    s3.faults += [an_error(503, "SlowDown"), an_error(500, "InternalError"), (502, {}, b"<html>")]
    rows.flush()
    assert list(s3.objects()) == [KEY]
    assert len({path for method, path in s3.seen if method == "PUT"}) == 1
    assert 0.5 <= clock.slept[0] <= 1.0
    assert 1.0 <= clock.slept[1] <= 2.0
    assert 2.0 <= clock.slept[2] <= 4.0


@pytest.mark.parametrize("fault", [an_error(503, "SlowDown"), an_error(429, "X"), an_error(400, "RequestTimeout")])
def test_what_does_not_pass_ends_the_sync_for_now(s3: S3Server, fault: tuple[int, dict[str, str], bytes]) -> None:
    """After a bounded number of tries."""
    s3.faults += [fault] * TRIES
    assert f"Tried {TRIES} times" in refusal(a_store(s3.url), TransientError)
    assert len(s3.seen) == TRIES


def test_no_try_begins_after_the_deadline(s3: S3Server) -> None:
    """A server that answers slowly does not hold the sync up for ever."""
    clock = FakeClock()

    class Slow(Bucket):
        def put(self, key: str, body: bytes) -> None:
            clock.now += DEADLINE_SECONDS
            super().put(key, body)

    storage = s3_storage(s3.url)
    rows = S3Rows(
        storage,
        42,
        monotonic=clock.monotonic,
        wall=clock.wall,
        sleep=clock.sleep,
        bucket=Slow(storage, clock.wall),
    )
    s3.faults += [an_error(503, "SlowDown")] * TRIES
    assert "Tried 1 times" in refusal(rows, TransientError)


def test_streams_that_are_stored_are_not_stored_again(s3: S3Server) -> None:
    """A failure in the middle of a flush leaves only the rest."""
    rows = a_store(s3.url)
    refuse(rows, a_line(id=1), (None, "first"))
    s3.faults += [None, *[an_error(503, "SlowDown")] * TRIES]
    refusal(rows, TransientError)
    rows.flush()
    assert [name.split("/")[3] for name in s3.objects()] == ["first", "public"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (an_error(403, "AccessDenied"), "allow s3:PutObject"),
        (an_error(403, "<b>"), "allow s3:PutObject"),
        (an_error(403, "SignatureDoesNotMatch"), "correct `access_key_id` and `secret_access_key`"),
        (an_error(400, "ExpiredToken"), "have expired"),
        (an_error(403, "RequestTimeTooSkewed"), "clock"),
        (an_error(400, "AuthorizationHeaderMalformed"), "correct `s3_bucket_region`"),
        (an_error(400, "IllegalLocationConstraintException"), "correct `s3_bucket_region`"),
        (an_error(507, "XMinioStorageFull"), "no room left"),
        (an_error(400, "KMS.DisabledException"), "(KMS.DisabledException)"),
        ((200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"), "not an S3 server"),
        ((404, {"Content-Type": "text/html"}, b"<html>Welcome</html>"), "no such bucket"),
    ],
    ids=lambda value: value[2].decode()[:60] if isinstance(value, tuple) else "",
)
def test_refusal_tells_what_to_do(s3: S3Server, fault: tuple[int, dict[str, str], bytes], said: str) -> None:
    """It is not tried again, and the setting is named."""
    clock = FakeClock()
    # botocore itself asks once more where it may have guessed the region wrong.
    s3.faults += [fault] * 3
    assert said in refusal(a_store(s3.url, clock), ConfigError)
    assert clock.slept == []


def test_bucket_of_another_region_is_found(s3: S3Server) -> None:
    """S3 says where it is; a wrong setting costs a request."""
    moved = an_error(301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-west-1"})
    s3.faults += [moved]
    with_a_row(a_store(s3.url)).flush()
    assert list(s3.objects()) == [KEY]
    s3.faults += [moved, moved]
    assert "correct `s3_bucket_region`" in refusal(a_store(s3.url), ConfigError)


def test_server_that_sends_round_in_circles_is_told(s3: S3Server) -> None:
    """Each answer says elsewhere, none says where."""
    s3.faults += [an_error(301, "PermanentRedirect")] * 1000
    assert "correct `s3_bucket_region`" in refusal(a_store(s3.url), ConfigError)


def test_missing_bucket_is_told(s3: S3Server) -> None:
    """The server's own answer."""
    assert "correct `s3_bucket_name`" in refusal(a_store(s3.url, s3_bucket_name="nowhere"), ConfigError)


def test_key_that_the_server_does_not_know_is_told(s3: S3Server) -> None:
    """The server's own answer."""
    s3.ask_for_rights()
    assert "correct `access_key_id`" in refusal(a_store(s3.url), ConfigError)


def a_user_who_may(s3: S3Server, *actions: str) -> dict[str, Any]:
    """Make a user with these rights; returns the settings that log in as them."""
    iam = s3.client("iam")
    iam.create_user(UserName="u")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(policy))
    made = iam.create_access_key(UserName="u")["AccessKey"]
    s3.ask_for_rights()
    return {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}


def test_user_who_may_not_write_is_told(s3: S3Server) -> None:
    """The server's own answer, also to the proof."""
    rows = a_store(s3.url, **a_user_who_may(s3, "s3:GetObject"))
    assert "allow s3:PutObject" in refusal(rows, ConfigError)
    with pytest.raises(ConfigError, match="allow s3:PutObject"):
        rows.prove()


def test_right_to_write_is_enough(s3: S3Server, caplog: pytest.LogCaptureFixture) -> None:
    """A probe that may not be removed stays, always under one name; it is said."""
    caplog.set_level(logging.INFO)
    rows = a_store(s3.url, **a_user_who_may(s3, "s3:PutObject"))
    rows.prove()
    rows.prove()
    with_a_row(rows).flush()
    assert "could not be removed" in caplog.text
    assert not any(hidden in caplog.text for hidden in (ROW, ACCESS_KEY, SECRET_KEY))


def test_proof_leaves_nothing(s3: S3Server) -> None:
    """The probe was written and removed, and a wrong setting would have been told."""
    a_store(s3.url).prove()
    assert [method for method, _ in s3.seen] == ["PUT", "DELETE"]
    assert s3.objects() == {}
    with pytest.raises(ConfigError, match="no such bucket"):
        a_store(s3.url, s3_bucket_name="nowhere").prove()


def test_role_is_taken_on_and_renewed(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its passing credentials are replaced before they end; the platform's external id goes along."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3.url)
    monkeypatch.setenv(s3_client.EXTERNAL_ID_VARIABLE, "workspace")
    clock = FakeClock()
    clock.now += datetime.now(UTC).timestamp() - NOON
    rows = a_store(s3.url, clock, role_arn="arn:aws:iam::123456789012:role/rows")
    for passed in (0, 60, 3_400):
        clock.now += passed
        with_a_row(rows).flush()
    assert [method for method, _ in s3.seen] == ["POST", "PUT", "PUT", "POST", "PUT"]


def test_role_that_may_not_be_taken_on_is_told(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The role is named, not the bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3.url)
    s3.faults.append((403, {}, b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"))
    assert "correct `role_arn`" in refusal(a_store(s3.url, role_arn="arn:aws:iam::123456789012:role/r"), ConfigError)


def test_machine_without_credentials_is_told(s3: S3Server) -> None:
    """Without a key in the settings the machine must have one."""
    rows = a_store(s3.url, access_key_id=None, secret_access_key=None)
    assert "no credentials" in refusal(rows, ConfigError)


def test_server_that_is_not_there_may_come_back() -> None:
    """Nobody listens at the address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert "`s3_endpoint` cannot be reached" in refusal(a_store(f"http://127.0.0.1:{port}"), TransientError)


def test_server_that_is_silent_is_not_waited_for() -> None:
    """Every call has a time-out."""
    clock = FakeClock()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        storage = s3_storage(f"http://127.0.0.1:{silent.getsockname()[1]}")
        bucket = Bucket(storage, clock.wall, read_seconds=0.05)
        with pytest.raises(TransientError, match="ReadTimeoutError"):
            bucket.put("key", b"")


@pytest.fixture
def trickling() -> Iterator[Callable[[bytes], int]]:
    """Give a maker of servers that send a beginning and then byte after byte; returns the port."""
    with contextlib.ExitStack() as open_ones:

        def serve(beginning: bytes) -> int:
            listener = open_ones.enter_context(socket.create_server(("127.0.0.1", 0)))

            def trickle() -> None:
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(beginning)
                        for _ in range(400):
                            connection.sendall(b"a")
                            time.sleep(0.05)

            threading.Thread(target=trickle, daemon=True).start()
            return int(listener.getsockname()[1])

        yield serve


SLOW = [("http", b"HTTP/1.1 200 OK\r\nX-Slow: "), ("https", b"\x16\x03\x03\x40\x00\x02")]


@pytest.mark.parametrize(("scheme", "beginning"), SLOW, ids=["an answer", "a TLS handshake"])
def test_server_that_trickles_is_left(trickling: Callable[[bytes], int], scheme: str, beginning: bytes) -> None:
    """Each byte comes in time, the whole does not."""
    storage = s3_storage(f"{scheme}://127.0.0.1:{trickling(beginning)}")
    bucket = Bucket(storage, FakeClock().wall, call_seconds=0.5)
    began = time.monotonic()
    with pytest.raises(TransientError, match="did not answer in time"):
        bucket.put("key", b"")
    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize(("scheme", "beginning"), SLOW, ids=["an answer", "a TLS handshake"])
def test_stop_ends_the_wait_for_a_server(
    trickling: Callable[[bytes], int], monkeypatch: pytest.MonkeyPatch, scheme: str, beginning: bytes
) -> None:
    """After a few seconds in which a row may still be kept; it is not tried again."""
    monkeypatch.setattr(within, "SLICE_SECONDS", 0.05)
    clock, stop = FakeClock(), Stop()
    stop.set()
    rows = open_store(
        s3_storage(f"{scheme}://127.0.0.1:{trickling(beginning)}"),
        7,
        monotonic=clock.monotonic,
        wall=clock.wall,
        sleep=lambda _: stop.check(),
        stopped=stop.is_set,
    )
    assert rows is not None
    refuse(rows, a_line(email=ROW))
    began = time.monotonic()
    with pytest.raises(TransientError, match="was stopped"):
        rows.flush()
    assert 0.05 * within.HURRY_SECONDS <= time.monotonic() - began < 3.0


def test_slow_server_does_not_hold_up_many_streams_for_ever(s3: S3Server) -> None:
    """What is stored by then is stored; the sync ends and the next one goes on."""
    clock = FakeClock()

    class Slow(Bucket):
        def put(self, key: str, body: bytes) -> None:
            clock.now += 100.0
            super().put(key, body)

    storage = s3_storage(s3.url)
    rows = S3Rows(
        storage, 42, monotonic=clock.monotonic, wall=clock.wall, sleep=clock.sleep, bucket=Slow(storage, clock.wall)
    )
    for number in range(20):
        refuse(rows, a_line(email=ROW), (None, f"stream{number}"))
    with pytest.raises(TransientError, match="more than 600 s"):
        rows.flush()
    assert (len(s3.objects()), rows.pending) == (7, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"s3_bucket_name": "no such/name!"}, "correct `s3_bucket_name`"),
        ({"s3_bucket_region": "-"}, "object_storage_config"),
        ({"s3_endpoint": "http://[bad"}, "object_storage_config"),
    ],
)
def test_settings_that_cannot_be_are_told(s3: S3Server, changes: dict[str, Any], said: str) -> None:
    """They are found to be wrong before anyone is asked."""
    rows = a_store(**{"endpoint": s3.url, "s3_endpoint": s3.url, **changes})
    assert said in refusal(rows, ConfigError)


@pytest.mark.parametrize("key", ["access_key_id", "secret_access_key"])
def test_half_a_key_is_told_at_once(key: str) -> None:
    """Neither half is of use alone."""
    with pytest.raises(ConfigError, match="give both"):
        a_store(None, **{key: None})


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "2852039166", "0.0.0.0"])  # noqa: S104
def test_address_of_the_cloud_itself_is_refused(host: str) -> None:
    """No S3 server is there, but the machine's own credentials are."""
    with pytest.raises(ConfigError, match="no S3 server"):
        a_store(f"http://{host}/")


def test_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install; a fault of our own is not taken for it."""
    for name in ("s3", "s3_client", "s3_errors"):
        monkeypatch.delitem(sys.modules, f"destination_activecampaign.rejected_rows.{name}")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "boto3", None)
        with pytest.raises(ConfigError, match=r"install destination-activecampaign\[s3\]"):
            a_store(None)
    monkeypatch.setitem(sys.modules, "destination_activecampaign.rejected_rows.csv_parts", None)
    with pytest.raises(ModuleNotFoundError):
        a_store(None)


def test_nothing_of_a_key_is_logged(s3: S3Server, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where all else is logged."""
    caplog.set_level(logging.DEBUG)
    rows = a_store(s3.url)
    with_a_row(rows).flush()
    assert not any(hidden in caplog.text + repr(rows) for hidden in (ROW, ACCESS_KEY, SECRET_KEY))
