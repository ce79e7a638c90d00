"""Runs the connector on sample tables, as Airbyte would, against an emulated account, and shows what came of it.

It starts the emulator, plants an account in it, runs `check` and `write` as processes, plays the platform's part (numbers
STATEs, counts rows) and reads the account back. It never talks to ActiveCampaign: URL and keys are the emulator's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = ROOT / "examples"
CEILING: Final = 100 * 250 / 60
"""Contacts a second that ActiveCampaign's quota of imports allows: 100 a minute, 250 contacts each."""

TIME_COLUMNS: Final = frozenset({"timestamp", "originaltimestamp", "sentat", "receivedat"})
STATUSES: Final = {0: "unconfirmed", 1: "subscribed", 2: "unsubscribed", 3: "bounced"}
FULL_IMPORT: Final = 250
FAILED: Final = 400
WIDTH: Final = 140
TICK_SECONDS: Final = 5.0

LEFT_OUT: Final = re.compile(r": \d+ rows? (rejected|written without a part|skipped on purpose): ")
"""The connector's lines about rows, or parts of rows, that were not written."""

Json = dict[str, Any]
Stream = tuple[str | None, str]


def say(text: str = "") -> None:
    """Print a line now, also where the output is a pipe."""
    print(text, flush=True)


def title(text: str) -> None:
    """Print the title of a part."""
    say(f"\n{text}\n{'-' * len(text)}")


# The emulator


class Emulator:
    """The emulated account, a process of its own."""

    def __init__(self) -> None:
        # A session of its own: with --keep it outlives this process and the terminal's Ctrl-C.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "activecampaign_emulator", "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = self._process.stdout.readline()
        if not line:
            sys.exit("The emulator did not start; what it printed is above.")
        ready = json.loads(line)
        self.url: str = ready["url"]
        self.pid = self._process.pid
        self.settings = {
            "api_url": ready["url"],
            "api_key": ready["api_key"],
            "event_key": ready["event_key"],
            "tracking_url": ready["url"],
        }

    def control(self, name: str, body: bytes | None = None) -> Json:
        """Call a control of the emulator: GET without *body*, else POST."""
        request = urllib.request.Request(f"{self.url}/_emulator/{name}", body)  # noqa: S310 - its own http address
        with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
            answer: Json = json.load(response)
        return answer

    def contacts(self) -> tuple[dict[str, Json], Json]:
        """Return the contacts by email, and the rest of the account."""
        account = self.control("dump")
        return {one["email"].lower(): one for one in account.pop("contacts")}, account

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()


# The platform's part


@dataclass
class Sent:
    """A STATE that was sent, with the rows that it answers for."""

    message: Json
    stream: Stream | None
    rows: int


@dataclass
class Platform:
    """Numbers STATEs, counts rows, and compares what comes back. `rows`: those of each stream that were sent."""

    sent: dict[int, Sent] = field(default_factory=dict)
    back: list[int] = field(default_factory=list)
    rows: Counter[Stream] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    written: float = 0
    refused: float = 0
    additional: Counter[str] = field(default_factory=Counter)
    _since: Counter[Stream] = field(default_factory=Counter)

    def record(self, record: Json) -> None:
        """Count a row that is sent."""
        stream = record.get("namespace"), record["stream"]
        self.rows[stream] += 1
        self._since[stream] += 1

    def state(self, message: Json) -> Json:
        """Return a STATE as the platform hands it on: with its number and the count of its source."""
        state = message["state"]
        stream = None
        if state.get("type") == "STREAM":
            descriptor = state["stream"]["stream_descriptor"]
            stream = descriptor.get("namespace"), descriptor["name"]
        count = self._since.pop(stream, 0) if stream else self._since.total()
        if stream is None:
            self._since.clear()
        number = len(self.sent) + 1
        numbered = {**message, "state": {**state, "id": number, "sourceStats": {"recordCount": float(count)}}}
        self.sent[number] = Sent(numbered, stream, count)
        return numbered

    def came_back(self, message: Json) -> str:
        """Take a STATE that the connector let go; returns a line about it."""
        state = dict(message["state"])
        stats = state.pop("destinationStats", {})
        number = state.get("id")
        sent = self.sent.get(number) if isinstance(number, int) else None
        if sent is None or number is None:
            self.problems.append("a STATE came back that was never sent")
            return "a STATE that was never sent"
        written, refused = stats.get("recordCount", 0.0), stats.get("rejectedRecordCount", 0.0)
        self.written += written
        self.refused += refused
        self.additional.update({name: int(count) for name, count in stats.get("additionalStats", {}).items()})
        if {**message, "state": state} != sent.message:
            self.problems.append(f"STATE {number} came back changed")
        if written + refused != sent.rows:
            self.problems.append(f"STATE {number}: {written:.0f} + {refused:.0f} rows, but {sent.rows} were sent")
        earlier = [other for other in self.back if self.sent[other].stream == sent.stream]
        if earlier and max(earlier) >= number:
            self.problems.append(f"STATE {number} came back twice, or after a later one of its stream")
        self.back.append(number)
        name = ".".join(filter(None, sent.stream)) if sent.stream else "all streams"
        return f"STATE {number} of {name} is true: {written:.0f} rows written, {refused:.0f} not"

    def judge(self) -> list[str]:
        """Return what is wrong at the end."""
        missing = sorted(self.sent.keys() - set(self.back))
        lost = [f"{len(missing)} of {len(self.sent)} STATEs did not come back"] if missing else []
        return [*self.problems, *lost]


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


# The connector


class Connector:
    """The connector's commands, each a process of its own. `folder`: where its files are.

    `left_out`: what `write` said about rows that were not written.
    """

    def __init__(self, folder: Path, settings: Json, catalog: Json) -> None:
        self._config = folder / "config.json"
        self._catalog = folder / "configured_catalog.json"
        self._config.write_text(json.dumps(settings), "utf-8")
        self._catalog.write_text(json.dumps(catalog), "utf-8")
        script = Path(sys.executable).with_name("destination-activecampaign")
        self.left_out: list[str] = []
        self._command = [str(script)] if script.exists() else [sys.executable, "-m", "destination_activecampaign"]

    def check(self) -> bool:
        """Run `check` and show its answer."""
        command = [*self._command, "check", "--config", str(self._config)]
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        succeeded = False
        for line in ran.stdout.splitlines():
            message = json.loads(line)
            if message["type"] == "CONNECTION_STATUS":
                status = message["connectionStatus"]
                succeeded = status["status"] == "SUCCEEDED"
                say(f"  {status['status']} {status.get('message') or ''}".rstrip())
            else:
                show(message)
        return succeeded and not ran.returncode

    def write(self, rows: Rows, platform: Platform) -> int:
        """Run `write` on *rows* and show what it says; returns its exit status."""
        command = [*self._command, "write", "--config", str(self._config), "--catalog", str(self._catalog)]
        began = time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            feeder = threading.Thread(target=_feed, args=(process, rows, platform), daemon=True)
            feeder.start()
            assert process.stdout is not None  # noqa: S101 - it was asked for
            for line in process.stdout:
                message = json.loads(line)
                if message["type"] == "LOG" and LEFT_OUT.search(message["log"]["message"]):
                    self.left_out.append(message["log"]["message"])
                elif message["type"] == "STATE":
                    say(f"{time.monotonic() - began:5.0f} s  {platform.came_back(message)}")
                else:
                    show(message, f"{time.monotonic() - began:5.0f} s  ")
            feeder.join(10)
        return process.returncode


def _feed(process: subprocess.Popen[bytes], rows: Rows, platform: Platform) -> None:
    """Send all rows; a connector that has ended early takes no more."""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    try:
        for line in rows.lines(platform):
            process.stdin.write(line)
        process.stdin.close()
    except BrokenPipeError:
        return


def show(message: Json, prefix: str = "") -> None:
    """Print a LOG or an error for a person."""
    if message["type"] == "LOG":
        level = message["log"]["level"]
        text = message["log"]["message"] if level == "INFO" else f"{level}: {message['log']['message']}"
    elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
        error = message["trace"]["error"]
        text = f"{error['failure_type']}: {error['message']}"
    else:
        return
    for line in text.splitlines():
        say_wrapped(line, prefix)
        prefix = " " * len(prefix)


def say_wrapped(line: str, prefix: str) -> None:
    """Print a line that may be longer than a terminal is wide; a table's line stays as it is."""
    if len(prefix) + len(line) <= WIDTH:
        say(prefix + line)
    else:
        say(textwrap.fill(line, WIDTH, initial_indent=prefix, subsequent_indent=" " * (len(prefix) + 2)))


class Ticker:
    """Says every few seconds how far the account is, while `write` runs."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            summary = self._emulator.control("summary")
            imports = summary["imports"]
            tracked = sum(sum(summary["requests"].get(route, {}).values()) for route in ("POST /event", "GET /visit"))
            say(
                f"{time.monotonic() - self._began:5.0f} s  the account: {summary['contacts_total']} contacts, "
                f"{imports['contacts_accepted']} sent in {imports['accepted']} imports, {imports['completed']} of them "
                f"done; {tracked} events and visits"
            )


# What came of it


def tell_account(before: dict[str, Json], after: dict[str, Json], account: Json) -> None:
    """Print what landed in the account."""
    created = [one for email, one in after.items() if email not in before]
    changed = [one for email, one in after.items() if email in before and _differs(before[email], one)]
    say(f"  contacts created      {len(created):>8}")
    say(f"  contacts changed      {len(changed):>8}")
    pairs = [(before.get(email, {}), one) for email, one in after.items()]
    added = sum(len(set(one["tags"]) - set(old.get("tags", ()))) for old, one in pairs)
    removed = sum(len(set(old.get("tags", ())) - set(one["tags"])) for old, one in pairs)
    say(f"  tags put on           {added:>8}")
    say(f"  tags taken off        {removed:>8}")
    values = sum(len(one["fields"].items() - old.get("fields", {}).items()) for old, one in pairs)
    say(f"  field values set      {values:>8}")
    names = {one["id"]: f"{one['name']} ({one['stringid']})" for one in account["lists"]}
    moves: Counter[tuple[str, int]] = Counter(
        (number, status)
        for old, one in pairs
        for number, status in one["lists"].items()
        if old.get("lists", {}).get(number) != status
    )
    for (number, status), count in sorted(moves.items()):
        say(f"  {STATUSES[status]:<21} {count:>8}  {names[number]}")
    back = sum(
        old["lists"].get(number) in {2, 3} and status == 1
        for old, one in pairs
        if old
        for number, status in one["lists"].items()
    )
    say(f"  subscribed again      {back:>8}  of those who had unsubscribed or bounced")
    events = Counter(event["event"] for one in after.values() for event in one["events"])
    for name, count in events.most_common():
        say(f"  event                 {count:>8}  {name}")
    hosts = Counter(visit["url"].split("/")[2] for one in after.values() for visit in one["visits"])
    for name, count in hosts.most_common():
        say(f"  visits                {count:>8}  {name}")


def _differs(old: Json, new: Json) -> bool:
    """Whether a contact's own data changed; what it did does not count."""
    return any(old[key] != new[key] for key in ("firstName", "lastName", "phone", "tags", "fields", "lists"))


def tell_cost(summary: Json, entries: list[Json], contacts: int) -> None:
    """Print what the sync took of the account's quota."""
    routes = Counter(f"{entry['method']} {entry['route']}" for entry in entries)
    for route, count in routes.most_common():
        say(f"  {count:>6}  {route}")
    used = sum(entry["lane"] != "tracking" for entry in entries)
    say(f"  {used:>6}  requests counted against the account's quota ({used / max(contacts, 1):.4f} per contact)")
    say(f"  {summary['rate_limited_429']:>6}  answers 429 (requests per second used up)")
    say(f"  {summary['import_limit_400']:>6}  answers 400 (imports per minute used up)")
    title("Automations that would have started")
    for kind, count in summary["automations"]["fired"].items():
        say(f"  {count:>6}  {kind.replace('_', ' ')}")


def tell_speed(entries: list[Json]) -> None:
    """Print how fast contacts went in during the steady part: full imports that follow each other without a pause."""
    times = [entry["time"] for entry in entries if entry.get("contacts") == FULL_IMPORT and entry["status"] < FAILED]
    steady = _steady(times)
    if len(steady) < 4:  # noqa: PLR2004 - fewer say nothing
        say("  Too few full imports follow each other to tell a speed.")
        return
    rate = FULL_IMPORT * (len(steady) - 1) / (steady[-1] - steady[0])
    say(
        f"  {rate:.0f} contacts/s over {len(steady)} imports of {FULL_IMPORT} contacts in a row; "
        f"the account's quota allows {CEILING:.0f}."
    )


def _steady(times: list[float]) -> list[float]:
    """Return the longest run of *times* without a gap of more than twice the usual one."""
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    if not gaps:
        return []
    runs = [[times[0]]]
    for gap, moment in zip(gaps, times[1:], strict=True):
        if gap > 2 * statistics.median(gaps):
            runs.append([])
        runs[-1].append(moment)
    return max(runs, key=len)


def tell_verdict(platform: Platform, status: int) -> bool:
    """Print whether the sync kept its promises."""
    rows, problems = platform.rows.total(), platform.judge()
    if status:
        problems.append(f"`write` ended with exit status {status}")
    after_last = rows - sum(sent.rows for sent in platform.sent.values())
    say(f"  rows sent             {rows:>8}" + (f"  ({after_last} after the last STATE)" if after_last else ""))
    say(f"  reported as written   {platform.written:>8.0f}")
    say(f"  reported as not       {platform.refused:>8.0f}")
    for name, count in platform.additional.items():
        say(f"    {name:<20}{count:>8}")
    say(f"  STATEs sent           {len(platform.sent):>8}")
    say(f"  STATEs back           {len(platform.back):>8}")
    for problem in problems:
        say(f"  WRONG: {problem}")
    say("  FAILED" if problems else "  Every STATE came back unchanged and in order, and its counts add up.")
    return not problems


# The whole


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE.jsonl", help="Airbyte messages (default: the sample)"
    )
    parser.add_argument("--catalog", type=Path, help="configured catalog (default: made of the rows' columns)")
    parser.add_argument(
        "--config",
        type=Path,
        help="settings (default: none but those of the emulator: URL and keys, which always replace what the file says)",
    )
    parser.add_argument("--account", type=Path, help="what the account holds before (default: the sample's)")
    parser.add_argument(
        "--shift-times",
        action=argparse.BooleanOptionalAction,
        help="move the rows' times so that the newest is now (default: only for the sample, whose times are fixed; "
        "without it all its events would be older than `skip_events_older_than`)",
    )
    parser.add_argument("--keep", action="store_true", help="leave the emulator running at the end, and say where")
    parsed = parser.parse_args()
    sample = parsed.file is None
    if sample:
        parsed.file = EXAMPLES / "messages.jsonl"
        parsed.catalog = parsed.catalog or EXAMPLES / "configured_catalog.json"
        parsed.config = parsed.config or EXAMPLES / "config.json"
    parsed.account = parsed.account or EXAMPLES / "account.json"
    if parsed.shift_times is None:
        parsed.shift_times = sample
    for path in (parsed.file, parsed.catalog, parsed.config, parsed.account):
        if path is not None and not path.is_file():
            parser.error(f"{path} is not a file")
    return parsed


def run(asked: argparse.Namespace, emulator: Emulator, folder: Path) -> bool:
    """Sync and show; returns whether all was well."""
    rows = Rows(asked.file, shift_times=asked.shift_times)
    catalog = json.loads(asked.catalog.read_text("utf-8")) if asked.catalog else rows.catalog()
    emulator.control("seed", asked.account.read_bytes())
    before, account = emulator.contacts()
    title("The account before")
    say(
        f"  {len(before)} contacts, {len(account['fields'])} custom fields, {len(account['lists'])} lists, "
        f"{len(account['tags'])} tags; {len(account['bounced'])} bounced, {len(account['exclusions'])} excluded"
    )
    options = emulator.control("switches")
    say(
        f"  quotas: {options['requests_per_second']} requests/s, {options['imports_per_minute']} imports/min; latency "
        f"{options['latency_ms']:.0f} ms; an import takes {options['import_seconds']:.0f} s + "
        f"{options['import_seconds_per_contact'] * 1000:.0f} ms a contact, ± {options['import_jitter']:.0%}"
    )
    if rows.shift:
        say(f"  the rows' times are moved by {rows.shift.days} days, so that the newest is now")
    settings = json.loads(asked.config.read_text("utf-8")) if asked.config else {}
    connector = Connector(folder, settings | emulator.settings, catalog)
    title("check")
    if not connector.check():
        return False
    title("write")
    last = emulator.control("journal")["last"]
    platform = Platform()
    with Ticker(emulator):
        status = connector.write(rows, platform)
    after, account = emulator.contacts()
    entries = emulator.control(f"journal?since={last}")["entries"]
    title("What landed in the account")
    tell_account(before, after, account)
    title("What was not written, and why")
    if not connector.left_out:
        say("  Nothing was left out.")
    for line in sorted(connector.left_out, key=lambda line: LEFT_OUT.split(line)[:2]):
        say_wrapped(line, "  ")
    title("Requests of `write`")
    touched = sum(email not in before or _differs(before[email], one) for email, one in after.items())
    tell_cost(emulator.control("summary"), entries, touched)
    title("Speed of contacts")
    tell_speed(entries)
    title("What the platform sees")
    return tell_verdict(platform, status)


def main() -> int:
    """Run the demo."""
    asked = arguments()
    os.umask(0o077)
    emulator = Emulator()
    try:
        with tempfile.TemporaryDirectory(prefix="demo-") as folder:
            well = run(asked, emulator, Path(folder))
    except BaseException:
        asked.keep = False
        raise
    finally:
        if not asked.keep:
            emulator.stop()
    if asked.keep:
        say(
            f"\nThe emulator still answers at {emulator.url} (its API is below /api/3, its controls below /_emulator/: "
            "/_emulator/contacts?email=... shows a contact, /_emulator/summary counts)."
        )
        say(f"Settings for it: {json.dumps(emulator.settings)}")
        say(f"End it with: kill {emulator.pid}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
