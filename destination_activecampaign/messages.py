"""The messages of a source as values, shared by the layer that reads them and the one that acts on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Record:
    """A row. `raw`: the line as it came, empty where a caller handed over a message instead of a line."""

    stream: str
    namespace: str | None
    data: dict[str, Any]
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class State:
    """A STATE. `stream`: (namespace, name) for STREAM, None for GLOBAL and LEGACY; `message`: all of it, as it came."""

    type: Literal["STREAM", "GLOBAL", "LEGACY"]
    stream: tuple[str | None, str] | None
    message: Any
    size: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that had to be passed by. `kind`: `line`, `record`, `state` or `type`."""

    kind: str


@dataclass(frozen=True, slots=True)
class EndOfInput:
    """The source has sent all that it had. `error`: why reading ended, if it broke."""

    error: str | None = None
