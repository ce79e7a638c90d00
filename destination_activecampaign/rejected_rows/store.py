"""Where refused rows go. `open_store` makes the store that the settings ask for; nothing else here knows S3 or files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.rejected_rows.local import LocalRows
from destination_activecampaign.rejected_rows.rows import StreamId
from destination_activecampaign.rejected_rows.settings import S3Storage, Storage


class RejectedRows(Protocol):
    """Keeps refused rows. Not for several threads at once: `flush` must not run beside `add`.

    Rows are kept at least once: what is sent again after a failure, or by the next sync, is kept again.
    """

    def add(  # noqa: PLR0917 - a row, and the fields of an outcome in their order
        self,
        stream: StreamId,
        record_line: bytes,
        reason: str,
        field: str,
        message: str,
        detail: str,
        *,
        written: bool,
    ) -> None:
        """Take up a row, given as the RECORD message that it came as; never raises. `written`: only a part was refused."""
        ...

    def due(self, now: float) -> bool:
        """Whether to flush now, at `monotonic` time *now*: 10 s after the first row that waits, or at once from 8 MB on."""
        ...

    @property
    def pending(self) -> bool:
        """Whether rows wait for `flush`."""
        ...

    def flush(self) -> None:
        """Store every row that waits; on return they would survive a crash of this machine.

        Raises TransientError, or ConfigError with what to change; what could not be stored goes on waiting.
        """
        ...

    def prove(self) -> None:
        """Write a probe and remove it. Raises as `flush` does."""
        ...


def open_store(
    storage: Storage,
    sync_id: int | None,
    *,
    monotonic: Callable[[], float],
    wall: Callable[[], float],
    sleep: Callable[[float], None],
    stopped: Callable[[], bool] = lambda: False,
) -> RejectedRows | None:
    """Return the store that *storage* asks for, None for none; nothing is written or asked yet.

    `sync_id`: the platform's number of this sync, where it has one; `wall`: seconds since 1970; `sleep`: waits between
    tries, and may raise to give up; `stopped`: whether the sync was stopped. Raises ConfigError for settings that cannot be.
    """
    if storage.storage_type == "S3":
        return _s3(storage, sync_id, monotonic=monotonic, wall=wall, sleep=sleep, stopped=stopped)
    if storage.storage_type == "Local":
        return LocalRows(storage.path, sync_id, monotonic=monotonic, wall=wall)
    return None


def _s3(
    storage: S3Storage,
    sync_id: int | None,
    *,
    monotonic: Callable[[], float],
    wall: Callable[[], float],
    sleep: Callable[[float], None],
    stopped: Callable[[], bool],
) -> RejectedRows:
    try:
        from destination_activecampaign.rejected_rows.s3 import S3Rows  # noqa: PLC0415 - boto3 is an extra
    except ModuleNotFoundError as error:
        if error.name not in ("boto3", "botocore"):
            raise
        raise ConfigError(
            "Keeping rejected rows in S3 needs the package boto3: install destination-activecampaign[s3], or choose another "
            "storage under `object_storage_config`."
        ) from None
    return S3Rows(storage, sync_id, monotonic=monotonic, wall=wall, sleep=sleep, stopped=stopped)
