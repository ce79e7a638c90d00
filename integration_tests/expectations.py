"""Compares a sync with what a scenario expects; each function returns what differs, in sentences."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from activecampaign_emulator.server import EmulatorServer
from integration_tests.harness import Input, Output, control, stream_of

KINDS: Final = ("success", "config_error", "transient_error")
KEYS: Final = frozenset(
    {
        "about", "exit", "message", "states", "streams", "log", "not_logged", "contacts", "absent", "total", "tags",
        "new_fields", "event_names", "domains", "unknown", "automations", "requests",
    }
)  # fmt: skip
"""What an `expected.json` may hold."""

COUNTS: Final = {
    "written": "recordCount",
    "skipped": "skippedRecordCount",
    "refused_parts": "refusedPartCount",
    "unconfirmed": "unconfirmedRecordCount",
}
ALL_STREAMS: Final = "*"
"""The name under which the sums of GLOBAL and LEGACY STATEs are expected."""


def differences(expected: Mapping[str, Any], sent: Input, output: Output, server: EmulatorServer) -> list[str]:
    """Return everything that is not as expected, of the contract and of the scenario."""
    unknown = expected.keys() - KEYS
    assert not unknown, f"expected.json holds {sorted(unknown)}"
    return [
        *broken_rules(sent, output),
        *ending(expected, sent, output),
        *counts(expected, output),
        *logged(expected, output),
        *account(expected, server),
        *traffic(expected, server),
    ]


def broken_rules(sent: Input, output: Output) -> Iterator[str]:
    """Yield what the platform would not accept, whatever the scenario."""
    yield from (f"not a message of a destination: {line[:200]}" for line in output.wrong)
    yield from (f"a message of type {message['type']}" for message in output.others if message["type"] != "TRACE")
    if (output.exit_code == 0) == bool(output.errors):
        yield f"exit code {output.exit_code} with {len(output.errors)} TRACE ERROR; stderr ends {output.stderr[-500:]!r}"
    yield from _broken_states(sent, output)


def _broken_states(sent: Input, output: Output) -> Iterator[str]:
    by_number = {one.number: one for one in sent.states}
    last: dict[object, int] = {}
    for state in output.states:
        stats = state.get("destinationStats") or {}
        bare = {key: value for key, value in state.items() if key != "destinationStats"}
        number = state.get("id")
        one = by_number.pop(number, None) if type(number) is int else None
        if one is None:
            yield f"STATE {number!r} was not sent, or came back twice"
            continue
        if json.dumps(bare, sort_keys=True) != json.dumps(one.body, sort_keys=True):
            yield f"STATE {number} came back changed: {bare} instead of {one.body}"
        if last.get(one.stream, 0) > one.number:
            yield f"STATE {number} came back after a later one of its stream"
        last[one.stream] = one.number
        told = [stats.get("recordCount"), stats.get("rejectedRecordCount")]
        floats = [count for count in told if isinstance(count, float) and count >= 0]
        if len(floats) < len(told):
            yield f"STATE {number}: counts are floats, not {told}"
        elif sum(floats) != one.records:
            yield f"STATE {number}: {told} do not add up to {one.records}"


def ending(expected: Mapping[str, Any], sent: Input, output: Output) -> Iterator[str]:
    """Yield how the end differs: its kind, its message, the number of STATEs that came back."""
    kind = output.errors[0].get("failure_type") if output.errors else "success"
    wanted = expected.get("exit", "success")
    if kind != wanted or len(output.errors) > 1:
        yield f"ended as {kind}, expected {wanted}: {output.errors}; stderr ends {output.stderr[-500:]!r}"
    told = " ".join(error.get("message", "") for error in output.errors)
    yield from (
        f"the error does not say {piece!r}: {told!r}" for piece in expected.get("message", ()) if piece not in told
    )
    states = expected.get("states", len(sent.states) if wanted == "success" else 0)
    if len(output.states) != states:
        yield f"{len(output.states)} STATEs came back, expected {states}"


def counts(expected: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield where the sums of the STATEs differ, by stream."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for state in output.states:
        stats, stream = state.get("destinationStats") or {}, stream_of(state)
        label = ALL_STREAMS if stream is None else ".".join(part for part in stream if part)
        for name, key in COUNTS.items():
            sums[label][name] += int((stats.get("additionalStats") or {}).get(key, stats.get(key, 0)))
        sums[label]["rejected"] += int(stats.get("rejectedRecordCount", 0))
    for stream, wanted in expected.get("streams", {}).items():
        seen = sums[stream]
        seen_rejected = seen["rejected"] - seen["skipped"]
        got = {**seen, "rejected": seen_rejected}
        for name in ("written", "rejected", "skipped", "refused_parts", "unconfirmed"):
            if got.get(name, 0) != wanted.get(name, 0):
                yield f"{stream}: {got.get(name, 0)} {name}, expected {wanted.get(name, 0)}"


def logged(expected: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield log lines that are missing, and those that should not be there."""
    for piece in expected.get("log", ()):
        if not any(piece in line for line in output.logs):
            close = [line for line in output.logs if piece.split(":")[0] in line]
            yield f"no log line holds {piece!r}; close: {close[-12:]}"
    for piece in expected.get("not_logged", ()):
        yield from (f"logged: {line}" for line in output.logs if piece in line)


def account(expected: Mapping[str, Any], server: EmulatorServer) -> Iterator[str]:
    """Yield where the account differs."""
    dump = control(server, "GET", "dump")
    contacts = {one["email"].lower(): one for one in dump["contacts"]}
    for email, wanted in expected.get("contacts", {}).items():
        if email not in contacts:
            yield f"no contact {email}"
            continue
        yield from _different(email, wanted, contacts[email])
    yield from (f"there is a contact {email}" for email in expected.get("absent", ()) if email in contacts)
    if len(contacts) != expected.get("total", len(contacts)):
        yield f"{len(contacts)} contacts, expected {expected['total']}"
    for name in ("tags", "event_names", "domains"):
        wanted = expected.get(name)
        if wanted is not None and sorted(wanted) != sorted(set(dump[name]) - {"__pagevisit", "__redir"}):
            yield f"the account's {name} are {dump[name]}, expected {wanted}"
    fields = {one["perstag"]: one for one in dump["fields"]}
    for perstag, wanted in expected.get("new_fields", {}).items():
        seen = {key: fields.get(perstag, {}).get(key) for key in wanted}
        if seen != wanted:
            yield f"field {perstag} is {seen}, expected {wanted}; there are {sorted(fields)}"
    for email, wanted in expected.get("unknown", {}).items():
        yield from _different(f"unknown {email}", wanted, dump["unknown"].get(email, {"events": [], "visits": []}))


def _different(who: str, wanted: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
    for key, value in wanted.items():
        got = seen.get(key)
        if key == "tags":
            same = sorted(value) == sorted(got or ())
        elif key in ("events", "visits"):
            got = [{name: one[name] for name in _shown(value, one)} for one in got or ()]
            same = _sorted(value) == _sorted(got)
        else:
            same = value == got
        if not same:
            yield f"{who}: {key} is {got!r}, expected {value!r}"


def _shown(wanted: list[dict[str, Any]], one: Mapping[str, Any]) -> Iterable[str]:
    """Leave out what the scenario does not look at, such as the time of arrival."""
    return [name for name in one if any(name in each for each in wanted)] if wanted else one


def _sorted(items: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def traffic(expected: Mapping[str, Any], server: EmulatorServer) -> Iterator[str]:
    """Yield where automations and requests differ; a number is exact, `{"max": n}` and `{"min": n}` are bounds."""
    summary = control(server, "GET", "summary")
    for group, kinds in expected.get("automations", {}).items():
        for kind, wanted in kinds.items():
            seen = summary["automations"][group][kind]
            if seen != wanted:
                yield f"{seen} automations {group} for {kind}, expected {wanted}"
    routes: Counter[str] = Counter()
    for route, statuses in summary["requests"].items():
        routes[re.sub(r"<[^>]*>", "{id}", route)] += sum(statuses.values())
    for route, wanted in expected.get("requests", {}).items():
        seen = sum(routes.values()) if route == "total" else routes[route]
        bounds = wanted if isinstance(wanted, dict) else {"min": wanted, "max": wanted}
        if not bounds.get("min", 0) <= seen <= bounds.get("max", seen):
            yield f"{seen} requests {route}, expected {wanted}; {dict(routes)}"
