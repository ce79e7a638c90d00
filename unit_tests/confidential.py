"""What nobody may be told: emails, canaries, secrets of the settings, and what the texts of rows say.

Which texts a row has is decided in `row_texts`; where is looked for them by those who run the connector: `conftest` here,
`integration_tests` and `acceptance_tests`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

PACKAGE: Final = Path(__file__).parent.parent / "destination_activecampaign"
CANARY: Final = re.compile(r"zqx[\w-]*", re.IGNORECASE)
"""A word that begins so stands for what must never be told; without its hyphen too, as names are compared so."""

EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,190}\w")
ADVICE: Final = frozenset({"name@example.com", "2025-01-31", "2025-01-31t10:00:00+01:00", "2025-01-31t10:00:00"})
"""What messages show as examples of a good value."""

LONGEST: Final = 32
"""Of a longer text its beginning is looked for: it may be told cut short."""

UNDERSTOOD: Final = frozenset(
    {
        "true", "false", "yes", "no", "on", "off", "active", "subscribed", "subscribe", "unsubscribed", "unsubscribe",
        "identify", "track", "page", "group", "http:", "https:",
    }
)  # fmt: skip
"""What a row can only say in these words, which the connector's own messages hold too: they tell nobody apart."""

_NUMBER: Final = re.compile(r"[\d.,+-]{1,5}|nan|-?inf(inity)?")
"""What counts and numbers of rows look like too."""

_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")
_WORD: Final = re.compile(r"\w+")


def leaks(text: str, secrets: Iterable[str] = (), hidden: Hidden | None = None) -> list[str]:
    """Return what *text* tells that it may not, spelled plainly, in URLs or in JSON."""
    plain = _plain(text)
    told = {*EMAIL.findall(plain), *CANARY.findall(plain)} - ADVICE
    told |= {secret for secret in secrets if secret and secret.lower() in plain}
    if hidden is not None:
        told |= hidden.told_in(plain)
    return sorted(told)


def secrets_of(config: Mapping[str, Any]) -> set[str]:
    """Return the values in *config* whose names `spec.json` declares secret, wherever they stand."""
    names = _secret_names()
    return {value for name, value in _items(config) if name in names and isinstance(value, str)}


@dataclass(frozen=True)
class Hidden:
    """Texts of rows that must not be told, as those who look for them need them. All in lower case.

    `unseen`: those that could be told without being seen, as they are no canary and the connector may say them for
    another reason: a test should give its rows other texts.
    """

    words: frozenset[str]
    phrases: frozenset[str]
    unseen: frozenset[str]

    @classmethod
    def of(cls, values: Iterable[str], parts: Iterable[str] = (), known: str = "") -> Hidden:
        """Sort texts. *parts*: those inside of others, looked for where they can be; *known*: names that may be said."""
        known = known.lower()
        known_words = set(_WORD.findall(known))

        def is_said(text: str) -> bool:
            if _is_word(text):
                return text in _source_words() or text in known_words
            return text in known or text in _sources()

        texts = {_beginning(text) for text in values}
        told_apart = {text for text in texts if _tells_somebody(text)}
        said = {text for text in told_apart if is_said(text) and not CANARY.search(text) and not EMAIL.search(text)}
        # What has no letter, as in a random list of small numbers, is no word that a test could choose better.
        unseen = {text for text in said if any(map(str.isalpha, text))}
        looked_for = (told_apart - said) | {
            part for part in map(_beginning, parts) if _tells_somebody(part) and not is_said(part)
        }
        one_word = {text for text in looked_for if _is_word(text)}
        return cls(frozenset(one_word), frozenset(looked_for - one_word), frozenset(unseen))

    def told_in(self, plain: str) -> set[str]:
        """Return those that stand in *plain*, words only as a whole."""
        words = set(self.words).intersection(_WORD.findall(plain))
        return words | {text for text in self.phrases if text in plain and self._stands_alone(text, plain)}

    @staticmethod
    def _stands_alone(text: str, plain: str) -> bool:
        before = r"(?<!\w)" if text[0].isalnum() else ""
        after = r"(?!\w)" if text[-1].isalnum() and len(text) < LONGEST else ""
        return re.search(before + re.escape(text) + after, plain) is not None


def _plain(text: str) -> str:
    return unquote(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text.lower()))


def _beginning(text: str) -> str:
    return text.strip().lower()[:LONGEST].rstrip()


def _is_word(text: str) -> bool:
    return len(text) < LONGEST and _WORD.fullmatch(text) is not None


def _tells_somebody(text: str) -> bool:
    letters = sum(map(str.isalnum, text))
    return letters > 1 and text not in UNDERSTOOD and text not in ADVICE and _NUMBER.fullmatch(text) is None


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
    """Return the connector's code, which holds all its words, and whose lines a stack shows; lower case."""
    files = sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".json"))
    texts = (path.read_text("utf-8") for path in files if path.suffix == ".json")
    code = (_without_comments(path.read_text("utf-8")) for path in files if path.suffix == ".py")
    return "\n".join((*texts, *code)).lower()


@cache
def _source_words() -> frozenset[str]:
    return frozenset(_WORD.findall(_sources()))


def _without_comments(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for item in ast.iter_child_nodes(node):
            if (
                isinstance(item, ast.Expr)
                and isinstance(item.value, ast.Constant)
                and isinstance(item.value.value, str)
            ):
                item.value.value = ""
    return ast.unparse(tree)
