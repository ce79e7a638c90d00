"""Control beside the API, under `/_emulator/`: no key, no quota, no latency, not in the journal. JSON in and out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Protocol

from activecampaign_emulator import dump, seed
from activecampaign_emulator.faults import parse_fault
from activecampaign_emulator.options import switched
from activecampaign_emulator.replies import JSON_TYPE, ApiError, Reply, json_reply
from activecampaign_emulator.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from activecampaign_emulator.emulator import Emulator
    from activecampaign_emulator.request import Request


class _Control(Protocol):
    def __call__(self, emulator: Emulator, request: Request, /) -> Reply: ...


PREFIX: Final = "/_emulator/"
_CONTROLS: Final[dict[tuple[str, str], _Control]] = {}


def _control(method: str, path: str) -> Callable[[_Control], _Control]:
    def register(action: _Control) -> _Control:
        _CONTROLS[method, PREFIX + path] = action
        return action

    return register


def answer(emulator: Emulator, request: Request) -> Reply:
    """Do what a control request asks; what it gets wrong is a 400 that says so."""
    action = _CONTROLS.get((request.method, request.path.rstrip("/")))
    if action is None:
        known = sorted(f"{method} {path}" for method, path in _CONTROLS)
        return json_reply(404, {"error": "no such control", "controls": known})
    try:
        return action(emulator, request)
    except ApiError as error:
        return json_reply(error.status, error.body)
    except ValueError as error:
        return json_reply(400, {"error": str(error)})


@_control("POST", "seed")
def _seed(emulator: Emulator, request: Request) -> Reply:
    return json_reply(200, seed.plant(emulator.account, request.json()))


@_control("POST", "reset")
def _reset(emulator: Emulator, _request: Request) -> Reply:
    emulator.reset()
    return json_reply(200, {})


@_control("POST", "faults")
def _add_faults(emulator: Emulator, request: Request) -> Reply:
    given = request.parsed.get("faults") if isinstance(request.parsed, dict) else request.parsed
    if not isinstance(given, list):
        raise ValueError("faults are a list")  # noqa: TRY004 - `answer` turns a ValueError into a 400
    emulator.account.faults.script += [parse_fault(one) for one in given]
    return _faults(emulator, request)


@_control("DELETE", "faults")
def _clear_faults(emulator: Emulator, request: Request) -> Reply:
    emulator.account.faults.script.clear()
    return _faults(emulator, request)


@_control("GET", "faults")
def _faults(emulator: Emulator, _request: Request) -> Reply:
    script = [{**asdict(fault), "emails": sorted(fault.emails)} for fault in emulator.account.faults.script]
    return json_reply(200, {"faults": script})


@_control("POST", "switches")
def _switch(emulator: Emulator, request: Request) -> Reply:
    emulator.account.options = switched(emulator.account.options, request.json())
    return _switches(emulator, request)


@_control("GET", "switches")
def _switches(emulator: Emulator, _request: Request) -> Reply:
    return json_reply(200, asdict(emulator.account.options))


@_control("GET", "journal")
def _journal(emulator: Emulator, request: Request) -> Reply:
    entries = emulator.journal.since(request.argument_number("since") or 0)
    return json_reply(200, {"entries": entries, "last": len(emulator.journal.entries)})


@_control("GET", "summary")
def _summary(emulator: Emulator, _request: Request) -> Reply:
    account = emulator.account
    body: dict[str, Any] = {
        **emulator.journal.summary(),
        "automations": account.automations.summary(),
        "imports": account.imports.summary(),
        "rate_limited_429": account.quotas.refused_requests,
        "import_limit_400": account.quotas.refused_imports,
        "faults_hit": account.faults.hits,
        "contacts_total": len(account.contacts),
        "uptime": round(account.uptime, 4),
        "options": asdict(account.options),
    }
    return json_reply(200, body)


@_control("GET", "contacts")
def _contacts(emulator: Emulator, request: Request) -> Reply:
    contact = emulator.account.contact_by_email(request.argument("email"))
    return json_reply(200, {"contact": None if contact is None else dump.contact(emulator.account, contact)})


@_control("GET", "dump")
def _dump(emulator: Emulator, request: Request) -> Reply:
    after, limit = request.argument_number("after") or 0, request.argument_number("limit")
    return Reply(200, {"Content-Type": JSON_TYPE}, dump.account(emulator.account, after, limit))


@_control("GET", "routes")
def _routes(_emulator: Emulator, _request: Request) -> Reply:
    routes = [
        {"method": route.method, "path": route.template, "evidence": route.evidence, "note": route.note}
        for route in ROUTES
    ]
    return json_reply(200, {"routes": routes})
