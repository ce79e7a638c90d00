"""Refused rows in a bucket: one object for each stream and flush. What is sent how, is in `s3_client`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

from destination_activecampaign.errors import TransientError
from destination_activecampaign.rejected_rows import keys
from destination_activecampaign.rejected_rows.buffered import Buffered
from destination_activecampaign.rejected_rows.csv_parts import csv_parts
from destination_activecampaign.rejected_rows.s3_client import Bucket
from destination_activecampaign.rejected_rows.settings import S3Storage

TRIES: Final = 5
FIRST_WAIT: Final = 1.0
DEADLINE_SECONDS: Final = 120.0
"""After this long a flush begins no further try."""

LONGEST_FLUSH_SECONDS: Final = 600.0
"""After this long it begins no further object: whoever flushes does nothing else meanwhile."""


class S3Rows(Buffered):
    """Puts objects `<bucket_path>/<sync_id>/<namespace>/<stream>/<date>_<timestamp>_<part>.jsonl` (or `.csv`)."""

    def __init__(
        self,
        storage: S3Storage,
        sync_id: int | None,
        *,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
        sleep: Callable[[float], None],
        stopped: Callable[[], bool] = lambda: False,
        bucket: Bucket | None = None,
    ) -> None:
        super().__init__(monotonic, tells_stream=False)
        self._bucket = bucket or Bucket(storage, wall, stopped=stopped)
        self._csv = storage.format_type == "CSV"
        self._path = keys.folder(storage.bucket_path, sync_id)
        self._probe = keys.folder(storage.bucket_path, None) + "write_probe"
        self._wall = wall
        self._sleep = sleep
        self._part = 0

    def flush(self) -> None:
        """Put what waits into the bucket; each object is confirmed by the server, which compares its digest."""
        began = self._monotonic()
        deadline = began + DEADLINE_SECONDS
        while self.pending:
            if self._monotonic() - began > LONGEST_FLUSH_SECONDS:
                raise TransientError(
                    f"Rejected rows could not be kept: S3 took more than {LONGEST_FLUSH_SECONDS:.0f} s for them."
                )
            stream, lines = self._oldest()
            for body in self._bodies(lines):
                extension = "csv" if self._csv else "jsonl"
                name = keys.key(self._path, stream, self._wall(), self._part, extension)
                self._part += 1
                self._put(name, body, deadline)
            self._stored(stream)

    def prove(self) -> None:
        """Write an object and remove it; a right to remove is not needed for rows, so it may be missing."""
        self._put(self._probe, b"", self._monotonic() + DEADLINE_SECONDS)
        self._bucket.remove(self._probe)

    def _bodies(self, lines: list[bytes]) -> Iterator[bytes]:
        if self._csv:
            yield from csv_parts(lines)
        else:
            yield b"".join(lines)

    def _put(self, name: str, body: bytes, deadline: float) -> None:
        """Put an object, again where that may help: the same name and bytes, so that a lost answer doubles nothing."""
        for attempt in range(1, TRIES + 1):
            try:
                self._bucket.put(name, body)
            except TransientError as error:
                # Jitter: the other connections that keep rows here met the same fault at the same moment.
                wait = FIRST_WAIT * 2 ** (attempt - 1) * (0.5 + random.random() / 2)  # noqa: S311 - no secret
                if attempt == TRIES or self._monotonic() + wait > deadline:
                    raise TransientError(f"{error.message} Tried {attempt} times.") from None
                self._sleep(wait)
            else:
                return
