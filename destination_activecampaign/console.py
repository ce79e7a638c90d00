"""What the console hands over: the command's arguments, and the files that they name.

What the commands do is not decided here: see `destination`. Of a file's content nothing is ever told: it holds keys.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import orjson
from airbyte_cdk.models import (
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    DestinationSyncMode,
    SyncMode,
)

from destination_activecampaign.errors import ConfigError

_CONFIG = "the settings, a JSON file"
_COMMANDS = {
    "spec": ("print the specification of the settings", {}),
    "check": ("prove the connection and what the settings name", {"--config": _CONFIG}),
    "discover": ("print the objects of the account that columns can be mapped to", {"--config": _CONFIG}),
    "write": (
        "write the messages of standard input to the account",
        {"--config": _CONFIG, "--catalog": "the configured catalog, a JSON file"},
    ),
}

_MODES = {
    "sync_mode": tuple(mode.value for mode in SyncMode),
    "supported_sync_modes": tuple(mode.value for mode in SyncMode),
    "destination_sync_mode": tuple(mode.value for mode in DestinationSyncMode),
}
"""What parts of a catalog may be. Which of them the account's streams can take is told later."""


def parse_args(args: list[str]) -> argparse.Namespace:
    """Return the command and its options. Without a command, or with --help, prints which there are and exits."""
    parser = argparse.ArgumentParser(description="Brings rows that Airbyte sends into ActiveCampaign.")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for name, (what, options) in _COMMANDS.items():
        command = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        for option, meaning in options.items():
            command.add_argument(option, required=True, metavar="FILE", help=meaning)
    return parser.parse_args(args or ["--help"])


def read_json(path: str, what: str) -> dict[str, Any]:
    """Return the JSON object in a file. `what`: how messages call it. Raises ConfigError saying where it is wrong."""
    try:
        value = orjson.loads(Path(path).read_bytes())
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ConfigError(f"The {what} file {path} is not JSON, see {where}: {error.msg}. Correct it there.") from None
    except FileNotFoundError:
        raise ConfigError(f"The {what} file {path} does not exist. Name the file after --{what}.") from None
    except OSError as error:
        raise ConfigError(f"The {what} file {path} cannot be read: {error.strerror}.") from None
    if not isinstance(value, dict):
        raise ConfigError(f"The {what} file {path} is not a JSON object: it must begin with {{ and end with }}.")
    return value


def configured_catalog(raw: dict[str, Any]) -> ConfiguredAirbyteCatalog:
    """Return *raw* as the CDK's model. Raises ConfigError naming what is missing or wrong in it."""
    try:
        return ConfiguredAirbyteCatalogSerializer.load(raw)
    except Exception as error:  # noqa: BLE001 - the serializer raises errors of several libraries
        told = [_told(each.instance_path, each.message) for each in getattr(error, "errors", ())]
        raise ConfigError(
            f"The catalog file is no configured catalog of Airbyte's protocol: {', '.join(told) or type(error).__name__}. Each "
            "of its streams needs `stream` (with `name`, `json_schema`, `supported_sync_modes`), `sync_mode` and "
            "`destination_sync_mode`."
        ) from None


def _told(path: str, message: str) -> str:
    """Return where a catalog is wrong; the serializer's messages quote values, and the file may be another one."""
    where = path or "all of it"
    if message.endswith("required property"):
        return f"{where} is missing"
    name = path.rstrip("/0123456789").rpartition("/")[2]
    may_be = f" ({', '.join(_MODES[name])})" if name in _MODES else ""
    return f"{where} is not what it may be{may_be}"


def sync_id(raw: dict[str, Any]) -> int | None:
    """Return the platform's number of this sync, which the CDK's model of a catalog drops."""
    found = raw.get("sync_id")
    if not isinstance(found, int):
        ids = (stream.get("sync_id") for stream in raw.get("streams", []) if isinstance(stream, dict))
        found = next((each for each in ids if isinstance(each, int)), None)
    return found
