"""Which entry of `mappings` decides about a stream, and what is told of one that decides about none."""

from __future__ import annotations

import pytest

from destination_activecampaign.sync.choice import choose
from unit_tests.sync.test_choice import Entry, a_configured, chosen, error_of

INSTEAD = " Correct that, or add an entry to mappings: {"


@pytest.mark.parametrize(
    ("pattern", "namespace", "fits"),
    [
        ("orders_*", None, True),
        ("*", "crm", True),
        ("ORDERS_2025", "C*", True),
        ("orders", None, False),
        ("*", "shop", False),
        ("orders.2025", None, False),
        ("order?_2025", None, False),
    ],
)
def test_entries_fit_by_pattern(pattern: str, namespace: str | None, *, fits: bool) -> None:
    """Only `*` is special, and case does not count."""
    stream = a_configured("orders_2025", "email", namespace="crm")
    if fits:
        assert chosen(stream, Entry(pattern, "identify", namespace)).kind == "identify"
    else:
        assert "no mapping" in error_of(stream, entries=(Entry(pattern, "identify", namespace),))


def test_a_pattern_of_namespaces_fits_no_stream_without_one() -> None:
    """Only `*` stands for no text too."""
    assert "no mapping" in error_of(a_configured("a", "email"), entries=(Entry("a", "identify", "x*"),))
    assert chosen(a_configured("a", "email"), Entry("a", "identify", "*")).kind == "identify"


def test_the_first_entry_that_fits_counts() -> None:
    """One that decides about no stream is told."""
    entries = (Entry("a*", "ignore"), Entry("ab", "identify"))
    choices = choose([a_configured("ab", "email")], entries)
    assert choices.streams[0].kind == "ignore"
    assert choices.notes == ("mappings: the entry for ab decides about no stream",)
    assert choices.warnings == ()


def test_every_entry_that_decides_is_in_use() -> None:
    """Not the last one alone."""
    entries = (Entry("a", "identify"), Entry("b", "identify"))
    assert choose([a_configured("a", "email"), a_configured("b", "email")], entries).notes == ()


def test_an_entry_for_a_misspelled_stream_is_named_beside_the_stream_that_nothing_maps() -> None:
    """By its place in the settings; of several streams, the one that it is like."""
    entries = (Entry("orders", "track"), Entry("Custmers", "identify"))
    message = error_of(a_configured("customers", "email"), a_configured("hats", "email"), entries=entries)
    customers, hats = message.split(" Stream hats ")
    told = "mappings[1] is for stream Custmers, which the catalog does not have; did you mean customers?"
    assert f"Columns found: email. {told}{INSTEAD}" in customers
    assert "mappings[" not in hats


def test_an_entry_for_another_namespace_is_named() -> None:
    """With the namespace that the stream has, or that it has none."""
    entries = (Entry("customers", "identify", "crm"),)
    told = "mappings[0] is for stream customers in namespace crm, but the namespace of stream customers is"
    assert f"{told} shop.{INSTEAD}" in error_of(a_configured("customers", "a", namespace="shop"), entries=entries)
    assert f"{told} not named.{INSTEAD}" in error_of(a_configured("customers", "a"), entries=entries)


def test_a_misspelled_entry_is_a_warning_where_the_stream_has_a_mapping_by_its_name() -> None:
    """The sync runs, without what the entry says."""
    choices = choose([a_configured("users", "email")], (Entry("uesrs", "identify"),))
    assert choices.warnings == (
        "mappings[0] is for stream uesrs, which the catalog does not have; did you mean users?",
    )
    assert choices.notes == ()


@pytest.mark.parametrize("entry", [Entry("user_profiles", "identify"), Entry("user*", "ignore", "crm")])
def test_an_entry_of_another_connection_is_no_warning(entry: Entry) -> None:
    """One destination may serve several: names that are not alike, and patterns, are noted only."""
    choices = choose([a_configured("users", "email")], (entry,))
    assert (choices.warnings, len(choices.notes)) == ((), 1)


def test_a_stream_about_which_an_entry_decides_is_meant_by_no_other() -> None:
    """An entry for a stream of a name like it belongs to another connection."""
    choices = choose([a_configured("users", "email")], (Entry("users", "identify"), Entry("user", "identify")))
    assert (choices.warnings, len(choices.notes)) == ((), 1)
