"""Whether the demo says of a sync that all was well."""

from __future__ import annotations

import pytest

from demo.platform import Platform
from demo.told import tell_verdict

ROW = {"stream": "identifies", "data": {"email": "ada@example.com"}}


def a_platform(*, comes_back: bool = True) -> Platform:
    """Return a platform that sent a row and a STATE."""
    platform = Platform()
    platform.record(ROW)
    sent = platform.state({"type": "STATE", "state": {"type": "GLOBAL", "global": {}}})
    if comes_back:
        stats = {"destinationStats": {"recordCount": 1.0, "rejectedRecordCount": 0.0}}
        platform.came_back({**sent, "state": {**sent["state"], **stats}})
    return platform


def test_a_sync_whose_states_come_back_is_well() -> None:
    """Its counts add up."""
    assert tell_verdict(a_platform(), 0)


@pytest.mark.parametrize(
    ("platform", "status", "wrong"),
    [
        (Platform(), 0, "no row"),
        (a_platform(comes_back=False), 0, "1 of 1 STATEs did not come back"),
        (a_platform(), 1, "exit status 1"),
    ],
)
def test_what_is_wrong_is_told(platform: Platform, status: int, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of which nothing could be read is no success."""
    assert not tell_verdict(platform, status)
    assert "WRONG: " in (said := capsys.readouterr().out)
    assert wrong in said
