"""Rows in a file on this machine."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from destination_activecampaign.config import LocalStorage
from destination_activecampaign.errors import ConfigError, TransientError
from destination_activecampaign.rejected_rows.store import RejectedRows, open_store
from unit_tests.rejected_rows.factories import FakeClock, a_line, refuse


def store(folder: Path, sync_id: int | None = 7) -> RejectedRows:
    """Return a store in *folder*."""
    clock = FakeClock()
    made = open_store(LocalStorage(str(folder)), sync_id, monotonic=clock.monotonic, wall=clock.wall, sleep=clock.sleep)
    assert made is not None
    return made


def rows_in(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_flush_appends_what_waits(tmp_path: Path) -> None:
    """All streams share the file of their sync, and each row says whose it is."""
    rows = store(tmp_path / "made" / "here")
    refuse(rows, a_line(id=1))
    refuse(rows, a_line(id=2), (None, "orders"), written=True)
    rows.flush()
    assert not rows.pending
    refuse(rows, a_line(id=3))
    rows.flush()
    rows.flush()
    file = tmp_path / "made" / "here" / "rejected_rows_7.jsonl"
    assert [(row["id"], row["rejected_stream"]) for row in rows_in(file)] == [(1, "users"), (2, "orders"), (3, "users")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_makes_no_file(tmp_path: Path) -> None:
    """A sync without rejected rows leaves nothing behind."""
    store(tmp_path / "folder").flush()
    assert list(tmp_path.iterdir()) == []


def test_next_attempt_goes_on_after_a_line_that_a_crash_cut(tmp_path: Path) -> None:
    """The rows before and after it stay readable."""
    file = tmp_path / "rejected_rows_7.jsonl"
    file.write_bytes(b'{"id":0}\n{"id":1,"na')
    rows = store(tmp_path)
    refuse(rows, a_line(id=2))
    rows.flush()
    lines = file.read_bytes().splitlines()
    assert lines[:2] == [b'{"id":0}', b'{"id":1,"na']
    assert json.loads(lines[2])["id"] == 2
    assert len(lines) == 3


def test_sync_without_a_number_has_its_time_as_name(tmp_path: Path) -> None:
    """Two syncs do not share a file."""
    rows = store(tmp_path, None)
    refuse(rows, a_line(id=1))
    rows.flush()
    assert [file.name for file in tmp_path.iterdir()] == ["rejected_rows_2025_11_24_120000_500000.jsonl"]


def test_rows_are_on_the_disk_when_flush_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, then the folder that names it, were confirmed."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(stat.S_IFMT(os.fstat(descriptor).st_mode)))
    rows = store(tmp_path)
    refuse(rows, a_line(id=1))
    rows.flush()
    assert synced == [stat.S_IFREG, stat.S_IFDIR]


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ENOSPC, ConfigError, "no room left"),
        (errno.EDQUOT, ConfigError, "no room left"),
        (errno.EROFS, ConfigError, "may not write"),
        (errno.ENODEV, ConfigError, "name a folder on a volume"),
        (errno.EIO, TransientError, "the next sync tries again"),
    ],
)
def test_rows_that_could_not_be_stored_wait_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception], said: str
) -> None:
    """Half of them do not stay in the file either: a second flush writes each once."""
    rows = store(tmp_path)
    refuse(rows, a_line(id=1, name="c4nary"))

    def fsync(_: int) -> None:
        raise OSError(number, "c4nary")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fsync)
        with pytest.raises(kind, match=said) as told:
            rows.flush()
    assert "c4nary" not in str(told.value)
    assert rows.pending
    file = tmp_path / "rejected_rows_7.jsonl"
    assert file.read_bytes() == b""
    rows.flush()
    assert [row["id"] for row in rows_in(file)] == [1]


def test_folder_that_cannot_be_asked_to_confirm_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems refuse that for folders."""

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "")

    monkeypatch.setattr(os, "fsync", fsync)
    rows = store(tmp_path)
    refuse(rows, a_line(id=1))
    rows.flush()
    assert not rows.pending


def test_proof_leaves_nothing(tmp_path: Path) -> None:
    """The folder is made, the probe removed."""
    store(tmp_path / "folder").prove()
    assert list((tmp_path / "folder").iterdir()) == []


def test_path_that_is_a_file_is_told(tmp_path: Path) -> None:
    """The setting is named, with what to do."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"object_storage_config\.path` is not a folder"):
            store(path).prove()
        rows = store(path)
        refuse(rows, a_line(id=1))
        with pytest.raises(ConfigError):
            rows.flush()


def test_place_that_takes_no_files_is_told() -> None:
    """Here the system says only that there is no such file. Trying again would not help."""
    with pytest.raises(ConfigError, match=r"name a folder on a volume .* \(No such file or directory, ENOENT\)"):
        store(Path("/proc/nowhere")).prove()
