"""Prints for a person. What there is to tell is not known here."""

from __future__ import annotations

import textwrap
from typing import Final

from benchmarks.rows import Json

WIDTH: Final = 140


def say(text: str = "") -> None:
    """Print a line now, also where the output is a pipe."""
    print(text, flush=True)


def title(text: str) -> None:
    """Print the title of a part."""
    say(f"\n{text}\n{'-' * len(text)}")


def show(message: Json, prefix: str = "") -> None:
    """Print a LOG or an error for a person."""
    if message["type"] == "LOG":
        level = message["log"]["level"]
        text = message["log"]["message"] if level == "INFO" else f"{level}: {message['log']['message']}"
    elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
        error = message["trace"]["error"]
        text = f"{error['failure_type']}: {error['message']}"
    else:
        return
    for line in text.splitlines():
        say_wrapped(line, prefix)
        prefix = " " * len(prefix)


def say_wrapped(line: str, prefix: str) -> None:
    """Print a line that may be longer than a terminal is wide; a table's line stays as it is."""
    if len(prefix) + len(line) <= WIDTH:
        say(prefix + line)
    else:
        say(textwrap.fill(line, WIDTH, initial_indent=prefix, subsequent_indent=" " * (len(prefix) + 2)))
