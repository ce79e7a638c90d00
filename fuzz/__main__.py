"""Runs libFuzzer on `properties`: lines of the integration tests' scenarios are where it starts from."""

from __future__ import annotations

import argparse
import copy
import json
import logging
import random
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import atheris

with atheris.instrument_imports(include=["destination_activecampaign.protocol", "destination_activecampaign.mappings"]):
    from destination_activecampaign.messages import Record
    from fuzz import properties
    from unit_tests.conftest import Heard, overheard

ROOT: Final = Path(__file__).parent.parent
FOUND: Final = ROOT / "fuzz" / "found"
SYNC_EVERY: Final = 50
"""A whole sync takes fifty times as long as the rest: every so many inputs have one."""

WORDS: Final = (
    "email", "firstName", "lastName", "name", "phone", "userId", "tags", "tagsReset", "tags_remove", "lists", "PLAN", "CITY",
    "SIGNUP_DATE", "INTERESTS", "SEEN", "AMOUNT", "field_1", "traits", "context", "properties", "event", "event_text", "value",
    "acValue", "timestamp", "messageId", "url", "referrer", "type", "identify", "track", "page", "status", "active", "id",
    "zqx-a@example.com", "\\ud800", "\\u0000", "NaN", "1e400", "||", "2025-01-31", "https://", "true", "null",
)  # fmt: skip


VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2**64, 2**80, 1.5, 1e300, float("nan"), float("inf"), "", " ", "zqx-a", "zqx-a,zqx-b", "zqx-a\0",
    "zqx-\ud800", "zqx-a@example.com", '["zqx-a"]', '{"zqx-a": 1}', "[zqx-a", "||zqx-a||b||", "2025-01-31T10:00:00+02:00", [], {},
    ["zqx-a", None, 1, ["zqx-b"]], {"email": "zqx-b@example.com"}, [{"id": "1", "status": "active"}], "https://zqx-a.example.com/x",
    "z" * 70, "\u1e9e\u200b\u202e", [[[[[[[[]]]]]]]],
)  # fmt: skip


def mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """Change *data*, as a custom mutator of libFuzzer: half of the time as bytes, else as the JSON that it holds."""
    chance = random.Random(seed)
    try:
        line = json.loads(data[1:])
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict) or chance.random() < 0.5:
        changed: bytes = atheris.Mutate(data, max_size)
        return changed
    for _ in range(chance.randint(1, 4)):
        inside = line["record"]["data"] if chance.random() < 0.9 and _has_data(line) else line
        while nested := [each for each in inside.values() if isinstance(each, dict) and each]:
            if chance.random() < 0.5:
                break
            inside = chance.choice(nested)
        name = chance.choice([*inside, chance.choice(WORDS)])
        if chance.random() < 0.15:
            inside.pop(name, None)
        else:
            inside[name] = copy.deepcopy(chance.choice(VALUES))  # it may be changed in its turn
    return data[:1] + json.dumps(line).encode()[: max_size - 1]


def _has_data(line: dict[str, Any]) -> bool:
    return isinstance(line.get("record"), dict) and isinstance(line["record"].get("data"), dict)


class Target:
    """One input after another. `ran`: how many."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.ran = 0

    def __call__(self, data: bytes) -> None:
        """Try all properties on *data*; its first byte says in what pieces it is read."""
        self.ran += 1
        self.heard.clear()
        piece = 1 + data[0] * 7 if data else 1
        records = [each for each in properties.read(data[1:], piece) if isinstance(each, Record)]
        for record in records:
            properties.maps(record, self.heard.told)
            properties.keeps(record)
        if records and self.ran % SYNC_EVERY == 0:
            properties.ends(records, self.heard.told)


def seeds(folder: Path) -> None:
    """Write the lines of the scenarios, each once, and those that were found to be wrong before."""
    lines = {
        line
        for file in (ROOT / "integration_tests" / "scenarios").glob("*/messages.jsonl")
        for line in file.read_bytes().split(b"\n")
        if len(line) < 4_000  # longer ones only repeat themselves
    }
    for number, line in enumerate(sorted(lines)):
        (folder / f"line{number}").write_bytes(b"\xff" + line + b"\n")


def main() -> None:
    """Fuzz for so many seconds; what breaks a property is written to `fuzz/found`."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--megabytes", type=int, default=700, help="of memory: more is a find")
    arguments = parser.parse_args()
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        corpus, dictionary = Path(name) / "corpus", Path(name) / "words"
        corpus.mkdir()
        seeds(corpus)
        dictionary.write_text("".join(f"{json.dumps(word)}\n" for word in WORDS if "\\u" not in word))
        flags = [
            f"-max_total_time={arguments.seconds}",
            f"-rss_limit_mb={arguments.megabytes}",
            f"-artifact_prefix={FOUND}/",
            f"-dict={dictionary}",
            "-max_len=8192",
            "-timeout=30",
            "-print_final_stats=1",
        ]
        target = Target()
        logging.getLogger().handlers.clear()  # the CDK's, which prints
        with overheard(target.heard):
            atheris.Setup([sys.argv[0], *flags, str(corpus)], target, custom_mutator=mutated)
            atheris.Fuzz()


if __name__ == "__main__":
    main()
