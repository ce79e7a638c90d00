"""Rows, stores and a clock for these tests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from destination_activecampaign.config import S3Storage
from destination_activecampaign.rejected_rows.store import RejectedRows
from unit_tests.rejected_rows.conftest import ACCESS_KEY, BUCKET, SECRET_KEY

USERS = ("public", "users")
NOON = 1_763_985_600.5
"""2025-11-24 12:00 UTC, and a half second."""


@dataclass
class FakeClock:
    """Time that passes when it is slept."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """Return seconds since some moment."""
        return self.now

    def wall(self) -> float:
        """Return seconds since 1970."""
        return NOON + self.now - 100.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


def a_line(data: object = None, **columns: Any) -> bytes:
    """Return a RECORD message."""
    record = {"stream": "users", "namespace": "public", "data": columns if data is None else data, "emitted_at": 1}
    return json.dumps({"type": "RECORD", "record": record}).encode()


def refuse(
    rows: RejectedRows,
    line: bytes,
    stream: tuple[str | None, str] = USERS,
    *,
    detail: str = "",
    written: bool = False,
) -> None:
    """Add a row that was refused for its email."""
    rows.add(stream, line, "email_invalid", "email", "Correct the address.", detail, written=written)


def s3_storage(endpoint: str | None, **changes: Any) -> S3Storage:
    """Return settings for the test's bucket."""
    settings: dict[str, Any] = {
        "s3_bucket_name": BUCKET,
        "s3_bucket_region": "us-east-1",
        "bucket_path": "/a/b/",
        "format_type": "JSONL",
        "access_key_id": ACCESS_KEY,
        "secret_access_key": SECRET_KEY,
        "s3_endpoint": endpoint,
    }
    return S3Storage(**{**settings, **changes})
