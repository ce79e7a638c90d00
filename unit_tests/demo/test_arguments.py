"""What the demo says of files that it cannot use, before it starts anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from demo.__main__ import arguments


@pytest.mark.parametrize("option", ["--catalog", "--config", "--account"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"{,}", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2"),
        (b"\xff\xfe{", "is not JSON: "),
        (b"[]", "is not a JSON object"),
    ],
)
def test_a_file_that_is_no_json_object_is_told(  # noqa: PLR0917 - a case, and the fixtures
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    option: str,
    content: bytes | None,
    told: str,
) -> None:
    """With its name, and no traceback."""
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["scripts/demo", option, str(path)])
    with pytest.raises(SystemExit):
        arguments()
    assert f"error: {path} {told}" in capsys.readouterr().err


def test_the_sample_is_what_is_shown_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its catalog, settings and account, its times moved."""
    monkeypatch.setattr(sys, "argv", ["scripts/demo"])
    asked = arguments()
    assert asked.file.name == "messages.jsonl"
    assert asked.shift_times
    assert [set(asked.catalog), set(asked.config)] == [{"streams"}, {"mappings"}]
    assert "contacts" in asked.account
