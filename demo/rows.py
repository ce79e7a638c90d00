"""A file of Airbyte messages: its columns, and its lines as the platform sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.rows import Json
from demo.platform import Platform, Stream

TIME_COLUMNS: Final = frozenset({"timestamp", "originaltimestamp", "sentat", "receivedat"})


class Rows:
    """A file of Airbyte messages. `shift`: how far the times of its events are moved."""

    def __init__(self, path: Path, *, shift_times: bool) -> None:
        self._path = path
        self.schemas: dict[Stream, Json] = {}
        newest: datetime | None = None
        for message in self._messages():
            if message is None or not _is_record(message):
                continue
            record = message["record"]
            _learn(self.schemas.setdefault((record.get("namespace"), record["stream"]), {}), record["data"])
            for moment in _times(record["data"]).values():
                newest = moment if newest is None else max(newest, moment)
        self.shift = datetime.now(UTC) - newest if shift_times and newest else timedelta()

    def catalog(self) -> Json:
        """Return a configured catalog of the columns that the rows have."""
        return {
            "streams": [
                {
                    "stream": {
                        "name": name,
                        "namespace": namespace,
                        "json_schema": {"type": "object", "properties": properties},
                        "supported_sync_modes": ["full_refresh"],
                    },
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "append",
                }
                for (namespace, name), properties in self.schemas.items()
            ]
        }

    def lines(self, platform: Platform) -> Iterator[bytes]:
        """Yield the lines as the platform sends them."""
        with self._path.open("rb") as file:
            for line in file:
                message = _parsed(line)
                if message is not None and _is_record(message):
                    platform.record(message["record"])
                    yield self._moved(message) if self.shift else line
                elif message is not None and message.get("type") == "STATE" and "state" in message:
                    yield _line(platform.state(message))
                else:
                    yield line

    def _moved(self, message: Json) -> bytes:
        """Return a RECORD with its times moved."""
        data = message["record"]["data"]
        moved = {name: _text(moment + self.shift) for name, moment in _times(data).items()}
        return _line({**message, "record": {**message["record"], "data": {**data, **moved}}})

    def _messages(self) -> Iterator[Json | None]:
        with self._path.open("rb") as file:
            yield from map(_parsed, file)


def _parsed(line: bytes) -> Json | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _is_record(message: Json) -> bool:
    record = message.get("record")
    if message.get("type") != "RECORD" or not isinstance(record, dict):
        return False
    return isinstance(record.get("stream"), str) and isinstance(record.get("data"), dict)


def _line(message: Json) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _times(row: Json) -> dict[str, datetime]:
    """Return the columns of a row that say when it happened, with their values."""
    found = {}
    for name, value in row.items():
        if isinstance(value, str) and "".join(filter(str.isalnum, name)).lower() in TIME_COLUMNS:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                continue
            found[name] = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _learn(properties: Json, row: Json) -> None:
    """Add the columns of a row to the properties of a JSON schema."""
    for name, value in row.items():
        known = properties.setdefault(name, {"type": ["null"]})
        kind = next((kind for types, kind in _KINDS if isinstance(value, types)), None)
        if kind is not None and kind not in known["type"]:
            known["type"].append(kind)
        if isinstance(value, dict):
            _learn(known.setdefault("properties", {}), value)


_KINDS: Final = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
