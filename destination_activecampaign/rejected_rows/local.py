"""Refused rows of all streams in one file of JSON lines for each sync, on the connector's own disk."""

from __future__ import annotations

import errno
import io
import os
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from destination_activecampaign.errors import ConfigError, TransientError
from destination_activecampaign.rejected_rows.buffered import Buffered

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_FOLDER: Final = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP})
_MAY_PASS: Final = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.EINTR,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOLCK,
        errno.ENOMEM,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
_NOT_FOR_FOLDERS: Final = frozenset({errno.EINVAL, errno.ENOTSUP})


class LocalRows(Buffered):
    """Appends to `<path>/rejected_rows_<sync_id>.jsonl`, so that all attempts of one sync are in one file.

    Without a sync_id the file is named by the time at which the sync began. Each row tells its stream.
    """

    def __init__(
        self, path: str, sync_id: int | None, *, monotonic: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        super().__init__(monotonic, tells_stream=True)
        began = datetime.fromtimestamp(wall(), UTC)
        name = began.strftime("%Y_%m_%d_%H%M%S_%f") if sync_id is None else str(sync_id)
        self._folder = Path(path)
        self._file = self._folder / f"rejected_rows_{name}.jsonl"

    def flush(self) -> None:
        """Append what waits, and have the disk confirm it."""
        if not self.pending:
            return
        try:
            self._make_folder()
            _append(self._file, self._all())
            _sync_folder(self._folder)
        except OSError as error:
            raise _told(error) from None
        self._all_stored()

    def prove(self) -> None:
        """Write a file of its own beside the rows, and remove it."""
        probe = self._folder / f".probe_{uuid.uuid4().hex}"
        try:
            self._make_folder()
            try:
                _append(probe, [b"{}\n"])
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise _told(error) from None

    def _make_folder(self) -> None:
        missing = [folder for folder in (self._folder, *self._folder.parents) if not folder.exists()]
        self._folder.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            _sync_folder(folder.parent)


def _append(path: Path, lines: Iterable[bytes]) -> None:
    """Append whole lines, or nothing: what a failure leaves is cut off again."""
    # Rows are personal data: only the connector's own user may read them.
    with open(path, "a+b", buffering=0, opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        end = file.seek(0, io.SEEK_END)
        try:
            for data in (_missing_line_end(file, end), *lines):
                _write(file, data)
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise


def _missing_line_end(file: io.FileIO, end: int) -> bytes:
    """Return what ends the last line, if a crash cut it short: the next row begins on a line of its own."""
    if not end:
        return b""
    file.seek(end - 1)
    return b"" if file.read(1) == b"\n" else b"\n"


def _write(file: io.FileIO, data: bytes) -> None:
    """Write all of *data*: one call may take only a part of it."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _sync_folder(folder: Path) -> None:
    """Have the disk keep the names in *folder* too; without them a crash may leave a file that nobody finds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_FOR_FOLDERS:  # some network file systems keep names at once, and cannot be asked
            raise
    finally:
        os.close(descriptor)


def _told(error: OSError) -> ConfigError | TransientError:
    """Say what to do; the system's word for it at the end. What it adds of its own, such as a file's name, is left out."""
    code = errno.errorcode.get(error.errno or 0, "unknown")
    why = f"({os.strerror(error.errno)}, {code})" if error.errno else f"({type(error).__name__})"
    where = "the folder `object_storage_config.path`"
    if error.errno in _MAY_PASS:
        return TransientError(f"Rejected rows could not be written in {where}; the next sync tries again {why}.")
    if error.errno in _FULL:
        return ConfigError(f"There is no room left in {where}: free some, then sync again {why}.")
    if error.errno in _DENIED:
        return ConfigError(
            f"The connector's user may not write in {where}: give it the right, or name another folder {why}."
        )
    if error.errno in _NO_FOLDER:
        return ConfigError(f"{where[0].upper()}{where[1:]} is not a folder that can be made: name another {why}.")
    return ConfigError(
        f"Rejected rows cannot be written in {where}: name a folder on a volume that the connector's user may write, or "
        f"choose another storage {why}."
    )
