"""Puts the layers below the protocol together: the settings and an account become the parts of a sync."""

from __future__ import annotations

import logging
import math
import random
import threading
from collections.abc import Callable, Mapping
from typing import TypeAlias

from destination_activecampaign.api.account import Directory
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.clock import Clock, Stop, SystemClock, pause
from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.api.directory import subscriber_limit
from destination_activecampaign.api.imports import Imports
from destination_activecampaign.api.once import Once
from destination_activecampaign.api.quotas import Quotas
from destination_activecampaign.api.retry import RetryDetails
from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.api.transport import RequestsTransport, Transport
from destination_activecampaign.config import Config
from destination_activecampaign.errors import RateLimited
from destination_activecampaign.mappings.account_index import AccountIndex
from destination_activecampaign.mappings.contact_ids import ContactIds
from destination_activecampaign.mappings.contact_import import ImportRoute
from destination_activecampaign.mappings.contact_move import EmailChange
from destination_activecampaign.mappings.contact_single import SingleRequests
from destination_activecampaign.mappings.contact_sync import SyncRoute
from destination_activecampaign.mappings.event_routes import EventRoutes
from destination_activecampaign.mappings.import_refusal import RefusalReasons
from destination_activecampaign.mappings.lookups import LookUps
from destination_activecampaign.rejected_rows.store import RejectedRows, open_store
from destination_activecampaign.sync.checkpoints import Ledger
from destination_activecampaign.sync.contact_delivery import ContactDelivery
from destination_activecampaign.sync.cost import Cost
from destination_activecampaign.sync.dry_run import DryContacts, DryEvents, DryRun
from destination_activecampaign.sync.event_delivery import EventDelivery
from destination_activecampaign.sync.inbox import Inbox
from destination_activecampaign.sync.intake import Intake
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.lanes import Lanes
from destination_activecampaign.sync.parts import Source
from destination_activecampaign.sync.plan import Plan
from destination_activecampaign.sync.progress import Progress, Usage
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.resolve import Answers, Resolver
from destination_activecampaign.sync.sampled_lookups import SampledLookUps
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People, Window
from destination_activecampaign.sync.writer import Writer

logger = logging.getLogger("airbyte")

MakeLanes: TypeAlias = Callable[[Inbox, Mapping[str, int], Mapping[str, int]], Lanes]

WORKERS = {"import": 3, "poll": 2, "single": 3, "lookup": 3, "tracking": 10}
"""Threads of each lane: enough that slow answers do not keep the quota from being used."""


CHECK_SECONDS = 600.0
"""How long `check` and `discover` may take, however many pages the account's lists have."""

EVENT_ROUTES = ("POST /event", "GET /visit", "POST /localevent")

AHEAD = {"tracking": WORKERS["tracking"]}
"""Only the order of the tracking lane's jobs is settled when they are handed over: an email has one at a time there."""


class Account:
    """One account and the quota that all its requests share.

    `patient`: False for `check`, which does not wait; `clock`, `transport`: the machine's and the network's unless told.
    """

    def __init__(
        self,
        config: Config,
        stop: Stop,
        *,
        patient: bool = True,
        clock: Clock | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.stop = stop
        self._repeated_events = 0
        self._counting = threading.Lock()
        self.quotas = Quotas(
            config.account.requests_per_second,
            config.account.imports_per_minute,
            clock=self.clock,
            random=random.random,
        )
        self.client = Client(
            config.account.api_url,
            config.account.api_key,
            transport or RequestsTransport(self.clock, stopped=stop.is_set),
            self.quotas,
            self.clock,
            random.random,
            deadline_seconds=1800.0 if patient else 20.0,
            total_seconds=math.inf if patient else CHECK_SECONDS,
            patient=patient,
            stop=stop,
            on_retry=self._retrying,
        )

    def _retrying(self, details: RetryDetails) -> None:
        if details.route in EVENT_ROUTES and details.error != RateLimited.__name__:
            with self._counting:
                self._repeated_events += 1

    def store(self, config: Config, sync_id: int | None = None) -> RejectedRows | None:
        """Return where refused rows are kept; None where the settings name no place. `sync_id`: the platform's number."""
        return open_store(
            config.rejected_rows,
            sync_id,
            monotonic=self.clock.monotonic,
            wall=self.clock.time,
            sleep=lambda seconds: pause(self.clock, self.stop, seconds),
            stopped=self.stop.is_set,
        )

    def tracking(self, config: Config, actid: str = "") -> Tracking:
        """Return the account's events and visits."""
        return Tracking(
            self.client,
            actid=actid,
            event_key=config.events.event_key or "",
            base_url=config.events.tracking_url,
            clock=self.clock,
        )

    def usage(self) -> Usage:
        """Return what was sent so far, as the progress line tells it."""
        usage = self.client.usage()
        requests = {lane.name.lower(): count for lane, count in usage.requests.items()}
        return Usage(requests, sum(usage.waited.values()), usage.limit_answers, self._repeated_events)


def assemble(
    config: Config,
    account: Account,
    *,
    directory: Directory,
    external_id: int | None,
    plan: Plan,
    routes: EventRoutes,
    source: Source,
    inbox: Inbox,
    make_lanes: MakeLanes,
    store: RejectedRows | None,
) -> Writer | DryRun:
    """Return the sync, ready to run."""
    clock, resubscribe = account.clock, config.contacts.resubscribe
    run_automations, by_import = config.contacts.run_automations, config.contacts.contacts_route == "import"
    contacts = Contacts(account.client)
    imports = ImportRoute(Imports(account.client), resubscribe, run_automations=run_automations)
    tag_names = Once(account.client, dict(directory.tag_ids))
    singles = SingleRequests(contacts, tag_names, resubscribe, run_automations=run_automations)
    index = AccountIndex()
    ids = ContactIds(contacts, index)
    window = Window(config.run.window_rows, config.run.window_megabytes * 1024 * 1024)
    people = People(imports.measure, resubscribe, fold=config.contacts.fold_repeated_emails)
    rejections = Rejections(config.run.max_rejected_percent)
    ledger = Ledger(rejections.held)
    known = Known()
    settlement = Settlement(window, people, ledger, rejections, known, store=store)
    lanes = make_lanes(inbox, WORKERS, AHEAD)
    account_lookups = LookUps(contacts, external_id, index)
    lookups: Answers = account_lookups
    cost = _cost(account, by_import=by_import)
    if config.run.dry_run:
        lookups = SampledLookUps(cost, account_lookups)
        dry = DryContacts(
            cost=cost,
            window=window,
            people=people,
            lanes=lanes,
            imports=imports,
            singles=singles,
            ids=ids,
            settle=settlement.contact,
            by_import=by_import,
        )
        deliver: ContactDelivery | DryContacts = dry
        events: EventDelivery | DryEvents = DryEvents(cost, routes.foresee, settlement.event)
    else:
        tag_ids = {name: tag_id for tag_id, name in directory.tag_ids.items()}
        deliver = ContactDelivery(
            people=people,
            lanes=lanes,
            clock=clock,
            imports=imports,
            singles=singles,
            ids=ids,
            refusals=RefusalReasons(contacts, lambda: subscriber_limit(account.client)),
            email_change=EmailChange(contacts, external_id),
            sync_route=None if by_import else SyncRoute(contacts, singles, Once(account.client, tag_ids)),
            settle=settlement.contact,
            import_due=account.quotas.import_due,
            import_deadline=config.account.import_deadline_minutes * 60.0,
        )
        events = EventDelivery(lanes, routes.send, settlement.event)
    existing_only = config.events.unknown_contacts == "reject"
    resolver = Resolver(
        known, people, lookups, lanes, settlement, existing_only=existing_only, run_automations=run_automations
    )
    progress = Progress(
        rejections,
        account.usage,
        lambda: window.rows,
        lambda: f"{deliver.unconfirmed_imports} imports are not confirmed, {resolver.waiting} look-ups are open",
        clock.monotonic(),
        written="would be written" if config.run.dry_run else "written",
    )
    intake = Intake(
        plan=plan,
        clock=clock,
        window=window,
        people=people,
        ledger=ledger,
        rejections=rejections,
        settlement=settlement,
        resolver=resolver,
        contacts=deliver,
        keep_raw=store is not None,
    )
    writer = Writer(
        plan=plan,
        source=source,
        inbox=inbox,
        stop_asked=account.stop.is_set,
        lanes=lanes,
        clock=clock,
        window=window,
        intake=intake,
        ledger=ledger,
        rejections=rejections,
        settlement=settlement,
        resolver=resolver,
        contacts=deliver,
        events=events,
        progress=progress,
        store=store,
    )
    if not config.run.dry_run:
        return writer
    return DryRun(writer, dry, cost, rejections)


def _cost(account: Account, *, by_import: bool) -> Cost:
    """Return the cost of a sync that has only just started: a real one also asks for imports of earlier syncs."""
    usage = account.client.usage()
    start = sum(usage.requests.values()) + by_import
    pace = account.quotas.requests_per_second, account.quotas.import_interval
    return Cost(start, *pace, usage.latency, WORKERS["tracking"])
