"""Runs the connector on sample tables, as Airbyte would, against an emulated account, and shows what came of it.

It starts the emulator, plants an account in it, runs `check` and `write` as processes, plays the platform's part (numbers
STATEs, counts rows) and reads the account back. It never talks to ActiveCampaign: URL and keys are the emulator's.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Final

from benchmarks.harness import EVENT_KEY, ROOT, Emulator, end_all, settings
from benchmarks.rows import Json
from demo.beside import Beside
from demo.connector import LEFT_OUT, Connector
from demo.platform import Platform
from demo.rows import Rows
from demo.said import say, say_wrapped, title
from demo.ticker import Ticker
from demo.told import differs, tell_account, tell_cost, tell_verdict

EXAMPLES: Final = ROOT / "examples"


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
    if not parsed.file.is_file():
        parser.error(f"{parsed.file} is not a file")
    for option in ("catalog", "config", "account"):
        setattr(parsed, option, _read(getattr(parsed, option), parser))
    return parsed


def _read(path: Path | None, parser: argparse.ArgumentParser) -> Json | None:
    """Return the JSON object in a file, None where none is named; ends the demo where it is none."""
    if path is None:
        return None
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        parser.error(f"{path} cannot be read: {error.strerror}")
    except ValueError as error:
        parser.error(f"{path} is not JSON: {error}")
    if not isinstance(value, dict):
        parser.error(f"{path} is not a JSON object")
    return value


def show(asked: argparse.Namespace, emulator: Emulator, folder: Path) -> Beside | None:
    """Sync and show; returns what was measured beside it if all was well."""
    rows = Rows(asked.file, shift_times=asked.shift_times)
    catalog = rows.catalog() if asked.catalog is None else asked.catalog
    emulator.seed(asked.account)
    before, account = _contacts(emulator)
    title("The account before")
    say(
        f"  {len(before)} contacts, {len(account['fields'])} custom fields, {len(account['lists'])} lists, "
        f"{len(account['tags'])} tags; {len(account['bounced'])} bounced, {len(account['exclusions'])} excluded"
    )
    options = emulator.ask("GET", "switches")
    say(
        f"  quotas: {options['requests_per_second']} requests/s, {options['imports_per_minute']} imports/min; latency "
        f"{options['latency_ms']:.0f} ms; an import takes {options['import_seconds']:.0f} s + "
        f"{options['import_seconds_per_contact'] * 1000:.0f} ms a contact, ± {options['import_jitter']:.0%}"
    )
    if rows.shift:
        say(f"  the rows' times are moved by {rows.shift.days} days, so that the newest is now")
    own = asked.config or {}
    connector = Connector(folder, own | settings(emulator, event_key=EVENT_KEY), catalog)
    title("check")
    if not connector.check():
        return None
    title("write")
    checked = len(emulator.journal())
    platform = Platform()
    beside = Beside()
    with Ticker(emulator):
        status = connector.write(rows, platform)
    after, account = _contacts(emulator)
    requests = emulator.journal()[checked:]
    title("What landed in the account")
    tell_account(before, after, account)
    title("What was not written, and why")
    if not connector.left_out:
        say("  Nothing was left out." if status == 0 else "  `write` did not come to its end: it says above why.")
    for line in sorted(connector.left_out, key=lambda line: LEFT_OUT.split(line)[:2]):
        say_wrapped(line, "  ")
    title("Requests of `write`")
    touched = sum(email not in before or differs(before[email], one) for email, one in after.items())
    tell_cost(emulator.summary(), requests, touched)
    title("What the platform sees")
    return beside if tell_verdict(platform, status) else None


def _contacts(emulator: Emulator) -> tuple[dict[str, Json], Json]:
    """Return the contacts by email, and the rest of the account."""
    account = emulator.ask("GET", "dump")
    return {one["email"].lower(): one for one in account.pop("contacts")}, account


def _leave(emulator: Emulator) -> None:
    """Leave the emulator running, and say where."""
    emulator.let_go()
    say(
        f"\nThe emulator still answers at {emulator.url} (its API is below /api/3, its controls below /_emulator/: "
        "/_emulator/contacts?email=... shows a contact, /_emulator/summary counts)."
    )
    say(f"Settings for it: {json.dumps(settings(emulator, event_key=EVENT_KEY))}")
    say(f"End it with: kill {emulator.pid}")


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Run the demo."""
    asked = arguments()
    os.umask(0o077)
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in stops:
        signal.signal(number, _stop)
    try:
        emulator = Emulator()
        with tempfile.TemporaryDirectory(prefix="demo-") as folder:
            beside = show(asked, emulator, Path(folder))
        if asked.keep:
            _leave(emulator)
        if beside is None:
            return 1
        title("Beside it, at the documented quotas: the same rows, as others write them")
        return 0 if beside.tell() else 1
    finally:
        for number in stops:
            signal.signal(number, signal.SIG_IGN)
        end_all()


if __name__ == "__main__":
    sys.exit(main())
