"""A long sync at the documented quotas, with faults: what the connector's process holds, sampled every ten seconds.

How fast it goes is not looked at here: see `ceiling`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from benchmarks import growth
from benchmarks.harness import EVENT_KEY, ROOT, BenchmarkError, Emulator, settings
from benchmarks.rows import ACCOUNT, EVENT, Json, email, identify

SAMPLE_SECONDS: Final = 10.0
WARM_UP: Final = 0.25
"""The share of the run in which the window fills and threads and connections are opened."""

STATE_EVERY: Final = 250
PERSONAL: Final = re.compile(r"zqx-|person[0-9]+|Lovelace[0-9]")
"""What only rows hold."""

STREAMS: Final = {
    "identifies": ("email", "first_name", "last_name", "tags", "company_name", "plan_tier", "signed_up_on", "lists"),
    "tracks": ("email", "event", "value"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held. `temporary`: open files below its temporary folder, unlinked ones too, and their bytes."""

    seconds: float
    rss_kilobytes: int
    threads: int
    descriptors: int
    sockets: int
    temporary: int
    temporary_bytes: int


def messages(seconds: float) -> Iterator[bytes]:
    """Yield messages for so long: of a hundred rows one has no usable email, nine are events, ten repeat an email.

    Events have no message ids: the last 100,000 of them are remembered, which takes longer to fill than a warm-up.
    """
    end = time.monotonic() + seconds
    number = states = 0
    since = dict.fromkeys(STREAMS, 0)
    while time.monotonic() < end:
        kind = number % 100
        stream, row = "identifies", identify(number)
        if kind == 0:
            row["email"] = f"zqx-{number}"
        elif kind < 10:  # noqa: PLR2004 - nine in a hundred
            row = {"email": email(number - kind + 10), "event": EVENT, "value": "1"}
            stream = "tracks"
        elif kind < 20:  # noqa: PLR2004 - ten in a hundred
            row["email"] = email(max(number - 1_000, 0) // 100 * 100 + 50)
        number += 1
        since[stream] += 1
        yield _line({"type": "RECORD", "record": {"stream": stream, "emitted_at": 1767225600000, "data": row}})
        if number % STATE_EVERY == 0:
            for name in STREAMS:
                states += 1
                yield _state(name, states, since[name])
                since[name] = 0
    for name in STREAMS:
        states += 1
        yield _state(name, states, since[name])


def _state(stream: str, number: int, records: int) -> bytes:
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": number}}
    counted = {"id": number, "sourceStats": {"recordCount": float(records)}}
    return _line({"type": "STATE", "state": {"type": "STREAM", "stream": descriptor, **counted}})


def _line(message: Json) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def catalog() -> Json:
    """Return the configured catalog."""
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
            for name, columns in STREAMS.items()
        ]
    }


def sample(process: int, began: float, folder: Path) -> Sample:
    """Look at a process: `/proc` knows all of it."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text("utf-8").splitlines() if ":" in line
    )
    links, held = [], 0
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            link = str(descriptor.readlink())
        except FileNotFoundError:
            continue  # closed meanwhile
        links.append(link)
        held += descriptor.stat().st_size if link.startswith(str(folder)) else 0
    return Sample(
        round(time.monotonic() - began, 1),
        int(status["VmRSS"].split()[0]),
        int(status["Threads"]),
        len(links),
        sum(link.startswith("socket:") for link in links),
        sum(link.startswith(str(folder)) for link in links),
        held,
    )


def _feed(stdin: IO[bytes], seconds: float, sent: list[int]) -> None:
    for line in messages(seconds):
        stdin.write(line)
        sent[0] += line.startswith(b'{"type":"RECORD"')
        sent[1] += line.startswith(b'{"type":"STATE"')
    stdin.close()


def run(minutes: float, *, fast: bool = False) -> Json:
    """Sync for so many minutes and return the figures. Raises BenchmarkError where the sync itself went wrong.

    `fast`: as fast as the settings take, into an account without quotas, in place of the documented quotas.
    """
    sent = [0, 0]
    account = Emulator(growth.OPTIONS) if fast else Emulator()
    with tempfile.TemporaryDirectory(prefix="soak-") as name, account as emulator:
        folder = Path(name)
        temporary = folder / "temporary"
        temporary.mkdir()
        emulator.seed(ACCOUNT)
        emulator.fail(*growth.FAULTS)
        kept = {"storage_type": "Local", "path": str(folder / "rejected")}
        pace = growth.CONNECTOR if fast else {}
        config = settings(emulator, event_key=EVENT_KEY, object_storage_config=kept, **pace)
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "catalog.json").write_text(json.dumps(catalog()))
        files = ["--config", str(folder / "config.json"), "--catalog", str(folder / "catalog.json")]
        with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "destination_activecampaign", "write", *files],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                env={**os.environ, "TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)},
            )
            try:
                samples, cpu = _watch(process, minutes * 60.0, temporary, sent)
            finally:
                process.kill()
                process.wait()
        left = sum(1 for _ in temporary.iterdir())
        output = (folder / "stdout").read_text("utf-8").splitlines()
        said = [line for line in output if '"type":"STATE"' not in line] + (folder / "stderr").read_text().splitlines()
        rejected = sum(len(file.read_bytes().splitlines()) for file in (folder / "rejected").glob("*.jsonl"))
        summary = emulator.summary()
    states = [json.loads(line)["state"]["destinationStats"] for line in output if '"type":"STATE"' in line]
    told = sum(state["recordCount"] + state["rejectedRecordCount"] for state in states)
    if process.returncode or len(states) != sent[1] or told != sent[0]:
        raise BenchmarkError(
            f"Exit {process.returncode}; {len(states)} of {sent[1]} STATEs came back, with {told:.0f} of {sent[0]} rows. "
            "It said last:\n" + "\n".join(said[-20:])
        )
    return {
        "minutes": minutes,
        "rows": sent[0],
        "rejected": int(sum(state["rejectedRecordCount"] for state in states)),
        "rows_kept": rejected,
        "states": len(states),
        "requests": summary["requests_total"],
        "cpu_seconds": cpu,
        "personal_lines": sum(PERSONAL.search(line) is not None for line in said),
        "temporary_files_left": left,
        **figures(samples, minutes * 60.0),
        "samples": [asdict(each) for each in samples],
    }


def _watch(
    process: subprocess.Popen[bytes], seconds: float, temporary: Path, sent: list[int]
) -> tuple[list[Sample], float]:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    began = time.monotonic()
    threading.Thread(target=_feed, args=(process.stdin, seconds, sent), daemon=True).start()
    samples: list[Sample] = []
    cpu = 0.0
    while process.poll() is None and time.monotonic() - began < seconds + 900.0:
        try:
            samples.append(sample(process.pid, began, temporary))
            used = Path(f"/proc/{process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            cpu = (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, KeyError):
            break  # it ended while it was looked at
        try:
            process.wait(SAMPLE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    return samples, cpu


def figures(samples: list[Sample], seconds: float) -> Json:
    """Compare the first quarter after the warm-up with the last quarter before the input ended."""
    steady = [each for each in samples if WARM_UP * seconds <= each.seconds <= seconds]
    quarter = max(len(steady) // 4, 1)
    told: Json = {}
    for what in ("rss_kilobytes", "threads", "descriptors", "sockets", "temporary", "temporary_bytes"):
        values = [getattr(each, what) for each in steady]
        told[what] = {
            "first": statistics.median(values[:quarter]),
            "last": statistics.median(values[-quarter:]),
            "most": max(values),
        }
    return told


def not_flat(told: Json) -> list[str]:
    """Return what grew: memory by more than 2 %, anything that is counted by more than two, or personal lines at all."""
    grown = [
        f"{what} went from {told[what]['first']:.0f} to {told[what]['last']:.0f}"
        for what, allowed in (
            ("rss_kilobytes", told["rss_kilobytes"]["first"] * 0.02),
            *((what, 2) for what in ("threads", "descriptors", "sockets", "temporary")),
        )
        if told[what]["last"] - told[what]["first"] > allowed
    ]
    if told["personal_lines"]:
        grown.append(f"{told['personal_lines']} lines of the log hold what rows held")
    if told["temporary_files_left"]:
        grown.append(f"{told['temporary_files_left']} temporary files were left")
    return grown


def main() -> None:
    """Run it; exit 1 where something grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--fast", action="store_true", help="without the account's quotas")
    parser.add_argument("--samples", type=Path, metavar="FILE", help="keep every sample there, as JSON")
    arguments = parser.parse_args()
    told: dict[str, Any] = run(arguments.minutes, fast=arguments.fast)
    if arguments.samples:
        arguments.samples.write_text(json.dumps(told, indent=1))
    del told["samples"]
    print(json.dumps(told, indent=1), flush=True)
    grown = not_flat(told)
    for line in grown:
        print(f"not flat: {line}")
    sys.exit(bool(grown))


if __name__ == "__main__":
    main()
