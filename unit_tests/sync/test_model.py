"""Random rows, STATEs and faults against a short reference model that applies row after row."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activecampaign_emulator import Options
from destination_activecampaign.sync.checkpoints import Acknowledged
from unit_tests.simulation import Finished, Simulation, dump, record, state

EMAILS = [f"p{number}@example.com" for number in range(6)]
TAGS = ["vip", "zqx-New", "third", "fourth"]

ROWS = st.fixed_dictionaries(
    {"email": st.sampled_from(EMAILS)},
    optional={
        "firstName": st.sampled_from(["zqx-Ann", "zqx-Bob", None]),
        "tags": st.lists(st.sampled_from(TAGS), max_size=3),
        "tagsReset": st.booleans(),
        "tags_remove": st.lists(st.sampled_from(TAGS), max_size=2),
        "lists": st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["1", "2"]), "status": st.sampled_from(["active", "unsubscribed"])}
            ),
            max_size=2,
            unique_by=lambda entry: entry["id"],
        ),
    },
)
FAULTS = st.lists(
    st.fixed_dictionaries(
        {
            "path": st.sampled_from(["/import/bulk_import", "/import/info", "*"]),
            "kind": st.sampled_from(
                ["status", "html_200", "empty_200", "cut_before", "cut_after", "half_body", "wrong_json"]
            ),
            "status": st.sampled_from([429, 500, 503, 520]),
            "times": st.integers(1, 3),
            "skip": st.integers(0, 8),
        }
        # A login page on every route, `users/me` too, is what a revoked key looks like: the sync is right to end.
    ).filter(lambda fault: (fault["path"], fault["kind"]) != ("*", "html_200")),
    max_size=3,
)


class Model:
    """What an account holds when rows are applied one by one."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}

    def apply(self, row: dict[str, Any]) -> bool:
        """Apply a row; returns whether it is written."""
        contact = self.contacts.get(row["email"])
        if contact is None:
            if not row.get("firstName"):
                return False
            contact = self.contacts[row["email"]] = {"firstName": "", "plan": "", "tags": {}, "lists": {}}
        contact["firstName"] = row.get("firstName") or contact["firstName"]
        contact["plan"] = row["plan"]
        tags = {name.lower(): name for name in row.get("tags", [])}
        if row.get("tagsReset"):
            contact["tags"] = tags
        else:
            gone = {name.lower() for name in row.get("tags_remove", [])}
            contact["tags"] = {key: name for key, name in contact["tags"].items() if key not in gone} | tags
        for asked in row.get("lists", []):
            if asked["status"] == "unsubscribed":
                contact["lists"][asked["id"]] = "2"
            else:
                contact["lists"].setdefault(asked["id"], "1")
        return True

    def comparable(self) -> dict[str, Any]:
        """The contacts in the shape of `account_of`."""
        return {
            email: (each["firstName"], each["plan"], set(each["tags"]), each["lists"])
            for email, each in self.contacts.items()
        }


def account_of(finished: Finished) -> dict[str, Any]:
    """The contacts of the account."""
    return {
        each["email"]: (
            each["firstName"],
            each["fields"].get("PLAN", ""),
            {name.lower() for name in each["tags"]},
            {list_id: str(status) for list_id, status in each["lists"].items()},
        )
        for each in dump(finished.emulator)
    }


@settings(
    max_examples=2_000 if os.environ.get("LONG_TESTS") else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=40), states=st.sets(st.integers(0, 39)), faults=FAULTS, skip=st.booleans()
)
def test_the_account_ends_as_if_rows_were_applied_one_by_one(
    rows: list[dict[str, Any]], states: set[int], faults: list[dict[str, Any]], *, skip: bool
) -> None:
    """Whatever order batches end in and whatever fails meanwhile, and every STATE is true when it leaves."""
    options = Options(import_unsubscribed="skip_list" if skip else "skip_contact")
    simulation = Simulation(options)
    model = Model()
    messages: list[dict[str, Any]] = []
    written = 0
    needed: dict[int, dict[str, int]] = {}
    newest: dict[str, int] = {}
    for number, row in enumerate(rows):
        full = {**row, "plan": f"{number}"}
        messages.append(record("identifies", **full))
        if model.apply(full):
            written += 1
            newest[row["email"]] = number
        if number in states or number == len(rows) - 1:
            messages.append(state("identifies", number))
            needed[number] = dict(newest)

    def true_when_it_leaves(acknowledged: Acknowledged) -> None:
        plans = {each["email"]: int(each["fields"]["PLAN"]) for each in dump(simulation.emulator)}
        for email, oldest in needed[acknowledged.state.message["state"]["id"]].items():
            assert plans[email] >= oldest, "a STATE left before its rows were in the account"

    simulation.faults(*faults)
    finished = simulation.sync(messages, on_state=true_when_it_leaves)
    if finished.error is not None and "all" in finished.error.message and written == 0:
        return  # nothing could be written, so no STATE may leave
    assert finished.error is None, finished.error
    assert account_of(finished) == model.comparable()
    assert (finished.written, finished.written + finished.rejected) == (written, len(rows))
    assert [each.state.message["state"]["id"] for each in finished.states] == sorted(needed)
