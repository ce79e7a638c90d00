"""The names of objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.rejected_rows.keys import LONGEST_NAME, folder, key, safe_name
from unit_tests.rejected_rows.factories import NOON


def test_key_is_the_one_that_the_platform_looks_for() -> None:
    """Path, sync, namespace, stream, then date, milliseconds and number."""
    assert key(folder("a/b", 42), ("public", "users"), NOON, 3, "jsonl") == (
        "a/b/42/public/users/2025_11_24_1763985600500_3.jsonl"
    )


@pytest.mark.parametrize("namespace", [None, ""])
def test_no_namespace_is_left_out(namespace: str | None) -> None:
    """There is no empty step in the path."""
    assert key(folder("", 42), (namespace, "users"), NOON, 0, "csv") == "42/users/2025_11_24_1763985600500_0.csv"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("prefix/", "prefix/1/"), ("//a//b/", "a/b/1/"), ("a/../../b", "a/__/__/b/1/"), (" a ", "a/1/")],
)
def test_path_is_kept_in_its_place(path: str, expected: str) -> None:
    """Slashes too many go, and nothing leads out of it."""
    assert folder(path, 1) == expected


def test_sync_without_a_number_has_a_folder_too() -> None:
    """Outside the platform there is none."""
    assert folder("a", None) == "a/sync_unknown/"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..", "__"),
        (".", "_"),
        ("a/../b", "a_.._b"),
        ("a\nb\0", "a_b_"),
        ("a\\b?#", "a_b__"),
        ("bestellungen_ü", "bestellungen_ü"),
    ],
)
def test_name_cannot_break_the_path(name: str, safe: str) -> None:
    """What means something in a path becomes an underscore."""
    assert safe_name(name) == safe


@given(namespace=st.none() | st.text(), name=st.text(min_size=1))
def test_any_stream_has_a_key_that_s3_takes(namespace: str | None, name: str) -> None:
    """At most 1,024 bytes, the steps that belong there, none that leads elsewhere."""
    made = key(folder("p" * 400, 2**63), (namespace, name), NOON, 10**9, "jsonl")
    steps = made.split("/")
    assert len(made.encode()) <= 1024
    assert len(steps) == (5 if namespace else 4)
    assert not {"", ".", ".."} & set(steps)
    assert made.isprintable() or not any(ord(char) < 32 for char in made)


def test_long_name_is_cut_between_characters() -> None:
    """No half of a character stays."""
    assert safe_name("é" * 300) == "é" * (LONGEST_NAME // 2)
