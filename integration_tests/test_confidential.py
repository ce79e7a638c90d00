"""A connector that tells what a row holds fails the test that ran it: tried with one that is made to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from integration_tests.harness import (
    EVENT_KEY,
    as_platform,
    catalog_of,
    connection,
    emulated_account,
    record,
    state,
    write,
)
from integration_tests.process import Connector
from unit_tests.test_confidential import EVENT, PERSON, TEXTS, VISIT

SEED: Final = {
    "fields": [{"title": "Plan", "perstag": "PLAN"}],
    "lists": [{"name": "Retreats", "stringid": "retreats"}],
    "url_whitelistings": ["www.shop.example"],
}

TELLING: Final = """
import json, logging, sys
from destination_activecampaign.errors import TransientError
from destination_activecampaign.mappings import identify, page, track
from destination_activecampaign.sync.writer import Writer

TEXTS = json.loads({texts!r})


def telling(mapped, how):
    def tell(self, row, now=0.0, /):
        for text in TEXTS:
            if text.lower() in json.dumps(row).lower():
                how(text)
        return mapped(self, row, now)

    return tell


def log(text):
    logging.getLogger("destination_activecampaign").warning("Column plan holds %s", text)


heard = []
trace = heard.append


def ending(run):
    def end(self):
        yield from run(self)
        if heard:
            raise TransientError(" and ".join(dict.fromkeys(heard)))

    return end


def stderr(text):
    print("Column plan holds", text, file=sys.stderr)


for kind in (identify.Identify, page.Page, track.Track):
    kind.map = telling(kind.map, {how})
Writer.run = ending(Writer.run)
"""
"""What Python runs in each process before the connector, where `PYTHONPATH` shows it."""


def sync(folder: Path) -> None:
    """Sync one row of each mapping."""
    streams = catalog_of(
        identifies=("email", "firstName", "lastName", "phone", "tags", "tags_remove", "lists", "plan", "userId"),
        tracks=tuple(EVENT),
        pages=tuple(VISIT),
    )
    rows: list[tuple[dict[str, Any], str]] = [(PERSON, "identifies"), (EVENT, "tracks"), (VISIT, "pages")]
    sent = as_platform([*(record(*row) for row in rows), *(state(1, stream) for _, stream in rows)])
    with emulated_account({}, SEED) as server:
        write(folder, connection(server, event_key=EVENT_KEY, page_delivery="local_event"), streams, sent)


@pytest.mark.parametrize("how", ["log", "trace", "stderr"])
def test_each_kind_of_text_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """In a log line, in an error's text, on standard error."""
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(TELLING.format(texts=json.dumps(TEXTS), how=how), "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(hook))
    sync(tmp_path)
    found = [line for run in Connector.started for line in run.leaks()]
    Connector.started.clear()  # else this test fails for it, as any other would
    assert [text for text in TEXTS if not any(text in line.partition(": ")[2] for line in found)] == []


def test_the_same_sync_tells_nothing_by_itself(tmp_path: Path) -> None:
    """So that it was the change that was found."""
    sync(tmp_path)
    assert [line for run in Connector.started for line in run.leaks()] == []
