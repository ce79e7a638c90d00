"""Runs the connector as a process against an emulated account of its own, as Airbyte's platform would.

What the account and the messages must look like afterwards is decided in `expectations`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from activecampaign_emulator.options import Options, switched
from activecampaign_emulator.server import EmulatorServer
from integration_tests.process import Connector

StreamId: TypeAlias = tuple[str | None, str]

API_KEY: Final = "emulated-api-key"
EVENT_KEY: Final = "emulated-event-key"
FAST: Final = {
    "latency_ms": 2.0,
    "import_seconds": 0.3,
    "import_seconds_per_contact": 0.0,
    "import_jitter": 0.0,
    "requests_per_second": 0,
    "imports_per_minute": 0,
    "single_imports_per_minute": 0,
    "account_timezone_offset": "+00:00",
}
"""An account without quotas that answers at once: a scenario then waits for nothing but the connector's polls."""

_DAYS_AGO = re.compile(r"\{\{days_ago(_z)? (\d+(?:\.\d+)?)\}\}")
_OWN_KEYS = ("event_tracking", "site_tracking", "url_whitelistings")


@dataclass(frozen=True, slots=True)
class SentState:
    """A STATE as it went in. `stream`: None for GLOBAL and LEGACY; `records`: those since the STATE before it."""

    number: int
    stream: StreamId | None
    body: dict[str, Any]
    records: int


@dataclass(slots=True)
class Input:
    """What the platform sends: lines, with STATEs numbered and counted."""

    lines: list[str] = field(default_factory=list)
    states: list[SentState] = field(default_factory=list)
    records: int = 0

    @property
    def text(self) -> str:
        """All lines as they are written to the connector."""
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Output:
    """What the connector said, sorted by kind. `wrong`: lines that no destination may print."""

    exit_code: int
    states: list[dict[str, Any]]
    logs: list[str]
    errors: list[dict[str, Any]]
    others: list[dict[str, Any]]
    wrong: list[str]
    stderr: str


def dated(text: str, now: datetime) -> str:
    """Put moments in place of `{{days_ago N}}`; `days_ago_z` writes the same one with a Z."""

    def moment(found: re.Match[str]) -> str:
        text = (now - timedelta(days=float(found[2]))).isoformat(timespec="seconds")
        return text.replace("+00:00", "Z") if found[1] else text

    return _DAYS_AGO.sub(moment, text)


def as_platform(lines: Iterable[str]) -> Input:
    """Number and count STATEs as the platform does; what is no message passes as it is."""
    sent = Input()
    since: Counter[StreamId] = Counter()
    for line in lines:
        try:
            message = json.loads(line, parse_int=_integer)
        except (ValueError, RecursionError):
            sent.lines.append(line)
            continue
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "RECORD" and _is_readable(message.get("record")):
            record = message["record"]
            since[record.get("namespace"), record["stream"]] += 1
            sent.records += 1
        elif kind == "STATE" and isinstance(message.get("state"), dict):
            sent.lines.append(json.dumps(_numbered(sent, message, since)))
            continue
        sent.lines.append(line)
    return sent


def _integer(text: str) -> int | str:
    return int(text) if len(text) < 1_000 else text  # Python reads no integer of more than 4,300 digits


def _is_readable(record: object) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("stream"), str)
        and isinstance(record.get("namespace"), str | None)
        and isinstance(record.get("data"), dict)
    )


def _numbered(sent: Input, message: dict[str, Any], since: Counter[StreamId]) -> dict[str, Any]:
    state = message["state"]
    stream = stream_of(state)
    if stream is None:
        records = since.total()
        since.clear()
    else:
        records = since.pop(stream, 0)
    state["id"] = len(sent.states) + 1
    state["sourceStats"] = {**state.get("sourceStats", {}), "recordCount": float(records)}
    sent.states.append(SentState(state["id"], stream, state, records))
    return message


def stream_of(state: Mapping[str, Any]) -> StreamId | None:
    """Return the stream of a STREAM STATE, None for GLOBAL and LEGACY."""
    if state.get("type") != "STREAM":
        return None
    descriptor = state["stream"]["stream_descriptor"]
    return descriptor.get("namespace"), descriptor["name"]


@contextmanager
def emulated_account(
    options: Mapping[str, Any] | None = None,
    seed: Mapping[str, Any] | None = None,
    faults: Iterable[Mapping[str, Any]] = (),
) -> Iterator[EmulatorServer]:
    """Lend an account on a free port, filled with *seed* and ready to fail as *faults* say."""
    with EmulatorServer(switched(Options(**FAST), options or {})) as server:  # type: ignore[arg-type] # FAST fits it
        account = server.emulator.account
        Connector.known |= {
            field[key] for field in (seed or {}).get("fields", ()) for key in ("title", "perstag") if key in field
        }
        planted = {name: value for name, value in (seed or {}).items() if name not in _OWN_KEYS}
        control(server, "POST", "seed", planted)
        account.tracking.events_enabled = (seed or {}).get("event_tracking", True)
        account.tracking.site_enabled = (seed or {}).get("site_tracking", True)
        for domain in (seed or {}).get("url_whitelistings", ()):
            attributes = {"whitelisted_domain": domain, "whitelisted_page": "*", "tracking_enabled": True}
            body = {"data": {"type": "urlWhitelistings", "attributes": attributes}}
            server.emulator.handle(
                "POST", "/api/3/prism/urlWhitelistings", "", {"api-token": API_KEY}, json.dumps(body).encode()
            )
        server.emulator.journal.entries.clear()
        server.emulator.journal.by_route.clear()
        control(server, "POST", "faults", {"faults": list(faults)})
        yield server


def control(server: EmulatorServer, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Ask the emulator itself, beside the API."""
    data = b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    reply = server.emulator.handle(method, f"/_emulator/{path}", query, {"content-type": "application/json"}, data)
    answer: dict[str, Any] = json.loads(reply.body)
    if reply.status != 200:
        raise ValueError(answer)
    return answer


def connection(server: EmulatorServer, **settings: Any) -> dict[str, Any]:
    """Return settings that reach *server*, at a pace at which a test need not wait, and with *settings*."""
    return {
        "api_url": server.url,
        "api_key": API_KEY,
        "tracking_url": server.url,
        "requests_per_second": 100,
        "imports_per_minute": 6000,
        **settings,
    }


def command(folder: Path, verb: str, config: Mapping[str, Any], catalog: Mapping[str, Any] | None = None) -> list[str]:
    """Write the files that a command names into *folder*, and return the command as `Connector` takes it."""
    (folder / "config.json").write_text(json.dumps(config))
    arguments = [verb, "--config", str(folder / "config.json")]
    if catalog is not None:
        (folder / "catalog.json").write_text(json.dumps(catalog))
        arguments += ["--catalog", str(folder / "catalog.json")]
    return arguments


def write(
    folder: Path, config: Mapping[str, Any], catalog: Mapping[str, Any], sent: Input, seconds: float = 110.0
) -> Output:
    """Run one sync to its end."""
    with Connector(command(folder, "write", config, catalog)) as run:
        code = run.run_to_end(sent.text, seconds)
        return read_output("".join(run.stdout), "".join(run.stderr), code)


def check(folder: Path, config: Mapping[str, Any]) -> tuple[str, str, str]:
    """Run `check`; return its status, its message, and all that was printed."""
    with Connector(command(folder, "check", config)) as run:
        code = run.run_to_end("", 100)
        stdout, stderr = "".join(run.stdout), "".join(run.stderr)
    output = read_output(stdout, stderr, code)
    assert not output.wrong
    assert code == 0
    (answer,) = (message["connectionStatus"] for message in output.others if message["type"] == "CONNECTION_STATUS")
    return answer["status"], answer.get("message", ""), stdout + stderr


def read_output(stdout: str, stderr: str, exit_code: int) -> Output:
    """Sort the lines of a run."""
    output = Output(exit_code, [], [], [], [], [], stderr)
    for line in stdout.splitlines():
        try:
            message = json.loads(line)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            output.wrong.append(line)
            continue
        if kind == "STATE":
            output.states.append(message["state"])
        elif kind == "LOG":
            output.logs.append(message["log"]["message"])
        elif kind == "TRACE" and message["trace"]["type"] == "ERROR":
            output.errors.append(message["trace"]["error"])
        else:
            output.others.append(message)
    return output


# messages, for tests that make their own


def record(data: Mapping[str, Any], stream: str = "identifies", namespace: str | None = None) -> str:
    """Return a RECORD line."""
    body: dict[str, Any] = {"stream": stream, "emitted_at": 1767225600000, "data": data}
    return json.dumps({"type": "RECORD", "record": body if namespace is None else {"namespace": namespace, **body}})


def state(cursor: int, stream: str = "identifies") -> str:
    """Return a STREAM STATE line."""
    body = {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": cursor}}
    return json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": body}})


def catalog_of(**streams: Iterable[str]) -> dict[str, Any]:
    """Return a configured catalog of streams by name, with their columns."""
    return {
        "streams": [
            {
                "stream": {
                    "name": name,
                    "json_schema": {"type": "object", "properties": {column: {} for column in columns}},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": "incremental",
                "destination_sync_mode": "append",
            }
            for name, columns in streams.items()
        ]
    }


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)
