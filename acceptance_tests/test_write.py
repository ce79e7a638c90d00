"""The acceptance suite of destinations, on this one and an emulated account for each scenario."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from acceptance_tests.destination_suite import DestinationSuite, Runs, started
from acceptance_tests.platform_side import Landed, Row, Target
from activecampaign_emulator.server import EmulatorServer
from integration_tests.harness import API_KEY, EVENT_KEY, connection, control, emulated_account

TEXT: Final = {"type": ["null", "string"]}
NUMBER: Final = re.compile(r"[0-9]+")


def row(number: int) -> Row:
    """Return the contact of record *number*."""
    return {"email": f"zqx-{number}@example.com", "first_name": f"zqx-Given-{number}", "plan": f"zqx-contract-{number}"}


def refused_row(number: int) -> Row:
    """Return a record without the one thing that a contact needs."""
    return {**row(number), "email": None}


def landed(server: EmulatorServer) -> Landed:
    """Return the account's contacts by the number of their record."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for contact in control(server, "GET", "dump")["contacts"]:
        number = NUMBER.search(contact["email"])
        columns = {"email": contact["email"], "first_name": contact["firstName"], "plan": contact["fields"].get("PLAN")}
        found[int(number[0]) if number else -1].append(columns)
    return dict(found)


@contextmanager
def account() -> Iterator[Target]:
    """Lend an account whose imports take a while, so that a STATE could come too early."""
    options: dict[str, Any] = {"import_seconds": 1.0}
    with emulated_account(options, {"fields": [{"title": "Plan", "perstag": "PLAN"}]}) as server:
        yield Target(
            command=[sys.executable, "-m", "destination_activecampaign"],
            config=connection(server, event_key=EVENT_KEY),
            stream="identifies",
            columns={"email": TEXT, "first_name": TEXT, "plan": TEXT},
            primary_key=[["email"]],
            sync_mode="append_dedup",
            unmapped=("warehouse_stock", {"sku": TEXT, "amount": {"type": "integer"}}),
            row=row,
            refused_row=refused_row,
            landed=lambda: landed(server),
            secrets=[API_KEY, EVENT_KEY],
        )


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    """Run every scenario once, for all tests."""
    with started(account) as results:
        yield results


class TestWrite(DestinationSuite):
    """What the platform relies on."""
