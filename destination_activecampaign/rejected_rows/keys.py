"""The names of objects in a bucket: `<path>/<sync>/<namespace>/<stream>/<date>_<timestamp>_<part>.<format>`.

The platform links to `<path>/<sync>/`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final

from destination_activecampaign.rejected_rows.rows import StreamId

NO_SYNC_ID: Final = "sync_unknown"
LONGEST_NAME: Final = 200
"""Bytes of a stream's or a namespace's name; a whole key may have 1,024."""

# What means something in a path or an address, and what S3's own guide advises against.
_AVOIDED: Final = re.compile(r'[/\\?#%&{}^\[\]`<>|"~*:;]')


def folder(bucket_path: str, sync_id: int | None) -> str:
    """Return what the keys of one sync begin with, a slash at its end."""
    segments = [safe_name(segment) for segment in bucket_path.strip().split("/") if segment]
    return "/".join((*segments, NO_SYNC_ID if sync_id is None else str(sync_id), ""))


def key(sync_folder: str, stream: StreamId, seconds: float, part: int, extension: str) -> str:
    """Return the key of an object written at *seconds* since 1970. *part*: its number in this sync, which makes it unique."""
    namespace, name = stream
    names = [safe_name(each) for each in (namespace, name) if each]
    date = datetime.fromtimestamp(seconds, UTC).strftime("%Y_%m_%d")
    return sync_folder + "/".join((*names, f"{date}_{int(seconds * 1000)}_{part}.{extension}"))


def safe_name(name: str) -> str:
    """Return *name* as one step of a path, whatever it holds."""
    plain = "".join("_" if unicodedata.category(char).startswith("C") else char for char in name)
    safe = _AVOIDED.sub("_", plain).encode()[:LONGEST_NAME].decode("utf-8", "ignore")
    return "_" * len(safe) if not safe.strip(". ") else safe
