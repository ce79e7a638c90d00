"""The destination as Airbyte sees it: its commands, its messages, how it ends."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, Status

from activecampaign_emulator import EmulatorServer, Options
from destination_activecampaign.destination import DestinationActiveCampaign, failure_type
from destination_activecampaign.errors import (
    ActiveCampaignError,
    AuthenticationError,
    ConfigError,
    TransientError,
    UnexpectedResponse,
)
from unit_tests.simulation import ACCOUNT, CONTACTS, catalog, control, dump, record, state

LOG = logging.getLogger("airbyte")


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    """Give an account behind a socket, without latency and quota."""
    options = Options(latency_ms=0.0, requests_per_second=0, import_seconds=0.0, import_seconds_per_contact=0.0)
    with EmulatorServer(options) as running:
        control(running.emulator, "POST", "seed", ACCOUNT)
        yield running


@pytest.fixture
def config(server: EmulatorServer) -> dict[str, Any]:
    """Give settings of it, for a sync that waits for nothing."""
    return {
        "api_url": server.url,
        "api_key": server.emulator.account.options.api_key,
        "tracking_url": server.url,
        "contacts_route": "single",
        "requests_per_second": 100,
    }


def loaded(*messages: dict[str, Any]) -> list[AirbyteMessage]:
    """Return messages as the CDK reads them."""
    return [AirbyteMessageSerializer.load(message) for message in messages]


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Run a command; returns its exit code and its messages, without LOG."""
    code = 0
    try:
        DestinationActiveCampaign().run(list(arguments))
    except SystemExit as ended:
        code = int(ended.code or 0)
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    return code, [line for line in lines if line["type"] != "LOG"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConfigError("x"), "config_error"),
        (AuthenticationError("x"), "config_error"),
        (TransientError("x"), "transient_error"),
        (UnexpectedResponse("x"), "system_error"),
    ],
)
def test_an_error_says_what_happens_next(error: ActiveCampaignError, kind: str) -> None:
    """In Airbyte's words."""
    assert failure_type(error) == kind


def test_check_proves_the_connection(config: dict[str, Any]) -> None:
    """SUCCEEDED, without a word."""
    assert DestinationActiveCampaign().check(LOG, config).status is Status.SUCCEEDED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"api_key": "wrong"}, "API key"),
        ({"resubscribe": ["99"]}, "99"),
        ({"requests_per_second": "fast"}, "requests_per_second"),
        ({"dry_runn": True}, "dry_runn is no setting (did you mean dry_run?)"),
    ],
)
def test_check_says_what_to_do(config: dict[str, Any], change: dict[str, Any], said: str) -> None:
    """FAILED, never an exception."""
    status = DestinationActiveCampaign().check(LOG, {**config, **change})
    assert status.status is Status.FAILED
    assert said in str(status.message)


def test_check_names_settings_that_mean_nothing(config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """In its answer, and as a warning, which is all that is seen of it where the check fails."""
    told = "Settings that mean nothing here: colour, speed."
    status = DestinationActiveCampaign().check(LOG, {**config, "colour": True, "speed": 1})
    assert (status.status, status.message) == (Status.SUCCEEDED, told)
    status = DestinationActiveCampaign().check(LOG, {**config, "colour": True, "speed": 1, "api_key": "wrong"})
    assert (status.status, told in str(status.message)) == (Status.FAILED, False)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [told, told]


TAGS_WITHOUT_END = {
    "method": "GET",
    "path": "/tags",
    "kind": "status",
    "status": 200,
    "times": -1,
    "body": {
        "tags": [{"id": number, "tag": f"t{number}", "tagType": "contact"} for number in range(100)],
        "meta": {"total": "100000"},
    },
}


@pytest.mark.parametrize("command", ["check", "discover", "write"])
def test_a_list_without_an_end_ends_every_command(server: EmulatorServer, config: dict[str, Any], command: str) -> None:
    """Before a row is read, and says what to do."""
    control(server.emulator, "POST", "faults", [TAGS_WITHOUT_END])
    destination = DestinationActiveCampaign()
    said = "GET /tags: ActiveCampaign sends the same page again.*support"
    if command == "check":
        status = destination.check(LOG, config)
        assert status.status is Status.FAILED
        assert re.search(said, str(status.message))
        return
    write = partial(destination.write, config, catalog(identifies=CONTACTS), loaded(state("identifies", 7)))
    run_it: Callable[[], Iterable[object]] = write if command == "write" else partial(destination.discover, config)
    with pytest.raises(UnexpectedResponse, match=said):
        list(run_it())


def test_no_command_tells_which_there_are(capfd: pytest.CaptureFixture[str]) -> None:
    """As `--help` does."""
    with pytest.raises(SystemExit):
        DestinationActiveCampaign().run([])
    assert "spec" in capfd.readouterr().out


def test_write_yields_true_states(server: EmulatorServer, config: dict[str, Any]) -> None:
    """With their sums, from messages that the CDK has read."""
    messages = loaded(
        record("identifies", email="ada@example.com", firstName="zqx-Ada"),
        record("identifies", firstName="zqx-Nobody"),
        state("identifies", 7),
    )
    [told] = DestinationActiveCampaign().write(config, catalog(identifies=CONTACTS), messages)
    assert told.state is not None
    assert told.state.destinationStats is not None
    assert told.state.destinationStats.recordCount == 1.0
    assert [each["email"] for each in dump(server.emulator)] == ["ada@example.com"]


def test_write_raises_what_the_user_can_fix(config: dict[str, Any]) -> None:
    """Before a row is read."""
    with pytest.raises(ConfigError, match="strange"):
        list(DestinationActiveCampaign().write(config, catalog(strange=("a",)), []))


def test_write_warns_of_what_the_entries_name_and_the_catalog_does_not(
    config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Once, before a row is read: it is likely a slip, and the sync goes on without it."""
    entry = {"stream": "identifies", "mapping": "identify", "columns": [{"column": "fone", "field": "phone"}]}
    configured = catalog(identifies=("email", "phone1"))
    list(DestinationActiveCampaign().write({**config, "mappings": [entry]}, configured, []))
    [warning] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "names column fone, which the schema does not have" in warning


def test_spec_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """One message."""
    code, [message] = run(capfd, "spec")
    assert (code, message["type"]) == (0, "SPEC")


def test_check_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path, config: dict[str, Any]) -> None:
    """One message, also when it failed; the exit code is 0: check itself went well."""
    path = tmp_path / "config.json"
    for key, status in ((config["api_key"], "SUCCEEDED"), ("wrong", "FAILED")):
        path.write_text(json.dumps({**config, "api_key": key}))
        code, [message] = run(capfd, "check", "--config", str(path))
        assert (code, message["connectionStatus"]["status"]) == (0, status)


def test_discover_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path, config: dict[str, Any]) -> None:
    """The objects with the account's own fields."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    code, [message] = run(capfd, "discover", "--config", str(path))
    assert (code, message["type"]) == (0, "DESTINATION_CATALOG")
    assert "PLAN" in json.dumps(message)


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_config_that_cannot_be_read_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, text: str | None
) -> None:
    """As a config error, exit code 1."""
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text)
    code, [message] = run(capfd, "check", "--config", str(path))
    assert code == 1
    assert message["trace"]["error"]["failure_type"] == "config_error"


@pytest.mark.parametrize("text", ["{", '{"streams": 5}'])
def test_a_catalog_that_cannot_be_read_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, config: dict[str, Any], text: str
) -> None:
    """As a config error too."""
    settings, path = tmp_path / "config.json", tmp_path / "catalog.json"
    settings.write_text(json.dumps(config))
    path.write_text(text)
    code, [message] = run(capfd, "write", "--config", str(settings), "--catalog", str(path))
    assert code == 1
    assert message["trace"]["error"]["failure_type"] == "config_error"
