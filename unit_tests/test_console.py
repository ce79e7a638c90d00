"""What the console hands over: its commands, and what is told of files that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from destination_activecampaign.console import configured_catalog, parse_args, read_json, sync_id
from destination_activecampaign.errors import ConfigError

STREAM: dict[str, Any] = {"name": "users", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
CONFIGURED: dict[str, Any] = {"stream": STREAM, "sync_mode": "full_refresh", "destination_sync_mode": "append"}


def refusal(path: Path) -> str:
    """Return what is told of a config file."""
    with pytest.raises(ConfigError) as error:
        read_json(str(path), "config")
    return error.value.message.replace(str(path), "FILE")


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_every_command(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Also `discover`, and also where no command is given."""
    with pytest.raises(SystemExit) as ended:
        parse_args(arguments)
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(f"\n    {command} " in told for command in ("spec", "check", "discover", "write"))


def test_commands_take_the_files_that_they_need() -> None:
    """As Airbyte names them."""
    assert parse_args(["spec"]).command == "spec"
    assert parse_args(["check", "--config", "a"]).config == "a"
    assert parse_args(["discover", "--config", "a"]).config == "a"
    parsed = parse_args(["write", "--config", "a", "--catalog", "b"])
    assert (parsed.command, parsed.config, parsed.catalog) == ("write", "a", "b")


@pytest.mark.parametrize("arguments", [["write", "--config", "a"], ["chek"], ["check"]])
def test_other_arguments_end_with_the_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """On standard error, exit code 2."""
    with pytest.raises(SystemExit) as ended:
        parse_args(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_json_object_is_read(tmp_path: Path) -> None:
    """As it is."""
    path = tmp_path / "config.json"
    path.write_text('{"a": [1]}')
    assert read_json(str(path), "config") == {"a": [1]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{\n  "api_key": "s3cr3t",\n}', "is not JSON, see line 2, column 22: trailing comma"),
        (b'{"api_key": "s3cr3t"', "is not JSON, see line 1, column 21: "),
        (b"", "is not JSON, see line 1, column 1: "),
        (b'{"api_key": "s3cr3t\xff"}', "is not JSON, see line 1, column 1: "),
        (b'["s3cr3t"]', "is not a JSON object: it must begin with { and end with }."),
    ],
)
def test_a_file_that_is_no_json_object_is_told_with_the_place(tmp_path: Path, content: bytes, told: str) -> None:
    """Never with what stands there: it may be a key."""
    path = tmp_path / "config.json"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"The config file FILE {told}")
    assert "s3cr3t" not in message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name, and the option that names it."""
    assert refusal(tmp_path / "no.json") == "The config file FILE does not exist. Name the file after --config."


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """In the system's words: here it is a folder."""
    assert refusal(tmp_path) == "The config file FILE cannot be read: Is a directory."


@pytest.mark.parametrize(
    ("catalog", "told"),
    [
        ({}, "streams is missing."),
        ({"streams": "s3cr3t"}, "streams is not what it may be."),
        ({"streams": [STREAM]}, "streams/0/stream is missing."),
        (
            {"streams": [CONFIGURED, {**CONFIGURED, "sync_mode": "s3cr3t"}]},
            "streams/1/sync_mode is not what it may be (full_refresh, incremental).",
        ),
        (
            {"streams": [{**CONFIGURED, "destination_sync_mode": "s3cr3t"}]},
            "streams/0/destination_sync_mode is not what it may be (append, overwrite, append_dedup, update, soft_delete).",
        ),
    ],
)
def test_a_catalog_that_is_none_is_told_with_the_place(catalog: dict[str, Any], told: str) -> None:
    """Never with what stands there, and with what a configured stream has."""
    with pytest.raises(ConfigError) as error:
        configured_catalog(catalog)
    assert f"protocol: {told} Each of its streams needs `stream` (with" in error.value.message
    assert "s3cr3t" not in error.value.message


def test_a_catalog_is_read() -> None:
    """As the CDK's model."""
    [configured] = configured_catalog({"streams": [CONFIGURED]}).streams
    assert configured.stream.name == "users"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"sync_id": 7, "streams": [{"sync_id": 8}]}, 7),
        ({"streams": [5, {}, {"sync_id": 8}, {"sync_id": 9}]}, 8),
        ({"sync_id": "x"}, None),
    ],
)
def test_the_number_of_the_sync_is_found(raw: dict[str, Any], found: int | None) -> None:
    """Of the catalog, else of its first stream that has one."""
    assert sync_id(raw) == found
