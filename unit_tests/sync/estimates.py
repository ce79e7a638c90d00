"""Kinds of rows whose cost a dry run estimates, and the same rows synced for real: in one process, on a clock of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from destination_activecampaign.errors import ConfigError
from unit_tests.simulation import Finished, Simulation, catalog, objects, record, state

TAGS: Final = tuple(f"tag-{number}" for number in range(20))
EVENT: Final = "zqx-Order Completed"
ESTIMATE: Final = re.compile(
    r"about (?P<requests>\d+) requests \((?P<imports>\d+) imports\), (?P<tracking>\d+) events and visits, and "
    r"(?P<seconds>\d+) s\."
)
ACCOUNT: Final[dict[str, Any]] = {
    "fields": [
        {"title": "Plan", "type": "text"},
        {"title": "Town", "type": "text"},
        {"title": "External id", "type": "text", "perstag": "EXTERNAL_ID"},
    ],
    "lists": [{"name": "News", "stringid": "news"}],
    "tags": list(TAGS),
    "event_names": [EVENT],
    "domains": ["shop.example.com"],
}
ROWS_PER_STATE: Final = 100

TOLERANCE: Final = 0.1
FEW_REQUESTS: Final = 6
FEW_SECONDS: Final = 6.0
"""One import more or less, and the wait for it, are no error of the estimate of a small sync."""


def email(number: int) -> str:
    """Return a person's address."""
    return f"p{number:06}@example.com"


def tags(number: int) -> list[str]:
    """Return the two tags of a person."""
    return [TAGS[number % 20], TAGS[(number * 7 + 1) % 20]]


def plain(number: int) -> dict[str, Any]:
    """Return a row that an import writes."""
    return {"email": email(number), "firstName": f"Ada{number}", "tags": tags(number), "plan": "Team", "town": "Rome"}


def repeated(number: int) -> dict[str, Any]:
    """Return a row of which there are twenty for each email, spread over a thousand."""
    return plain((number + number * 7_919 % 1_000) // 20)


def nameless(number: int) -> dict[str, Any]:
    """Return a row that may only update."""
    return {"email": email(number), "plan": "zqx-Free"}


def reset(number: int) -> dict[str, Any]:
    """Return a row that says which tags its contact has: for nine in ten, those it has."""
    return {**plain(number), "tags": tags(number) if number % 10 else ["tag-0", "zqx-other"], "tagsReset": True}


def cleared(number: int) -> dict[str, Any]:
    """Return a row with two values to empty."""
    return {**plain(number), "plan": None, "town": None}


def listed(number: int) -> dict[str, Any]:
    """Return a row that subscribes."""
    return {**plain(number), "lists": [{"id": "1", "status": "active"}]}


def event(number: int) -> dict[str, Any]:
    """Return an event."""
    return {"email": email(number % 500), "event": EVENT, "value": str(number)}


def event_of_user(number: int) -> dict[str, Any]:
    """Return an event of somebody who is known by an id only."""
    return {"userId": f"user-{number % 500}", "event": EVENT, "value": str(number)}


def visit(number: int) -> dict[str, Any]:
    """Return a page view."""
    return {"email": email(number % 500), "url": f"https://shop.example.com/{number}"}


def user(number: int) -> dict[str, Any]:
    """Return a row that names somebody by an id."""
    return {"userId": f"user-{number}"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind. `mode`: of data activation, by user id; without one the stream is found by its name.

    `count`: how many; `few`: in quick runs, where that is too slow; `contacts`: how many of their contacts exist; `known`:
    what those have.
    """

    what: str
    make: Callable[[int], dict[str, Any]]
    count: int
    contacts: int = 0
    known: Callable[[int], dict[str, Any]] = lambda _: {}
    stream: str = "identifies"
    settings: dict[str, Any] = field(default_factory=dict)
    few: int = 0
    mode: str = ""


def _left(number: int) -> dict[str, Any]:
    return {"lists": {"1": 2 if number % 2 else 1}}


def _with_values(_: int) -> dict[str, Any]:
    return {"fields": {"PLAN": "Team", "TOWN": "Rome"}}


def _with_tags(number: int) -> dict[str, Any]:
    return {"tags": tags(number)}


def _with_user_id(number: int) -> dict[str, Any]:
    return {"fields": {"EXTERNAL_ID": f"user-{number}"}}


def _on_lists(number: int) -> dict[str, Any]:
    return {**_with_user_id(number), "lists": {"1": 1 if number % 2 else 2}}


SINGLE: Final = {"contacts_route": "single"}

KINDS: Final = (
    Kind("new contacts", plain, 20_000, few=5_000),
    Kind("new contacts, few", plain, 600),
    Kind("repeated emails", repeated, 200_000, few=40_000),
    Kind("repeated emails, few", repeated, 10_000),
    Kind("nameless", nameless, 3_000, 4_000),
    Kind("nameless, few in a large account", nameless, 150, 4_000),
    Kind("tagsReset", reset, 1_000, 1_000, _with_tags),
    Kind("tagsReset of new contacts", reset, 1_000),
    Kind("tagsReset, few in a large account", reset, 50, 8_000, _with_tags),
    Kind(
        "two values to empty, `null_values: clear`", cleared, 600, 600, _with_values, settings={"null_values": "clear"}
    ),
    Kind("subscriptions", listed, 5_000, 2_500),
    Kind("`resubscribe`, half had left", listed, 1_000, 1_000, _left, settings={"resubscribe": ["1"]}),
    Kind("events", event, 3_000, 500, stream="tracks"),
    Kind("events by user id", event_of_user, 3_000, 500, _with_user_id, stream="tracks"),
    Kind("visits", visit, 3_000, 500, stream="pages"),
    Kind(
        "soft deletes by user id, of all lists",
        user,
        400,
        400,
        _on_lists,
        "gone",
        mode="soft_delete",
        settings={"soft_delete": "unsubscribe"},
    ),
    Kind("soft deletes by user id, few", user, 30, 400, _on_lists, "gone", mode="soft_delete"),
    Kind(
        "soft deletes by user id, of contacts",
        user,
        400,
        400,
        _on_lists,
        "gone",
        mode="soft_delete",
        settings={"soft_delete": "delete_contact"},
    ),
    Kind("`contacts_route: single`, new contacts", plain, 400, settings=SINGLE),
    Kind("`contacts_route: single`, tagsReset", reset, 400, 400, _with_tags, settings=SINGLE),
    Kind("`contacts_route: single`, tagsReset of new contacts", reset, 200, settings=SINGLE),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sync takes. `requests`: of the account's quota."""

    requests: int
    imports: int
    tracking: int
    seconds: float

    @property
    def all_requests(self) -> int:
        """The requests, events and visits included."""
        return self.requests + self.tracking


@dataclass(frozen=True, slots=True)
class Compared:
    """The estimate of a dry run beside what a sync took."""

    estimate: Cost
    real: Cost

    @property
    def requests_off(self) -> float:
        """By which share the estimate of the requests is off, those of events and visits included."""
        return (self.estimate.all_requests - self.real.all_requests) / self.real.all_requests

    @property
    def is_close(self) -> bool:
        """Whether requests and time are within TOLERANCE, or too few to tell."""
        requests = self.estimate.all_requests - self.real.all_requests
        seconds = self.estimate.seconds - self.real.seconds
        return (abs(self.requests_off) <= TOLERANCE or abs(requests) <= FEW_REQUESTS) and (
            abs(self.seconds_off) <= TOLERANCE or abs(seconds) <= FEW_SECONDS
        )

    @property
    def seconds_off(self) -> float:
        """By which share the estimate of the time is off."""
        return (self.estimate.seconds - self.real.seconds) / self.real.seconds


def compare(kind: Kind, count: int | None = None) -> Compared:
    """Run it dry, and then for real."""
    estimate = ESTIMATE.search(_sync(kind, count, dry_run=True)[1])
    assert estimate is not None
    finished, _ = _sync(kind, count)
    assert finished.error is None, finished.error
    tracked = sum(path.endswith(("/event", "/visit")) for _, path in finished.requests)
    imports = len(finished.imports)
    return Compared(
        Cost(*(int(estimate[name]) for name in ("requests", "imports", "tracking", "seconds"))),
        Cost(len(finished.requests) - tracked, imports, tracked, finished.seconds),
    )


def _sync(kind: Kind, count: int | None, **settings: Any) -> tuple[Finished, str]:
    simulation = Simulation(account={**ACCOUNT, "contacts": list(_contacts(kind))})
    rows = [kind.make(number) for number in range(count or kind.count)]
    streams = {kind.stream: rows[0].keys()}
    configured = objects(**{kind.stream: (kind.mode, "userId", rows[0].keys())}) if kind.mode else catalog(**streams)
    finished = simulation.sync(list(_messages(kind.stream, rows)), configured, **kind.settings, **settings)
    error = finished.error
    return finished, error.message if isinstance(error, ConfigError) else ""


def _contacts(kind: Kind) -> Iterator[dict[str, Any]]:
    for number in range(kind.contacts):
        yield {"email": email(number), "firstName": f"Ada{number}", **kind.known(number)}


def _messages(stream: str, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for place, row in enumerate(rows, start=1):
        yield record(stream, **row)
        if place % ROWS_PER_STATE == 0 or place == len(rows):
            yield state(stream, place)
