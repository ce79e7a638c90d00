"""A database for one sync: gone with its owner."""

from __future__ import annotations

import gc
import sqlite3

import pytest

from destination_activecampaign.mappings.account_index import AccountIndex
from destination_activecampaign.mappings.temporary_database import temporary_database
from destination_activecampaign.sync.known import Known


def test_it_has_the_tables_that_are_asked_for() -> None:
    """And is in no file that has a name."""
    owner = Known()
    database = temporary_database(owner, "CREATE TABLE rows (id INTEGER)", "INSERT INTO rows VALUES (3)")
    assert database.execute("SELECT id FROM rows").fetchall() == [(3,)]
    assert [file for _, _, file in database.execute("PRAGMA database_list")] == [""]


@pytest.mark.parametrize("kind", [Known, AccountIndex])
def test_it_is_closed_with_the_last_reference_to_its_owner(kind: type[Known | AccountIndex]) -> None:
    """Nobody has to think of it."""
    owner = kind()
    database = owner._database
    del owner
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")
