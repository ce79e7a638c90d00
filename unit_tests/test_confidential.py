"""The look-out for what is confidential sees it, however it is spelled, and is looking in every test."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from destination_activecampaign.errors import ConfigError, RecordRejected, TransientError
from destination_activecampaign.mappings.identify import Identify
from destination_activecampaign.mappings.outcome import PartRefused
from destination_activecampaign.mappings.page import Page
from destination_activecampaign.mappings.track import Track
from unit_tests.confidential import leaks, secrets_of
from unit_tests.conftest import HEARD, Heard, Listener, overheard, told_wrongly
from unit_tests.row_texts import RowTexts
from unit_tests.simulation import CONTACTS, Simulation, catalog, record, state

ROOT: Final = Path(__file__).parent.parent

PERSON: Final[dict[str, Any]] = {
    "email": "Ida@Shop.example",
    "firstName": "Ida",
    "lastName": "Zorn",
    "phone": "+49 30 1234567",
    "tags": "Gourmet,Weekender",
    "tags_remove": ["Dormant-2024"],
    "lists": [{"id": "Offers", "status": "active"}],
    "plan": "Platinum Plus",
    "userId": "u-981",
    "traits": {"city": "Marylebone", "address": {"street": "Abbey Rd 3"}},
    "income": 123_456,
    "born": "1815-12-10",
}
EVENT: Final[dict[str, Any]] = {
    "email": "ida@shop.example",
    "event": "Bought Ring",
    "value": "engraved: For Zoe",
    "messageId": "m-77",
    "properties": '{"coupon": "WEDDING"}',
}
VISIT: Final[dict[str, Any]] = {
    "email": "ida@shop.example",
    "url": "https://www.shop.example/orders?of=ida",
    "referrer": "https://search.example/?q=rings",
}
TEXTS: Final = (
    "Ida@Shop.example", "Ida", "Zorn", "+49 30 1234567", "Gourmet", "Weekender", "Dormant-2024", "Platinum Plus", "u-981",
    "Marylebone", "Abbey Rd 3", "123456", "1815-12-10", "Bought Ring", "engraved: For Zoe", "m-77", "WEDDING",
    "https://www.shop.example/orders?of=ida", "search.example", "rings",
)  # fmt: skip
"""One of each kind of text in the rows above."""


def texts(*rows: dict[str, Any], known: str = "") -> RowTexts:
    """Return the texts of rows."""
    found = RowTexts(known={known})
    found.add(list(rows))
    return found


@pytest.mark.parametrize(
    "said",
    ["Row 3: Ada@Shop.example", "GET /contacts?email=ada%40shop.example", '{"message": "ada\\u0040shop.example"}'],
)
def test_emails_are_seen(said: str) -> None:
    """Plain, in a URL, in JSON."""
    assert leaks(said) == ["ada@shop.example"]


def test_canaries_and_secrets_are_seen() -> None:
    """Inside other text too, and without the hyphen, as names are compared."""
    assert leaks("x=ZQX-Name; key k-123!", ["k-123"]) == ["k-123", "zqx-name"]
    assert leaks("no column zqxplan") == ["zqxplan"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "spelled",
    [str, str.upper, quote, json.dumps, repr, lambda text: f"column x holds {text}.", lambda text: f"<{text}>"],
    ids=["plain", "upper", "url", "json", "repr", "sentence", "tag"],
)
def test_each_kind_of_text_is_seen(text: str, spelled: Any) -> None:
    """However it is spelled."""
    assert leaks(spelled(text), hidden=texts(PERSON, EVENT, VISIT).hidden())


def test_texts_that_are_cut_short_are_seen() -> None:
    """From 32 letters on."""
    row = {"note": "She came by on Tuesday and asked for the blue one"}
    assert leaks("She came by on Tuesday and asked...", hidden=texts(row).hidden())


def test_a_word_is_seen_as_a_whole_only() -> None:
    """Part of another word says nothing of a row."""
    assert leaks("Idaho, zornig", hidden=texts(PERSON).hidden()) == []


def test_names_that_only_rows_tell_are_seen() -> None:
    """Keys of a nested object may be values; one that spells a known name finds its place, and is told."""
    row = {"traits": {"Marylebone": 1, "Plan_Tier": 2}}
    hidden = texts(row, known="planTier").hidden()
    assert leaks("traits.Marylebone, traits.Plan_Tier", hidden=hidden) == ["marylebone"]


def test_what_the_connector_says_itself_is_no_leak() -> None:
    """Its examples, words that a row can only say so, counts, and single letters."""
    assert leaks("Addresses such as name@example.com") == []
    row = {"status": "unsubscribed", "day": "2025-01-31", "n": "1,234", "x": "b", "flag": True}
    assert texts(row).hidden().unseen == frozenset()
    assert leaks("unsubscribed 2025-01-31 1,234 b true", hidden=texts(row).hidden()) == []


@pytest.mark.parametrize(("text", "known"), [("rejected", ""), ("Plan tier", '"plan tier"')])
def test_a_text_that_could_be_told_unseen_fails_its_test(text: str, known: str) -> None:
    """The connector's own words, and names of columns and settings; a canary in it helps."""
    assert texts({"plan": text}, known=known).hidden().unseen == {text.lower()}
    assert told_wrongly([], texts({"plan": text}, known=known)) != []
    assert told_wrongly([], texts({"plan": f"zqx-{text}"}, known=known)) == []


def test_secrets_are_those_that_the_spec_declares() -> None:
    """Wherever they stand in the settings."""
    config = {"api_key": "a", "api_url": "b", "object_storage_config": {"secret_access_key": "c", "path": "d"}}
    assert secrets_of(config) == {"a", "c"}


def test_what_is_logged_and_made_is_overheard() -> None:
    """Log lines with their arguments, and texts of errors and outcomes that nobody shows."""
    heard = Heard()
    with overheard(heard):
        logging.getLogger("airbyte").info("Row of %s", "overheard one")
        RecordRejected("reason", "column", "overheard two")
        PartRefused("reason", "column", "overheard three")
    RecordRejected("reason", "column", "said later")
    assert {"Row of overheard one", "overheard two", "overheard three"} <= heard.texts()
    assert "said later" not in heard.texts()


def test_what_an_error_comes_from_is_overheard() -> None:
    """Its cause, what was handled when it was raised, and notes; not what `from None` hides from a traceback."""
    noted = ValueError("of the cause")
    noted.add_note("a note")
    heard = Heard()
    with overheard(heard):
        with pytest.raises(TransientError):
            raise TransientError("fine") from noted
        with pytest.raises(ConfigError):
            _raise_while_handling("of the context", hide=False)
        with pytest.raises(ConfigError):
            _raise_while_handling("hidden one", hide=True)
    told = " ".join(heard.texts())
    assert [text for text in ("of the cause", "a note", "of the context") if text not in told] == []
    assert "hidden one" not in told


def _raise_while_handling(text: str, *, hide: bool) -> None:
    try:
        int(text)
    except ValueError:
        if hide:
            raise ConfigError("fine too") from None
        raise ConfigError("fine")  # noqa: B904 - what is tested


@pytest.mark.parametrize("way", ["log", "outcome", "error"])
def test_a_connector_that_tells_a_row_is_found_out(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, way: str
) -> None:
    """Whatever kind of text it tells in a whole sync: in a log line, in the reason of a part, as the cause of an error."""
    tell = {"log": _log, "outcome": _refuse, "error": _raise}[way]
    for handler in [*logging.getLogger().handlers, *logging.getLogger("airbyte").handlers]:
        if not isinstance(handler, Listener):
            monkeypatch.setattr(handler, "level", logging.CRITICAL)  # what is printed could not be unsaid
    for mapping in (Identify, Track, Page):
        monkeypatch.setattr(mapping, "map", _telling(mapping.map, tell))
    _whole_sync()
    heard = request.node.stash[HEARD]
    found = [line for line in told_wrongly(heard.texts(), heard.rows) if line.startswith("told")]
    heard.clear()  # else this test fails for it, as any other would
    assert [text for text in TEXTS if not any(text in line.partition(": ")[2] for line in found)] == []


def test_the_same_sync_tells_nothing_by_itself(request: pytest.FixtureRequest) -> None:
    """So that it was the change that was found."""
    _whole_sync()
    heard = request.node.stash[HEARD]
    assert told_wrongly(heard.texts(), heard.rows) == []


def _whole_sync() -> None:
    lines = [record("identifies", **PERSON), record("tracks", **EVENT), record("pages", **VISIT)]
    streams = catalog(identifies=(*CONTACTS, "traits", "income", "born"), tracks=tuple(EVENT), pages=tuple(VISIT))
    ended = Simulation().sync([*lines, *(state(stream, 1) for stream in ("identifies", "tracks", "pages"))], streams)
    assert ended.settled == len(lines)


def _telling(method: Any, tell: Callable[[str], None]) -> Any:
    def telling(self: Any, row: dict[str, Any], now: float = 0.0, /) -> Any:
        for text in TEXTS:
            if text.lower() in json.dumps(row).lower():
                tell(text)
        return method(self, row, now)

    return telling


def _log(text: str) -> None:
    logging.getLogger("destination_activecampaign.mappings").warning("Column plan holds %s", text)


def _refuse(text: str) -> None:
    PartRefused("invalid_value", "plan", f"Column plan does not fit: {text}.")


def _raise(text: str) -> None:
    TransientError(f"Step {TEXTS.index(text)} failed.").__cause__ = ValueError(text)


def test_one_module_starts_the_connector_in_the_integration_tests() -> None:
    """It is the one whose output is looked through after each test."""
    starting = {
        path.name
        for path in (ROOT / "integration_tests").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and "subprocess" in {alias.name for alias in node.names}
    }
    assert starting == {"process.py"}
