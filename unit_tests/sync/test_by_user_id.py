"""Contacts that are named by their user id: found, created, moved to another email, and never mistaken."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unit_tests.simulation import ACCOUNT, Finished, Simulation, catalog, dump, objects, record, state
from unit_tests.sync.scenes import refusal
from unit_tests.sync.test_model import FAULTS

COLUMNS = ("userId", "email", "firstName", "plan", "lists")
CATALOG = objects(
    people=("append_dedup", "userId", COLUMNS),
    changes=("update", "userId", COLUMNS),
    gone=("soft_delete", "userId", ("userId",)),
)
ADA = {"email": "ada@example.com", "firstName": "Ada", "fields": {"EXTERNAL_ID": "u-1"}}
BOB = {"email": "bob@example.com", "firstName": "Bob", "fields": {"EXTERNAL_ID": "u-2"}}
EVE = {"email": "eve@example.com", "firstName": "Eve"}


def a_sync(rows: list[dict[str, Any]], *contacts: dict[str, Any], stream: str = "people", **chosen: Any) -> Finished:
    """Sync rows of one stream into an account with these contacts."""
    simulation = Simulation(account={**ACCOUNT, "contacts": list(contacts)})
    return simulation.sync([*(record(stream, **row) for row in rows), state(stream, 1)], CATALOG, **chosen)


def people(finished: Finished) -> dict[str, tuple[str, str, str]]:
    """Email → first name, user id, plan."""
    return {
        each["email"]: (each["firstName"], each["fields"].get("EXTERNAL_ID", ""), each["fields"].get("PLAN", ""))
        for each in dump(finished.emulator)
    }


def reasons(finished: Finished) -> list[str]:
    """The reasons for which rows were not written."""
    return [line.split(": ")[2].split(" ")[0].rstrip(",") for line in finished.report]


def test_a_contact_is_found_by_its_user_id() -> None:
    """Without an email in the row."""
    finished = a_sync([{"userId": "u-1", "plan": "gold"}], ADA, BOB)
    assert people(finished) == {"ada@example.com": ("Ada", "u-1", "gold"), "bob@example.com": ("Bob", "u-2", "")}
    assert (finished.written, finished.error) == (1, None)


def test_an_email_that_changed_moves_the_contact() -> None:
    """The same contact, with all that it has."""
    finished = a_sync([{"userId": "u-1", "email": "Lovelace@example.com", "plan": "gold"}], ADA)
    assert people(finished) == {"lovelace@example.com": ("Ada", "u-1", "gold")}
    assert finished.count("PUT", "/contacts/*") == 1


def test_contacts_deleted_while_all_are_read_hide_no_user() -> None:
    """What is deleted moves the pages of user ids up: a user that is passed by would get a second contact."""
    contacts = [
        {"email": f"p{number}@example.com", "firstName": "Ada", "fields": {"EXTERNAL_ID": f"u-{number}"}}
        for number in range(600)
    ]
    gone = [record("gone", email=f"p{number}@example.com") for number in range(19)]
    moved = [
        record("people", userId=f"u-{number}", email=f"new{number}@example.com", firstName="zqx-Ada")
        for number in range(60, 600)
    ]
    simulation = Simulation(account={**ACCOUNT, "contacts": contacts})
    streams = objects(gone=("soft_delete", "email", ("email",)), people=("append_dedup", "userId", COLUMNS))
    finished = simulation.sync([*moved, *gone, state(None, 1)], streams, soft_delete="delete_contact")
    assert (finished.error, finished.written) == (None, 559)
    assert sorted(user for _, user, _ in people(finished).values()) == sorted(f"u-{n}" for n in range(19, 600))


def test_rows_of_a_user_follow_its_moves() -> None:
    """Each has its place in their order."""
    emails = ["a1@example.com", "a2@example.com", None, "a3@example.com", "a1@example.com"]
    rows = [{"userId": "u-1", "email": email, "plan": str(number)} for number, email in enumerate(emails)]
    finished = a_sync(rows, ADA)
    assert people(finished) == {"a1@example.com": ("Ada", "u-1", "4")}
    assert finished.written == 5


def test_an_email_of_another_user_is_taken() -> None:
    """Neither contact is touched."""
    finished = a_sync([{"userId": "u-1", "email": "bob@example.com", "plan": "gold"}], ADA, BOB)
    assert people(finished) == {"ada@example.com": ("Ada", "u-1", ""), "bob@example.com": ("Bob", "u-2", "")}
    assert (reasons(finished), finished.rejected) == (["email_taken"], 1)


def test_a_new_user_does_not_take_the_email_of_another() -> None:
    """Its contact has a user id of its own."""
    finished = a_sync([{"userId": "u-9", "email": "bob@example.com", "firstName": "Nina"}], ADA, BOB)
    assert people(finished)["bob@example.com"] == ("Bob", "u-2", "")
    assert reasons(finished) == ["email_taken"]


def test_a_contact_without_a_user_id_becomes_that_of_a_new_user() -> None:
    """It was created by another way, say a form."""
    finished = a_sync([{"userId": "u-9", "email": "eve@example.com", "plan": "gold"}], EVE)
    assert people(finished) == {"eve@example.com": ("Eve", "u-9", "gold")}


def test_two_new_users_with_one_email() -> None:
    """The first has it, also where both rows are under way at once."""
    rows = [{"userId": user, "email": "new@example.com", "firstName": user} for user in ("u-8", "u-9")]
    finished = a_sync(rows)
    assert people(finished) == {"new@example.com": ("u-8", "u-8", "")}
    assert (finished.written, reasons(finished)) == (1, ["email_taken"])


def test_a_new_user_keeps_its_email_while_a_row_waits_that_may_be_written() -> None:
    """Its first was rejected before the last one's place was found, which needs the second."""
    rows = [
        {"userId": "u-3", "email": "new@example.com"},
        {"userId": "u-1"},
        {"userId": "u-1", "email": "other@example.com"},
        {"userId": "u-2"},
        {"userId": "u-3", "email": "new@example.com", "firstName": "Nina"},
        {"userId": "u-3", "plan": "gold"},
    ]
    finished = a_sync(rows)
    assert people(finished) == {"new@example.com": ("Nina", "u-3", "gold")}
    assert (finished.written, finished.rejected) == (2, 4)


def an_import_is_refused(stream_rows: list[tuple[str, dict[str, Any]]], *contacts: dict[str, Any]) -> Finished:
    """Sync rows of which the first travels in an import that is refused for it."""
    simulation = Simulation(account={**ACCOUNT, "contacts": list(contacts)})
    simulation.faults(refusal(1))
    rows = [record(stream, **row) for stream, row in stream_rows]
    return simulation.sync([*rows, state(None, 1)], CATALOG, soft_delete="delete_contact")


def test_rows_of_a_user_that_was_refused_do_not_touch_who_got_its_email() -> None:
    """Though they were placed at it before."""
    rows = [
        ("people", {"userId": "u-8", "email": "new@example.com", "firstName": "Ann"}),
        ("people", {"userId": "u-9", "email": "new@example.com", "firstName": "Nina"}),
        ("people", {"userId": "u-8", "plan": "gold"}),
    ]
    finished = an_import_is_refused(rows)
    assert people(finished) == {"new@example.com": ("Nina", "u-9", "")}
    assert sorted(reasons(finished)) == ["email_missing", "row_refused"]


def test_a_nameless_row_does_not_create_the_contact_that_another_did_not() -> None:
    """Its user is new, once the other's row was refused."""
    rows = [
        ("people", {"userId": "u-8", "email": "new@example.com", "firstName": "Ann"}),
        ("people", {"userId": "u-9", "email": "new@example.com", "plan": "gold"}),
    ]
    finished = an_import_is_refused(rows)
    assert people(finished) == {}
    assert sorted(reasons(finished)) == ["name_required", "row_refused"]


def test_a_contact_that_did_not_become_the_users_is_not_deleted_for_it() -> None:
    """The row that would have made it so was refused."""
    rows = [("people", {"userId": "u-9", "email": "eve@example.com"}), ("gone", {"userId": "u-9"})]
    finished = an_import_is_refused(rows, EVE)
    assert people(finished) == {"eve@example.com": ("Eve", "", "")}
    assert sorted(reasons(finished)) == ["nothing_to_remove", "row_refused"]


def test_an_event_of_a_user_whose_contact_was_deleted_goes_to_nobody() -> None:
    """The sync knows better than the account did."""
    simulation = Simulation(account={**ACCOUNT, "contacts": [ADA]})
    configured = objects(gone=("soft_delete", "userId", ("userId",)))
    configured.streams.extend(catalog(tracks=("userId", "event")).streams)
    finished = simulation.sync(
        [record("gone", userId="u-1"), record("tracks", userId="u-1", event="zqx-Order"), state(None, 1)],
        configured,
        soft_delete="delete_contact",
    )
    assert (finished.error, finished.written, reasons(finished)) == (None, 1, ["contact_missing"])
    assert finished.count("POST", "/event") == 0


def test_what_waits_for_a_move_goes_as_soon_as_that_is_done() -> None:
    """Nothing else could join its import any more."""
    finished = a_sync([{"userId": "u-1", "email": "lovelace@example.com", "plan": "gold"}], ADA)
    [moved] = [exchange.sent for exchange in finished.exchanges if exchange.method == "PUT"]
    [sent] = [exchange.sent for exchange in finished.exchanges if exchange.is_import()]
    assert sent - moved < 1.0


def test_rows_that_wait_for_moves_go_in_one_import() -> None:
    """A move takes a fraction of a second, an import's confirmation several."""
    rows = [{"userId": f"u-{number}", "email": f"new{number}@example.com", "plan": "gold"} for number in (1, 2)]
    finished = a_sync(rows, ADA, BOB)
    assert (finished.error, finished.written) == (None, 2)
    assert [len(contacts) for contacts in finished.imports] == [2]


def test_an_email_that_a_row_gives_up_can_be_taken_by_the_next() -> None:
    """As if rows were applied one by one."""
    rows = [
        {"userId": "u-1", "email": "lovelace@example.com"},
        {"userId": "u-9", "email": "ada@example.com", "firstName": "Ada the second"},
    ]
    finished = a_sync(rows, ADA)
    assert people(finished) == {
        "lovelace@example.com": ("Ada", "u-1", ""),
        "ada@example.com": ("Ada the second", "u-9", ""),
    }


def test_a_user_id_of_two_contacts_touches_neither() -> None:
    """Which one is meant cannot be known."""
    finished = a_sync([{"userId": "u-1", "plan": "gold"}], ADA, {**BOB, "fields": {"EXTERNAL_ID": "u-1"}})
    assert all(plan == "" for _, _, plan in people(finished).values())
    assert reasons(finished) == ["ambiguous_user_id"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"email": "new@example.com", "firstName": "Nina"}, "contact_key_missing"),
        ({"userId": "u-9", "firstName": "Nina"}, "email_missing"),
        ({"userId": "u-9", "email": "new@example.com"}, "name_required"),
        ({"userId": "u-9", "email": "no address", "firstName": "Nina"}, "email_invalid"),
    ],
)
def test_what_a_new_contact_needs(row: dict[str, Any], reason: str) -> None:
    """A user id, an email, and a name."""
    finished = a_sync([row], ADA)
    assert (list(people(finished)), reasons(finished)) == (["ada@example.com"], [reason])


def test_update_creates_nobody() -> None:
    """Nor does it make a contact of that email the user's."""
    rows = [{"userId": "u-1", "plan": "gold"}, {"userId": "u-9", "email": "eve@example.com", "plan": "gold"}]
    finished = a_sync(rows, ADA, EVE, stream="changes")
    assert people(finished) == {"ada@example.com": ("Ada", "u-1", "gold"), "eve@example.com": ("Eve", "", "")}
    assert reasons(finished) == ["contact_missing"]


def test_a_change_of_email_is_refused_where_automations_must_not_run() -> None:
    """It takes a single request."""
    rows = [{"userId": "u-1", "email": "lovelace@example.com"}, {"userId": "u-2", "email": "bob@example.com"}]
    finished = a_sync(rows, ADA, BOB, run_automations=False, soft_delete_lists=["1"])
    assert (set(people(finished)), reasons(finished)) == (
        {"ada@example.com", "bob@example.com"},
        ["would_run_automations"],
    )


def test_many_users_are_looked_up_at_once() -> None:
    """A request per hundred contacts, and none for each row."""
    contacts = [
        {"email": f"p{number}@example.com", "firstName": "P", "fields": {"EXTERNAL_ID": f"u-{number}"}}
        for number in range(300)
    ]
    finished = a_sync([{"userId": f"u-{number}", "plan": "gold"} for number in range(300)], *contacts, stream="changes")
    assert finished.written == 300
    assert all(plan == "gold" for _, _, plan in people(finished).values())
    assert finished.count("GET", "/fieldValues") + finished.count("GET", "/contacts*") < 60


def test_an_event_by_user_id_goes_to_where_the_contact_has_moved() -> None:
    """It came after the row that changed the email."""
    simulation = Simulation(account={**ACCOUNT, "contacts": [ADA]})
    configured = objects(people=("append_dedup", "userId", COLUMNS))
    configured.streams.extend(catalog(tracks=("userId", "event")).streams)
    finished = simulation.sync(
        [record("people", userId="u-1", email="new@example.com"), record("tracks", userId="u-1", event="zqx-Order")],
        configured,
    )
    assert finished.error is None
    [contact] = dump(simulation.emulator)
    assert contact["email"] == "new@example.com"
    account = simulation.emulator.account
    assert [log.name for log in account.tracking.of(next(iter(account.contacts)))] == ["zqx-Order"]


def test_a_contact_that_was_deleted_can_come_back() -> None:
    """As a new one."""
    simulation = Simulation(account={**ACCOUNT, "contacts": [ADA]})
    rows = [
        record("gone", userId="u-1"),
        record("changes", userId="u-1", plan="gold"),
        record("people", userId="u-1", email="ada@example.com", firstName="Ada again"),
        record("gone", userId="u-7"),
    ]
    finished = simulation.sync([*rows, state(None, 1)], CATALOG, soft_delete="delete_contact")
    assert people(finished) == {"ada@example.com": ("Ada again", "u-1", "")}
    counts = finished.states[0].counts
    assert (counts.written, counts.rejected, counts.skipped) == (2, 1, 1)


def test_a_dry_run_ends_where_rows_wait_for_a_move() -> None:
    """Nothing of it is sent, and every row is told."""
    rows = [
        {"userId": "u-1", "plan": "gold"},
        {"userId": "u-1", "email": "new@example.com"},
        {"userId": "u-1", "plan": "b"},
    ]
    finished = a_sync(rows, ADA, dry_run=True)
    assert finished.error is not None
    assert "of 3 rows 3 would be written" in finished.error.message
    assert people(finished) == {"ada@example.com": ("Ada", "u-1", "")}


def test_events_of_the_old_email_are_sent_before_the_contact_moves() -> None:
    """They came first, and are its own."""
    simulation = Simulation(account={**ACCOUNT, "contacts": [ADA]})
    configured = objects(people=("append_dedup", "userId", COLUMNS))
    configured.streams.extend(catalog(tracks=("email", "event")).streams)
    events = [record("tracks", email="ada@example.com", event="zqx-Order") for _ in range(5)]
    rows = [
        record("people", userId="u-1", email="new@example.com"),
        record("people", userId="u-9", email="ada@example.com", firstName="Nina"),
    ]
    finished = simulation.sync([*events, *rows], configured)
    assert finished.error is None
    account = simulation.emulator.account
    counts = {contact.email: len(account.tracking.of(contact)) for contact in account.contacts}
    assert counts == {"new@example.com": 5, "ada@example.com": 0}


# at random

USERS = ["u-1", "u-2", "u-3", "u-4"]
EMAILS = ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]
ROWS = st.tuples(
    st.sampled_from(["people", "people", "people", "changes", "gone"]),
    st.fixed_dictionaries(
        {"userId": st.sampled_from(USERS)},
        optional={"email": st.sampled_from(EMAILS), "firstName": st.sampled_from(["Ann", "Bob"])},
    ),
)


class Model:
    """What an account holds when rows are applied one by one."""

    def __init__(self) -> None:
        self.contacts: list[dict[str, str]] = []

    def _with(self, key: str, value: str) -> list[dict[str, str]]:
        return [contact for contact in self.contacts if contact[key] == value]

    def apply(self, stream: str, row: dict[str, Any]) -> str:
        """Apply a row; returns how it ends."""
        found, email = self._with("userId", row["userId"]), row.get("email", "")
        if stream == "gone":
            self.contacts = [contact for contact in self.contacts if contact not in found]
            return "written" if found else "skipped"
        if not found:
            if stream == "changes" or not email:
                return "rejected"
            found = self._with("email", email)
            if found and found[0]["userId"]:
                return "rejected"
            if not found and not row.get("firstName"):
                return "rejected"
            if not found:
                found = [{"email": email, "userId": "", "firstName": "", "plan": ""}]
                self.contacts += found
        elif email and email != found[0]["email"] and self._with("email", email):
            return "rejected"
        found[0].update({key: value for key, value in row.items() if value})
        return "written"


@settings(
    max_examples=1_000 if os.environ.get("LONG_TESTS") else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=25),
    start=st.lists(
        st.tuples(st.sampled_from([*USERS[:3], ""]), st.sampled_from(EMAILS)), max_size=3, unique_by=(lambda c: c[1])
    ),
    faults=FAULTS,
)
def test_the_account_ends_as_if_rows_were_applied_one_by_one(
    rows: list[tuple[str, dict[str, Any]]], start: list[tuple[str, str]], faults: list[dict[str, Any]]
) -> None:
    """Whoever takes whose email, and whatever is under way or fails meanwhile."""
    taken = [user for user, _ in start if user]
    start = [(user if taken.count(user) == 1 else "", email) for user, email in start]
    model = Model()
    model.contacts = [{"email": email, "userId": user, "firstName": "", "plan": ""} for user, email in start]
    contacts = [{"email": email, "fields": {"EXTERNAL_ID": user} if user else {}} for user, email in start]
    simulation = Simulation(account={**ACCOUNT, "contacts": contacts})
    ends: list[str] = []
    messages: list[dict[str, Any]] = []
    for number, (stream, row) in enumerate(rows):
        full = row if stream == "gone" else {**row, "plan": str(number)}
        ends.append(model.apply(stream, full))
        messages.append(record(stream, **full))
    simulation.faults(*faults)
    finished = simulation.sync([*messages, state(None, 1)], CATALOG, soft_delete="delete_contact")
    expected = {each["email"]: (each["firstName"], each["userId"], each["plan"]) for each in model.contacts}
    if finished.error is not None and "all" in finished.error.message and "written" not in ends:
        return  # nothing could be written, so no STATE may leave
    assert finished.error is None, finished.error
    assert people(finished) == expected
    counts = finished.states[0].counts
    assert (counts.written, counts.rejected, counts.skipped) == tuple(
        ends.count(end) for end in ("written", "rejected", "skipped")
    )
