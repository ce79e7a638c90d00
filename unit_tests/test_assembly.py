"""The parts of a sync, put together from settings."""

from __future__ import annotations

import socket
import time
from contextlib import nullcontext
from typing import Any

import pytest

from destination_activecampaign import within
from destination_activecampaign.api.clock import Stop, SystemClock
from destination_activecampaign.assembly import CHECK_SECONDS, Account
from destination_activecampaign.config import Config
from destination_activecampaign.errors import ConfigError, TransientError
from unit_tests.api.fakes import FakeClock, FakeTransport, answer
from unit_tests.simulation import Simulation, dump
from unit_tests.sync.scenes import LAST, ada, an_account, email_of, people


def a_config(**settings: Any) -> Config:
    """Return settings."""
    return Config.from_mapping({"api_url": "https://acme.api-us1.com", "api_key": "canary-key", **settings})


def test_an_account_has_the_machines_clock_unless_told() -> None:
    """And its key is in no text."""
    account = Account(a_config(event_key="canary-event"), Stop())
    assert isinstance(account.clock, SystemClock)
    told = f"{account.client!r} {account.tracking(a_config(event_key='canary-event'), '25')!r}"
    assert "canary" not in told


def test_usage_names_lanes_as_the_log_does() -> None:
    """None has sent anything yet."""
    usage = Account(a_config(), Stop()).usage()
    assert usage.requests == dict.fromkeys(("import", "poll", "single", "lookup", "tracking"), 0)
    assert (usage.waited, usage.limited) == (0.0, 0)


@pytest.mark.parametrize(("patient", "ends"), [(False, True), (True, False)])
def test_check_and_discover_have_a_deadline_for_all_they_ask(*, patient: bool, ends: bool) -> None:
    """A sync has none."""
    clock, transport = FakeClock(), FakeTransport()
    account = Account(a_config(), Stop(), patient=patient, clock=clock, transport=transport)
    transport.by = lambda _: answer(200, {"user": {}})
    clock.now += CHECK_SECONDS - 1.0
    account.client.check_key()
    clock.now += 1.0
    with pytest.raises(TransientError, match="more than 600 s") if ends else nullcontext():
        account.client.check_key()


def test_a_sync_that_is_stopped_does_not_wait_for_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call on its way has a few seconds left, and is not tried again."""
    monkeypatch.setattr(within, "SLICE_SECONDS", 0.05)
    stop = Stop()
    stop.set()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bucket = {
            "storage_type": "S3",
            "format": {"format_type": "JSONL"},
            "s3_bucket_name": "rows",
            "s3_bucket_region": "us-east-1",
            "bucket_path": "a",
            "s3_endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "access_key_id": "canary-id",
            "secret_access_key": "canary-secret",
        }
        config = a_config(object_storage_config=bucket)
        store = Account(config, stop).store(config)
        assert store is not None
        began = time.monotonic()
        with pytest.raises(TransientError, match="was stopped"):
            store.prove()
    assert time.monotonic() - began < 10.0


def test_the_quota_is_the_settings() -> None:
    """A slower pace takes longer."""
    rows = [*people(1_000), LAST]
    seconds = [
        Simulation().sync(rows, imports_per_minute=pace, requests_per_second=rate).seconds
        for pace, rate in ((95, 4), (2, 4))
    ]
    assert seconds[0] + 30 < seconds[1]


@pytest.mark.parametrize("fold", [True, False])
def test_repeated_emails_fold_as_set(*, fold: bool) -> None:
    """Without folding each row is an import's own."""
    rows = [*(ada(plan=str(number)) for number in range(3)), LAST]
    finished = Simulation().sync(rows, fold_repeated_emails=fold)
    assert (finished.error, finished.written) == (None, 3)
    assert len(finished.imports) == (1 if fold else 3)


def test_lists_of_resubscribe_are_forced() -> None:
    """By a single request; others are not."""
    simulation = Simulation(account=an_account({"email": "ada@example.com", "lists": {"1": 2, "2": 2}}))
    asked = [{"id": "1", "status": "active"}, {"id": "2", "status": "active"}]
    finished = simulation.sync([ada(lists=asked), LAST], resubscribe=["1"])
    assert finished.error is None
    assert dump(simulation.emulator)[0]["lists"] == {"1": 1, "2": 2}


def test_a_list_of_resubscribe_must_exist() -> None:
    """Before a row is read."""
    finished = Simulation().sync([ada(), LAST], resubscribe=["99"])
    assert isinstance(finished.error, ConfigError)
    assert "99" in finished.error.message


def test_a_dry_run_writes_nothing_and_ends_with_an_error() -> None:
    """So that nobody takes it for a sync."""
    simulation = Simulation(account=an_account({"email": email_of(1), "tags": ["old"]}))
    before = dump(simulation.emulator)
    finished = simulation.sync([*people(50, tags=["vip"], tagsReset=True), LAST], dry_run=True)
    assert isinstance(finished.error, ConfigError)
    assert finished.error.message.startswith("Dry run finished")
    assert dump(simulation.emulator) == before
    assert {method for method, _ in finished.requests} == {"GET"}
    assert finished.states == []


def test_a_start_waits_for_imports_of_a_sync_that_broke_off() -> None:
    """They could overwrite newer values."""
    simulation = Simulation()
    simulation.faults({"kind": "import_takes", "seconds": 30.0})
    broken = simulation.sync([ada(plan="old"), LAST], dies_after_seconds=5.0)
    assert broken.states == []
    finished = simulation.sync([ada(plan="zqx-new"), LAST])
    assert (finished.error, finished.written) == (None, 1)
    assert dump(simulation.emulator)[0]["fields"]["PLAN"] == "zqx-new"
    assert finished.count("GET", "/import/bulk_import") > 1
