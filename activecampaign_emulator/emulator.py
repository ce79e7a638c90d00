"""The way of one request: path, key, quota, faults, route, journal. It never sleeps and knows no sockets."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from activecampaign_emulator import control, import_rows
from activecampaign_emulator.faults import ANSWERS, Fault
from activecampaign_emulator.journal import Entry, Journal
from activecampaign_emulator.options import Options
from activecampaign_emulator.replies import HTML_TYPE, LOGIN_PAGE, ApiError, Cut, Reply, json_reply, text_reply
from activecampaign_emulator.request import Request
from activecampaign_emulator.resources import load_routes
from activecampaign_emulator.routes import API_PREFIX, Route, find
from activecampaign_emulator.store import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

load_routes()

CUTS: Final[dict[str, Cut]] = {"cut_after": "after", "half_body": "half"}


class Emulator:
    """One emulated account. Everything goes through `handle`, one request at a time."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._first_options = options or Options()
        self._clock = clock
        self._started = clock()
        self._epoch = wall()
        self._random = random or Random(self._first_options.seed)
        self._lock = threading.RLock()
        self._in_flight = 0
        self.journal = Journal()
        self.account = Account(self._first_options, self._random, self._epoch)

    def handle(
        self,
        method: str,
        path: str,
        query_string: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """Answer a request; *path* and *query_string* are as on the wire, percent-encoded."""
        request = Request(method, unquote(path), query_string, headers or {}, body)
        with self._lock:
            self._touch()
            if request.path.startswith(control.PREFIX):
                return control.answer(self, request)
            return self._answer(request)

    def reset(self) -> None:
        """Begin again with an empty account, the first options, no faults and an empty journal."""
        self.journal = Journal()
        self.account = Account(self._first_options, self._random, self._epoch)
        self._touch()

    def entered(self) -> None:
        """Count a request that has come in over the network."""
        with self._lock:
            self._in_flight += 1

    def left(self) -> None:
        """Count a request whose answer has been sent."""
        with self._lock:
            self._in_flight -= 1

    def _touch(self) -> None:
        """Bring the account up to the present: finished imports write their rows, each at its own time."""
        account = self.account
        uptime = self._clock() - self._started
        for moment, job in account.imports.due(uptime, account.options.import_concurrency):
            account.uptime, account.now = moment, self._epoch + moment
            import_rows.apply(account, job)
        account.uptime, account.now = uptime, self._epoch + uptime

    def _answer(self, request: Request) -> Reply:
        account = self.account
        found = find(request.method, request.path)
        route = None if isinstance(found, Reply) else found[0]
        is_api = route is None or not route.tracking
        fault: Fault | None = None
        try:
            if is_api:
                self._admit(request, route)
            template = request.path.removeprefix(API_PREFIX) if route is None else route.template
            path = request.path.removeprefix(API_PREFIX)
            fault = account.faults.strike(request.method, template, path, account.random)
            if isinstance(found, Reply):
                reply = found
            else:
                reply = _perform(account, found[0], replace(request, parameters=found[1]), fault)
        except ApiError as error:
            reply = json_reply(error.status, error.body)
        except _WrongKeyError:
            reply = _wrong_key(account.options)
        if is_api:
            reply = account.quotas.signed(reply, account.options)
        reply = _delayed(reply, fault, account.options)
        self._write_down(request, route, reply, fault)
        return reply

    def _admit(self, request: Request, route: Route | None) -> None:
        options = self.account.options
        if request.header("api-token") != options.api_key:
            raise _WrongKeyError
        if route is None or route.lane != "import" or options.bulk_counts_general:
            self.account.quotas.take_general(options, self.account.uptime)

    def _write_down(self, request: Request, route: Route | None, reply: Reply, fault: Fault | None) -> None:
        contacts = -1
        if route is not None and route.lane == "import":
            rows = request.parsed.get("contacts") if isinstance(request.parsed, dict) else None
            contacts = len(rows) if isinstance(rows, list) else 0
        entry = Entry(
            time=self.account.uptime,
            lane="unknown" if route is None else route.lane,
            method=request.method,
            route=request.path.removeprefix(API_PREFIX) if route is None else route.template,
            status=reply.status,
            in_flight=max(self._in_flight, 1),
            contacts=contacts,
            fault="" if fault is None else fault.kind,
        )
        self.journal.add(entry)


class _WrongKeyError(Exception):
    """The key is missing or wrong."""


def _wrong_key(options: Options) -> Reply:
    if options.wrong_key == "403":
        return json_reply(403, {"message": "Forbidden"})
    # An invalid key was answered with 200 and a login page, on GET and POST (seen in production by RudderStack).
    return text_reply(200, LOGIN_PAGE, HTML_TYPE)


def _perform(account: Account, route: Route, request: Request, fault: Fault | None) -> Reply:
    """Do what the route does, unless a fault comes before it."""
    if fault is None:
        return route.action(account, request)
    if fault.kind == "cut_before":
        return Reply(0, cut="before")
    instead = fault.answer() if fault.kind in ANSWERS else None
    if instead is not None and not fault.after_write:
        return instead
    try:
        reply = route.action(account, request)
    except ApiError as error:
        reply = json_reply(error.status, error.body)
    return instead or replace(reply, cut=CUTS.get(fault.kind))


def _delayed(reply: Reply, fault: Fault | None, options: Options) -> Reply:
    extra = fault.seconds or 0.0 if fault is not None and fault.kind == "slow" else 0.0
    return replace(reply, delay=options.latency_ms / 1000 + extra)
