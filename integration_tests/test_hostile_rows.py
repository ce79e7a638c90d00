"""Rows that are strange, huge or malicious, all in one sync: each is written or refused with its reason, none ends it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration_tests import expectations, harness
from integration_tests.harness import as_platform, catalog_of, connection, emulated_account, record, state, write

SEED = {
    "fields": [
        {"title": "Note", "perstag": "NOTE", "type": "textarea"},
        {"title": "Amount", "perstag": "AMOUNT", "type": "number"},
    ],
    "lists": [
        {"name": "2", "stringid": "first"},
        {"name": "Offers", "stringid": "second"},
        {"name": "77", "stringid": "7x"},
    ],
    "contacts": [
        {"email": f"{name}@example.com", "firstName": "Here"} for name in ("event", "deep_event", "wide_event")
    ],
}
COLUMNS = ("email", "first_name", "last_name", "note", "amount", "tags", "lists", "case")
NAMED = {"last_name": "zqx-Last"}
NULLS = "zqx-a\0b"
SURROGATE = "zqx-\ud800"


@dataclass(frozen=True)
class Hostile:
    """A row and its end. `data` may be JSON text; `reason`: why it, or a part of it, is refused; `contact`: what is written."""

    data: dict[str, Any] | str
    reason: str = ""
    contact: dict[str, Any] | None = None
    stream: str = "identifies"
    email: str = ""
    part: bool = field(default=False)


def nested(levels: int) -> str:
    """Return JSON of so many arrays, one in the other."""
    return "[" * levels + '"zqx-deep"' + "]" * levels


def contact(**expected: Any) -> dict[str, Any]:
    """Return what an identify row without trouble leaves, with changes."""
    return {"lastName": "zqx-Last", **expected}


ROWS: dict[str, Hostile] = {
    # size
    "ten megabytes in a field": Hostile({**NAMED, "note": "zqx-" * 2_500_000}, "row_too_large"),
    "ten megabytes in a column that goes nowhere": Hostile({**NAMED, "other": "zqx-" * 2_500_000}, contact=contact()),
    "more than 399,999 bytes": Hostile({**NAMED, "note": "zqx-" * 100_000}, "row_too_large"),
    "a little less than that": Hostile(
        {**NAMED, "note": "zqx-" * 97_000}, contact=contact(fields={"NOTE": "zqx-" * 97_000})
    ),
    "more than that once escaped": Hostile({**NAMED, "note": "\u1e9e" * 70_000}, "row_too_large"),
    "5,000 columns": Hostile({**NAMED, **{f"zqx_{n}": "zqx-v" for n in range(5_000)}}, contact=contact()),
    "a tag of 10,000 characters": Hostile(
        {**NAMED, "tags": ["zqx-" + "t" * 9_996, "vip"]}, contact=contact(tags=["zqx-" + "t" * 9_996, "vip"])
    ),
    # nesting
    "200 levels in a field": Hostile(
        '"last_name": "zqx-Last", "note": ' + nested(200), "invalid_value", contact(fields={}), part=True
    ),
    "900 levels in a column that goes nowhere": Hostile(
        '"last_name": "zqx-Last", "other": ' + nested(900), contact=contact()
    ),
    "900 levels in the tags": Hostile('"last_name": "zqx-Last", "tags": ' + nested(900), "tags_unreadable"),
    "900 levels in an event's properties": Hostile(
        '"event": "zqx-Deep", "properties": {"a": ' + nested(900) + "}",
        "value_invalid",
        stream="tracks",
        email="deep_event@example.com",
    ),
    # text that is none
    "a lone surrogate in a name": Hostile(
        {**NAMED, "first_name": SURROGATE}, "invalid_value", contact(firstName=""), part=True
    ),
    "a lone surrogate in the email": Hostile({**NAMED, "email": f"{SURROGATE}@example.com"}, "email_invalid"),
    "a lone surrogate in a tag": Hostile({**NAMED, "tags": [SURROGATE]}, "invalid_value", contact(tags=[]), part=True),
    "a lone surrogate as a column": Hostile({**NAMED, SURROGATE: "zqx-v"}, contact=contact()),
    "NUL in a name": Hostile({**NAMED, "first_name": NULLS}, "invalid_value", contact(firstName=""), part=True),
    "NUL in the email": Hostile({**NAMED, "email": "zqx-\0@example.com"}, "email_invalid"),
    "NUL in an event's name": Hostile(
        {"event": NULLS}, "event_name_missing", stream="tracks", email="event@example.com"
    ),
    # numbers
    "a number beyond 64 bits": Hostile({**NAMED, "note": 2**80}, contact=contact(fields={"NOTE": str(2**80)})),
    "a number beyond 64 bits in a number": Hostile(
        {**NAMED, "amount": -(2**80)}, contact=contact(fields={"AMOUNT": str(-(2**80))})
    ),
    "a number of 5,000 digits": Hostile(
        '"last_name": "zqx-Last", "note": ' + "9" * 5_000, contact=contact(fields={"NOTE": "9" * 5_000})
    ),
    "NaN": Hostile('"last_name": "zqx-Last", "amount": NaN', "invalid_value", contact(fields={}), part=True),
    "a number beyond a double": Hostile(
        '"last_name": "zqx-Last", "amount": 1e400', "invalid_value", contact(fields={}), part=True
    ),
    # emails
    "an email with quotes": Hostile({**NAMED, "email": '"zqx a"@example.com'}, "email_invalid"),
    "an email with a newline inside": Hostile({**NAMED, "email": "zqx-a\nb@example.com"}, "email_invalid"),
    "an email with newlines around": Hostile(
        {**NAMED, "email": "\n Around@example.com\r\n"}, contact=contact(), email="around@example.com"
    ),
    "an email with a header in it": Hostile(
        {**NAMED, "email": "zqx-a@example.com\r\nBcc: zqx-b@example.com"}, "email_invalid"
    ),
    "an email of other scripts": Hostile(
        {**NAMED, "email": "jos\u00e9@ex\u00e4mple.de"}, contact=contact(), email="jos\u00e9@ex\u00e4mple.de"
    ),
    "an email with an invisible character": Hostile({**NAMED, "email": "zqx-a\u200b@example.com"}, "email_invalid"),
    # what others might run
    "HTML in a name": Hostile(
        {**NAMED, "first_name": "<script>alert('zqx-')</script>"},
        contact=contact(firstName="<script>alert('zqx-')</script>"),
    ),
    "a formula in a name": Hostile(
        {**NAMED, "first_name": "=zqx-cmd|' /C calc'!A0"}, contact=contact(firstName="=zqx-cmd|' /C calc'!A0")
    ),
    "personalization in a name": Hostile(
        {**NAMED, "first_name": "%EMAIL% zqx-x"}, contact=contact(firstName="%EMAIL% zqx-x")
    ),
    # lists whose names look like ids
    "a list named like another's id": Hostile(
        {**NAMED, "lists": [{"id": "2", "status": "active"}]}, contact=contact(lists={"2": 1})
    ),
    "a list named like no id": Hostile({**NAMED, "lists": [{"id": "77", "status": "active"}]}, "list_unknown"),
    # events
    "an event of 3,000 properties": Hostile(
        {"event": "zqx-Wide", **{f"zqx_{n}": n for n in range(3_000)}}, stream="tracks", email="wide_event@example.com"
    ),
}


def address(name: str) -> str:
    """Return the email of a row, unless the row has one of its own."""
    return ROWS[name].email or f"row{list(ROWS).index(name)}@example.com"


def line(name: str) -> str:
    """Return the RECORD of a row, whose `case` tells its name."""
    row = ROWS[name]
    if isinstance(row.data, dict):
        return record({"case": name, "email": address(name), **row.data}, row.stream)
    data = f'{{"case": {json.dumps(name)}, "email": {json.dumps(address(name))}, {row.data}}}'
    return f'{{"type": "RECORD", "record": {{"stream": "{row.stream}", "emitted_at": 1, "data": {data}}}}}'


def test_each_row_ends_as_the_table_says(tmp_path: Path) -> None:
    """Each is written, written without a part, or refused; the sync goes on, and passes by what no parser takes."""
    lines = [line(name) for name in ROWS]
    unreadable = line("200 levels in a field").replace("200 levels", "zqx").replace(nested(200), nested(100_000))
    # `tracks` sends its columns as properties, so that all of a row would arrive.
    sent = as_platform([*lines, state(1), state(1, "tracks")])
    sent.lines.insert(len(lines) // 2, unreadable)
    kept = {"storage_type": "Local", "path": str(tmp_path / "kept")}
    with emulated_account({}, {**SEED, "event_names": ["zqx-Wide"]}) as server:
        config = connection(server, event_key=harness.EVENT_KEY, event_data="properties", object_storage_config=kept)
        tracks = ("email", "event", "properties", "case")
        output = write(tmp_path, config, catalog_of(identifies=COLUMNS, tracks=tracks), sent)
        dumped = harness.control(server, "GET", "dump")["contacts"]
    rows = [json.loads(text) for file in (tmp_path / "kept").glob("*") for text in file.read_text("utf-8").splitlines()]
    by_case = {(row.get("case") or json.loads(_whole(row["record"]))["record"]["data"]["case"]): row for row in rows}
    counts = {
        key: sum(one["destinationStats"][key] for one in output.states)
        for key in ("recordCount", "rejectedRecordCount")
    }
    contacts = {one["email"]: one for one in dumped}
    wrong = {name: why for name in ROWS if (why := _wrong(name, by_case.get(name, {}), contacts.get(address(name))))}
    assert wrong == {}
    assert (list(expectations.broken_rules(sent, output)), output.exit_code) == ([], 0)
    refused = sum(bool(row.reason) and not row.part for row in ROWS.values())
    assert counts == {"recordCount": len(ROWS) - refused, "rejectedRecordCount": refused}


def _whole(text: str) -> str:
    return text.replace("\ufffd", "?")


def _wrong(name: str, kept: dict[str, Any], written: dict[str, Any] | None) -> str:
    """Return how a row ended otherwise than the table says; cut short, as values are long."""
    row = ROWS[name]
    ended = kept.get("rejected_reason", ""), kept.get("rejected_row_written", False)
    if ended != (row.reason, row.part):
        return f"ended as {ended}"
    if row.stream == "identifies":
        got = written and {key: written[key] for key in row.contact or {}}
        return "" if got == row.contact else f"is {got!r:.200}"
    if row.reason:
        return ""
    events = [json.loads(event["eventdata"]) for event in (written or {}).get("events", ())]
    return "" if [len(event) for event in events] == [3_001] else f"{len(events)} events, {events!r:.200}"
