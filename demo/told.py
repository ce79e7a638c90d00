"""What came of a sync: what the account holds, what it cost, and whether the platform's sums add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from benchmarks.harness import Request
from benchmarks.rows import Json
from demo.platform import Platform
from demo.said import say, title

STATUSES: Final = {0: "unconfirmed", 1: "subscribed", 2: "unsubscribed", 3: "bounced"}


def tell_account(before: dict[str, Json], after: dict[str, Json], account: Json) -> None:
    """Print what landed in the account."""
    created = [one for email, one in after.items() if email not in before]
    changed = [one for email, one in after.items() if email in before and differs(before[email], one)]
    say(f"  contacts created      {len(created):>8}")
    say(f"  contacts changed      {len(changed):>8}")
    pairs = [(before.get(email, {}), one) for email, one in after.items()]
    added = sum(len(set(one["tags"]) - set(old.get("tags", ()))) for old, one in pairs)
    removed = sum(len(set(old.get("tags", ())) - set(one["tags"])) for old, one in pairs)
    say(f"  tags put on           {added:>8}")
    say(f"  tags taken off        {removed:>8}")
    values = sum(len(one["fields"].items() - old.get("fields", {}).items()) for old, one in pairs)
    say(f"  field values set      {values:>8}")
    names = {one["id"]: f"{one['name']} ({one['stringid']})" for one in account["lists"]}
    moves: Counter[tuple[str, int]] = Counter(
        (number, status)
        for old, one in pairs
        for number, status in one["lists"].items()
        if old.get("lists", {}).get(number) != status
    )
    for (number, status), count in sorted(moves.items()):
        say(f"  {STATUSES[status]:<21} {count:>8}  {names[number]}")
    back = sum(
        old["lists"].get(number) in {2, 3} and status == 1
        for old, one in pairs
        if old
        for number, status in one["lists"].items()
    )
    say(f"  subscribed again      {back:>8}  of those who had unsubscribed or bounced")
    events = Counter(event["event"] for one in after.values() for event in one["events"])
    for name, count in events.most_common():
        say(f"  event                 {count:>8}  {name}")
    hosts = Counter(visit["url"].split("/")[2] for one in after.values() for visit in one["visits"])
    for name, count in hosts.most_common():
        say(f"  visits                {count:>8}  {name}")


def differs(old: Json, new: Json) -> bool:
    """Whether a contact's own data changed; what it did does not count."""
    return any(old[key] != new[key] for key in ("firstName", "lastName", "phone", "tags", "fields", "lists"))


def tell_cost(summary: Json, requests: Sequence[Request], contacts: int) -> None:
    """Print what the sync took of the account's quota."""
    routes = Counter(f"{request.method} {request.route}" for request in requests)
    for route, count in routes.most_common():
        say(f"  {count:>6}  {route}")
    used = sum(request.lane != "tracking" for request in requests)
    say(f"  {used:>6}  requests counted against the account's quota ({used / max(contacts, 1):.4f} per contact)")
    say(f"  {summary['rate_limited_429']:>6}  answers 429 (requests per second used up)")
    say(f"  {summary['import_limit_400']:>6}  answers 400 (imports per minute used up)")
    title("Automations that would have started")
    for kind, count in summary["automations"]["fired"].items():
        say(f"  {count:>6}  {kind.replace('_', ' ')}")


def tell_verdict(platform: Platform, status: int) -> bool:
    """Print whether the sync kept its promises."""
    rows, problems = platform.rows.total(), platform.judge()
    if status:
        problems.append(f"`write` ended with exit status {status}")
    if not rows:
        problems.append("the file holds no row that can be read")
    after_last = rows - sum(sent.rows for sent in platform.sent.values())
    say(f"  rows sent             {rows:>8}" + (f"  ({after_last} after the last STATE)" if after_last else ""))
    say(f"  reported as written   {platform.written:>8.0f}")
    say(f"  reported as not       {platform.refused:>8.0f}")
    for name, count in platform.additional.items():
        say(f"    {name:<20}{count:>8}")
    say(f"  STATEs sent           {len(platform.sent):>8}")
    say(f"  STATEs back           {len(platform.back):>8}")
    for problem in problems:
        say(f"  WRONG: {problem}")
    say("  FAILED" if problems else "  Every STATE came back unchanged and in order, and its counts add up.")
    return not problems
