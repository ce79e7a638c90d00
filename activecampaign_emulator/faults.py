"""Scripted trouble: which requests go wrong, how, and how often. `control` scripts it, `emulator` asks.

A fault names a method and a path (a route's template or a pattern, as `fnmatch` reads it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from activecampaign_emulator.replies import HTML_TYPE, LOGIN_PAGE, Reply, json_reply, text_reply

if TYPE_CHECKING:
    from random import Random

# In place of the route (or after it, with `after_write`): the answer of another kind.
ANSWERS: Final = frozenset({"status", "html_200", "html_status", "empty_200", "wrong_json"})
CONNECTION: Final = frozenset({"cut_before", "cut_after", "half_body", "slow"})
# On the import that is about to be accepted.
ENDINGS: Final = frozenset({"import_fails", "import_interrupted", "import_takes", "import_waits"})
# On certain emails in an import; these stay until they are deleted unless `times` says otherwise.
EMAILS: Final = frozenset({"refuse_email", "fail_email", "always_500_email"})
KINDS: Final = ANSWERS | CONNECTION | ENDINGS | EMAILS
IMPORT: Final = "/import/bulk_import"
FOREVER: Final = -1


@dataclass(slots=True)
class Fault:
    """One scripted fault; `times` counts down, -1 is for ever; `skip` lets matching requests through first."""

    kind: str
    method: str = "*"
    path: str = "*"
    times: int = 1
    probability: float = 1.0
    skip: int = 0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float | None = None
    emails: frozenset[str] = frozenset()
    after_write: bool = False
    hits: int = 0

    def meets(self, method: str, template: str, path: str) -> bool:
        """Say whether this fault is about such a request."""
        if self.method not in {"*", method}:
            return False
        return self.path == template or fnmatchcase(path, self.path) or fnmatchcase(template, self.path)

    def strikes(self, random: Random) -> bool:
        """Say whether it happens to the request at hand, and count that it does."""
        if not self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1 and random.random() >= self.probability:
            return False
        if self.times > 0:
            self.times -= 1
        self.hits += 1
        return True

    def answer(self) -> Reply:
        """Give the answer that a fault of an answering kind puts in place of the route's."""
        if self.kind == "html_200":
            return text_reply(200, LOGIN_PAGE if self.body is None else str(self.body), HTML_TYPE)
        if self.kind == "html_status":
            page = f"<!DOCTYPE html><html><body><h1>{self.status}</h1></body></html>"
            return text_reply(self.status, page if self.body is None else str(self.body), HTML_TYPE)
        if self.kind == "empty_200":
            return Reply(200, {"Content-Type": HTML_TYPE, "X-Ac-Error": "Code 9001", **self.headers})
        if self.kind == "wrong_json":
            return json_reply(200, [] if self.body is None else self.body)
        if isinstance(self.body, str):
            reply = text_reply(self.status, self.body, HTML_TYPE)
        else:
            reply = json_reply(self.status, {"message": f"Status {self.status}"} if self.body is None else self.body)
        return Reply(reply.status, {**reply.headers, **self.headers}, reply.body)


def parse_fault(body: object) -> Fault:
    """Read a fault from JSON; what cannot be understood is a `ValueError`."""
    if not isinstance(body, dict) or body.get("kind") not in KINDS:
        message = f"a fault is an object whose kind is one of {sorted(KINDS)}"
        raise ValueError(message)
    values = dict(body)
    kind = values["kind"]
    if kind in ENDINGS | EMAILS:
        values.setdefault("method", "POST")
        values.setdefault("path", IMPORT)
    if kind in EMAILS:
        values.setdefault("times", FOREVER)
        values["emails"] = frozenset(email.lower() for email in values.get("emails", ()))
        if not values["emails"]:
            raise ValueError(f"{kind} needs emails")
    if kind in {"slow", "import_takes"} and not isinstance(values.get("seconds"), int | float):
        raise ValueError(f"{kind} needs seconds")
    try:
        fault = Fault(**values)
    except TypeError as error:
        raise ValueError(str(error)) from None
    # A parameter may be written {id} too, as the vendor's pages do.
    fault.path = re.sub(r"\{[^}]*\}", "*", fault.path.removeprefix("/api/3"))
    return fault


class Faults:
    """The script."""

    def __init__(self) -> None:
        self.script: list[Fault] = []

    def strike(self, method: str, template: str, path: str, random: Random) -> Fault | None:
        """Give the first fault of an answering or connection kind that happens to this request."""
        for fault in self.script:
            wanted = fault.kind in ANSWERS | CONNECTION and fault.meets(method, template, path)
            if wanted and fault.strikes(random):
                return fault
        return None

    def ending(self, random: Random) -> Fault | None:
        """Give the fault, if any, that happens to the import that is being accepted."""
        return next((fault for fault in self.script if fault.kind in ENDINGS and fault.strikes(random)), None)

    def emails(self, kind: str, present: frozenset[str], random: Random) -> frozenset[str]:
        """Give those of the emails present in an import that a fault of this kind is about."""
        struck: frozenset[str] = frozenset()
        for fault in self.script:
            met = fault.emails & present
            if fault.kind == kind and met and fault.strikes(random):
                struck |= met
        return struck

    @property
    def hits(self) -> int:
        """Count how often faults have happened."""
        return sum(fault.hits for fault in self.script)
