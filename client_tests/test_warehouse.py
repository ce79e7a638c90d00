"""A DuckDB warehouse: its views, in UPPER CASE, reach the account and are read back by Airbyte's own source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from client_tests.clients import ENVIRONMENTS, Ran, contacts, run, settings
from integration_tests.harness import API_KEY, control, emulated_account

COUNT: Final = 60
SEED: Final = {
    "lists": [{"name": "News", "stringid": "news"}],
    "fields": [
        {"title": "External id", "perstag": "EXTERNAL_ID"},
        {"title": "City", "perstag": "CITY"},
        {"title": "Weight kg", "perstag": "WEIGHT_KG", "type": "number"},
    ],
    "url_whitelistings": ["shop.example.com"],
}


@dataclass(frozen=True, slots=True)
class Synced:
    """The program's run, the account's contacts by email, and what Airbyte's source read of the account, by stream."""

    ran: Ran
    contacts: dict[str, dict[str, Any]]
    read: dict[str, list[dict[str, Any]]]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a view."""
        rows: list[dict[str, Any]] = self.ran.answer[table]
        return rows

    def values(self, tag: str) -> dict[str, str]:
        """Return a custom field's values by email, as Airbyte's source read them."""
        emails = {one["id"]: one["email"] for one in self.read["contacts"]}
        (field,) = (one["id"] for one in self.read["fields"] if one["perstag"] == tag)
        return {emails[one["contact"]]: one["value"] for one in self.read["fieldValues"] if one["field"] == field}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    """Sync the views, then read the account back."""
    (manifest,) = (ENVIRONMENTS / "source-activecampaign").glob(
        "lib/*/site-packages/source_activecampaign/manifest.yaml"
    )
    folder: Path = tmp_path_factory.mktemp("warehouse")
    (folder / "back").mkdir()
    with emulated_account({}, SEED) as server:
        ran = run("warehouse", folder, count=COUNT, settings=settings(server))
        back = run("read_back", folder / "back", url=server.url, api_key=API_KEY, manifest=str(manifest))
        assert "eventTrackingEvents" in back.answer
        assert control(server, "GET", "dump")["unknown"] == {}
        yield Synced(ran, contacts(server), back.answer)


def test_upper_case_columns_need_no_mapping(synced: Synced) -> None:
    """The tables' names and columns are Segment's: the plan is made without a setting, and no row is refused."""
    assert "IDENTIFIES → identify (Segment's table name)" in synced.ran.logged
    assert "TRACKS → track (Segment's table name)" in synced.ran.logged
    assert "PAGES → page (Segment's table name)" in synced.ran.logged
    assert "rejected:" not in synced.ran.logged


def test_contacts_read_back_equal_the_view(synced: Synced) -> None:
    """As many contacts as rows, with their names and phones."""
    rows = synced.rows("IDENTIFIES")
    assert len(synced.read["contacts"]) == len(rows) == COUNT
    got = [(one["email"], one["firstName"], one["lastName"], one["phone"]) for one in synced.read["contacts"]]
    assert sorted(got) == sorted(
        (row["EMAIL"].lower(), row["FIRST_NAME"], row["LAST_NAME"], row["PHONE"]) for row in rows
    )


def test_field_values_read_back_equal_the_view(synced: Synced) -> None:
    """Text, number and the user's id."""
    rows = synced.rows("IDENTIFIES")
    assert synced.values("CITY") == {row["EMAIL"].lower(): row["CITY"] for row in rows}
    assert synced.values("EXTERNAL_ID") == {row["EMAIL"].lower(): row["USER_ID"] for row in rows}
    weights = {email: float(value) for email, value in synced.values("WEIGHT_KG").items()}
    assert weights == {row["EMAIL"].lower(): float(row["WEIGHT_KG"]) for row in rows}


def test_tags_read_back_equal_the_view(synced: Synced) -> None:
    """Tags that the view writes as JSON: by name, as many on contacts as in rows."""
    names = {tag["id"]: tag["tag"] for tag in synced.read["tags"]}
    got = Counter(names[one["tag"]] for one in synced.read["contactTags"])
    young = sum("younger" in row["TAGS"] for row in synced.rows("IDENTIFIES"))
    assert got == Counter({"warehouse": COUNT, "younger": young, "older": COUNT - young})
    assert 0 < young < COUNT


def test_list_read_back_holds_everybody(synced: Synced) -> None:
    """The list is found by its name in a row, and every contact is active on it."""
    (news,) = synced.read["lists"]
    assert news["stringid"] == "news"
    assert Counter((one["list"], one["status"]) for one in synced.read["contactLists"]) == {(news["id"], "1"): COUNT}


def test_every_track_is_an_event(synced: Synced) -> None:
    """The event's name is read back by the source; the events, which it has no stream for, are in the account's dump.

    Values are sums that the warehouse adds up anew for each query, so their last digits differ.
    """
    assert "Order Completed" in {one["name"] for one in synced.read["eventTrackingEvents"]}
    emails = {row["USER_ID"]: row["EMAIL"].lower() for row in synced.rows("IDENTIFIES")}
    rows = [(emails[row["USER_ID"]], "Order Completed", round(float(row["VALUE"]), 2)) for row in synced.rows("TRACKS")]
    assert rows
    got = [
        (email, event["event"], round(float(event["eventdata"]), 2))
        for email, one in synced.contacts.items()
        for event in one["events"]
    ]
    assert sorted(got) == sorted(rows)


def test_every_page_is_a_visit(synced: Synced) -> None:
    """Visits are in no stream of the source and in no answer of the API: the account's dump has them."""
    rows = [(row["CONTEXT_TRAITS_EMAIL"].lower(), row["URL"]) for row in synced.rows("PAGES")]
    assert rows
    got = [(email, visit["url"]) for email, one in synced.contacts.items() for visit in one["visits"]]
    assert sorted(got) == sorted(rows)
