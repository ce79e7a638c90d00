"""What nobody may be told: emails, canaries, secrets of the settings, and what the texts of rows say.

Where it is looked for is decided by those who run the connector: `conftest` here, and `integration_tests`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

PACKAGE: Final = Path(__file__).parent.parent / "destination_activecampaign"
CANARY: Final = re.compile(r"zqx-[\w-]*", re.IGNORECASE)
"""A word that begins so stands for what must never be told."""

EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,190}\w")
ADVICE: Final = "name@example.com"
"""The one address that messages show, as an example of a good one."""

DISTINCT: Final = 6
"""A shorter text may well be said for another reason than that a row holds it."""

LONGEST: Final = 200
"""Of a longer text its beginning is looked for."""

_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")
_WORD: Final = re.compile(r"[^\s\"'`,;:()\[\]{}|\\]+")


def leaks(text: str, secrets: Iterable[str] = (), row_texts: Iterable[str] = ()) -> list[str]:
    """Return what *text* tells that it may not, spelled plainly, in URLs or in JSON."""
    plain = unquote(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text.lower()))
    told = {*EMAIL.findall(plain), *CANARY.findall(plain)} - {ADVICE}
    told |= {secret for secret in secrets if secret and secret.lower() in plain}
    words = set(_WORD.findall(plain))
    told |= {each for each in row_texts if (each in words if _is_word(each) else each in plain)}
    return sorted(told)


def secrets_of(config: Mapping[str, Any]) -> set[str]:
    """Return the values in *config* whose names `spec.json` declares secret, wherever they stand."""
    names = _secret_names()
    return {value for name, value in _items(config) if name in names and isinstance(value, str)}


def texts_of(lines: Iterable[str], known: str = "") -> set[str]:
    """Return the texts in the rows of *lines*, messages, that nobody can say for another reason; lower case.

    Left out are those that are short, that the connector's own sources hold, and that are in *known*: names that it may
    say, such as those of streams, columns and the account's fields.
    """
    found: set[str] = set()
    for line in lines:
        try:
            message = json.loads(line)
            data = message["record"]["data"]
        except (ValueError, RecursionError, LookupError, TypeError):
            continue
        found |= {text.strip()[:LONGEST].lower() for text in _texts(data)}
    spoken = _sources() + known.lower()
    return {text for text in found if len(text) >= DISTINCT and text not in spoken}


def _is_word(text: str) -> bool:
    return len(text) < LONGEST and _WORD.fullmatch(text) is not None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _items(item)


@cache
def _secret_names() -> frozenset[str]:
    spec = json.loads((PACKAGE / "spec.json").read_text("utf-8"))
    return frozenset(
        name for name, declared in _items(spec) if isinstance(declared, dict) and declared.get("airbyte_secret")
    )


@cache
def _sources() -> str:
    files = sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".json"))
    return "\n".join(path.read_text("utf-8") for path in files).lower()
