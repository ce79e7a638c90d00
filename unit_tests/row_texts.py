"""The texts of rows: all that is looked for in what the connector tells.

Which of them may be said for another reason is decided in `confidential`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from unit_tests.confidential import LONGEST, Hidden

MANY_DIGITS: Final = 6
"""A shorter number may well be a count."""

_WORD: Final = re.compile(r"\w+")
_SEVERAL: Final = re.compile(r",|\|\||[?&=#]|/+")
"""What parts the names in a text of several, and the parts of a URL."""


@dataclass(slots=True)
class RowTexts:
    """What the rows of a test say.

    `parts`: what stands inside of values; `names`: of columns, nested ones too; `known`: what may be said whatever a row
    holds, such as names of declared columns and of fields; `constants`: values that are the settings', not the rows'.
    """

    values: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)

    def add(self, value: Any) -> None:
        """Add a row or a value: every text in it, large numbers, and what stands in JSON text and in lists with commas."""
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if isinstance(each, str):
                self._add_text(each, waiting)
            elif isinstance(each, dict):
                self.names.update(str(name)[:LONGEST] for name in each)
                waiting.extend(each.values())
            elif isinstance(each, list | tuple | set | frozenset):
                waiting.extend(each)
            elif isinstance(each, int | float) and not isinstance(each, bool) and abs(each) >= 10 ** (MANY_DIGITS - 1):
                self.parts.add(str(each) if isinstance(each, float) else _digits(each))

    def add_lines(self, lines: Iterable[str | bytes]) -> None:
        """Add the rows of messages; what is no RECORD passes by."""
        for line in lines:
            try:
                message = json.loads(line)
                data = message["record"]["data"]
            except (ValueError, RecursionError, LookupError, TypeError):
                continue
            self.add(data)

    def add_request(self, url: str, body: bytes | None) -> None:
        """Add what a request carries: some is of a row, some the connector's own, so nothing of it need be told apart."""
        carried = RowTexts()
        for values in parse_qs(urlsplit(url).query).values():
            carried.add(values)
        text = (body or b"").decode("utf-8", "replace")
        carried.add(text if text[:1] in ("{", "[") else list(parse_qs(text).values()))
        self.parts |= carried.values | carried.parts

    def hidden(self) -> Hidden:
        """Return what is to be looked for. A name that spells a known one in its own way finds its place, and is told."""
        known = {_letters(word) for text in self.known for word in (text, *_WORD.findall(text))}
        names = {name for name in self.names if _letters(name) not in known}
        return Hidden.of(self.values - self.constants, self.parts | names, " ".join(self.known))

    def _add_text(self, text: str, waiting: list[Any]) -> None:
        start = text.lstrip()[:1]
        if start in ("{", "[") and start:
            try:
                waiting.append(json.loads(text))
            except (ValueError, RecursionError):
                self.values.add(text[: 4 * LONGEST])
            return
        short = text[: 4 * LONGEST]
        self.values.add(short)
        self.parts.update(part for part in _SEVERAL.split(short) if part != short)


def _digits(number: int) -> str:
    return str(number) if number.bit_length() < 1_000 else ""


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
