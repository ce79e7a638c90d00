"""A database for one sync, on disk, so that memory does not grow with what is put there. What it holds is its owner's."""

from __future__ import annotations

import sqlite3
import weakref


def temporary_database(owner: object, *statements: str) -> sqlite3.Connection:
    """Return a database in a temporary file, which SQLite unlinks by itself: nothing in it outlives the process.

    `statements`: those that make its tables. It is closed with the last reference to *owner*. Any thread may use it, one
    at a time.
    """
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    weakref.finalize(owner, database.close)
    for statement in (
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        *statements,
        "BEGIN",  # never committed: one transaction spares a file operation per row
    ):
        database.execute(statement)
    return database
