"""Puts the layers below the protocol together: the settings and an account become the parts of a sync."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from destination_activecampaign import preflight
from destination_activecampaign.api.account import Directory
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.clock import Clock, Stop, SystemClock
from destination_activecampaign.api.contacts import Contacts
from destination_activecampaign.api.directory import create_field, subscriber_limit
from destination_activecampaign.api.imports import Imports
from destination_activecampaign.api.once import Once
from destination_activecampaign.api.quotas import Quotas
from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.api.transport import RequestsTransport, Transport
from destination_activecampaign.config import Config
from destination_activecampaign.mappings.contact_import import ImportRoute
from destination_activecampaign.mappings.contact_single import SingleRequests
from destination_activecampaign.mappings.contact_sync import SyncRoute
from destination_activecampaign.mappings.event_routes import EventRoutes, EventRouteSettings
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify import IdentifySettings
from destination_activecampaign.mappings.identify_targets import external_id_field
from destination_activecampaign.mappings.import_refusal import RefusalReasons
from destination_activecampaign.mappings.lookups import LookUps
from destination_activecampaign.mappings.missing_fields import missing_fields
from destination_activecampaign.mappings.page import PageSettings
from destination_activecampaign.mappings.track import TrackSettings
from destination_activecampaign.sync.checkpoints import Ledger
from destination_activecampaign.sync.choice import Choices, choose
from destination_activecampaign.sync.contact_delivery import ContactDelivery
from destination_activecampaign.sync.event_delivery import EventDelivery
from destination_activecampaign.sync.inbox import Inbox
from destination_activecampaign.sync.known import Known
from destination_activecampaign.sync.lanes import Lanes
from destination_activecampaign.sync.plan import MappingSettings, Plan, build_plan
from destination_activecampaign.sync.progress import Progress, Usage
from destination_activecampaign.sync.rejections import Rejections
from destination_activecampaign.sync.resolve import Resolver
from destination_activecampaign.sync.settlement import Settlement
from destination_activecampaign.sync.window import People, Window
from destination_activecampaign.sync.writer import Source, Writer

logger = logging.getLogger("airbyte")

DEFAULT_EXTERNAL_ID = "%EXTERNAL_ID%"

WORKERS = {"import": 3, "poll": 2, "single": 3, "lookup": 3, "tracking": 10}
"""Threads of each lane: enough that slow answers do not keep the quota from being used."""


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
        self.quotas = Quotas(
            config.account.requests_per_second,
            config.account.imports_per_minute,
            clock=self.clock,
            random=random.random,
        )
        self.client = Client(
            config.account.api_url,
            config.account.api_key,
            transport or RequestsTransport(self.clock),
            self.quotas,
            self.clock,
            random.random,
            deadline_seconds=1800.0 if patient else 20.0,
            patient=patient,
            stop=stop,
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
        return Usage(requests, sum(usage.waited.values()), usage.limit_answers)


def event_routes(account: Account, config: Config, choices: Choices) -> EventRoutes:
    """Prove that the account records what the plan sends, and return the way to send it."""
    tracking = account.tracking(config)
    as_event = config.pages.page_delivery == "event"
    events = choices.events or (choices.visits and as_event)
    visits = choices.visits and not as_event
    if events:
        preflight.prove_events(tracking, config)
    if visits:
        preflight.prove_visits(tracking)
    if events or visits:
        tracking = account.tracking(config, preflight.find_actid(tracking, config))
    settings = EventRouteSettings(
        page_delivery=config.pages.page_delivery,
        repeat_lost=config.events.event_delivery == "at_least_once",
        max_new_event_names=config.events.max_new_event_names,
        whitelist_domains=config.pages.whitelist_domains,
    )
    names = dict.fromkeys(tracking.event_names() if events else ())
    domains = tracking.whitelisted_domains() if visits else None
    return EventRoutes(
        tracking,
        settings,
        Once(account.client, names),
        None if domains is None else Once(account.client, dict.fromkeys(domains)),
    )


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
) -> Writer:
    """Return the sync, ready to run."""
    clock, resubscribe = account.clock, config.contacts.resubscribe
    contacts = Contacts(account.client)
    imports = ImportRoute(Imports(account.client), resubscribe, run_automations=config.contacts.run_automations)
    singles = SingleRequests(
        contacts,
        Once(account.client, dict(directory.tag_ids)),
        resubscribe,
        run_automations=config.contacts.run_automations,
    )
    sync_route = None
    if config.contacts.contacts_route == "single":
        tag_ids = {name: tag_id for tag_id, name in directory.tag_ids.items()}
        sync_route = SyncRoute(contacts, singles, Once(account.client, tag_ids))
    window = Window(config.run.window_rows, config.run.window_megabytes * 1024 * 1024)
    people = People(imports.measure, resubscribe, fold=config.contacts.fold_repeated_emails)
    rejections = Rejections()
    ledger = Ledger(rejections.held)
    known = Known()
    settlement = Settlement(window, people, ledger, rejections, known)
    lanes = Lanes(inbox, WORKERS)
    resolver = Resolver(
        known,
        LookUps(contacts, external_id),
        lanes,
        settlement,
        existing_only=config.events.unknown_contacts == "reject",
    )
    delivery = ContactDelivery(
        people=people,
        lanes=lanes,
        clock=clock,
        imports=imports,
        singles=singles,
        refusals=RefusalReasons(contacts, lambda: subscriber_limit(account.client)),
        sync_route=sync_route,
        settle=settlement.contact,
        import_due=account.quotas.import_due,
        import_deadline=config.account.import_deadline_minutes * 60.0,
    )
    progress = Progress(
        rejections,
        account.usage,
        lambda: window.rows,
        lambda: f"{delivery.unconfirmed_imports} imports are not confirmed, {resolver.waiting} look-ups are open",
        clock.monotonic(),
    )
    return Writer(
        plan=plan,
        source=source,
        inbox=inbox,
        stop_asked=account.stop.is_set,
        lanes=lanes,
        clock=clock,
        window=window,
        people=people,
        ledger=ledger,
        rejections=rejections,
        settlement=settlement,
        resolver=resolver,
        contacts=delivery,
        events=EventDelivery(lanes, routes.send, settlement.event),
        progress=progress,
    )


def start_sync(config: Config, account: Account, streams: Sequence[Any], source: Source, inbox: Inbox) -> Writer:
    """Prove that the sync can run, and return it with its source started.

    `streams`: of the configured catalog. Raises ConfigError with what to change, TransientError where it was stopped.
    """
    choices = choose(streams, config.mappings)
    account.client.check_key()
    directory = preflight.read_directory(account.client)
    preflight.prove_lists(directory.lists, config.contacts.resubscribe)
    if choices.contacts:
        directory = _create_missing_fields(account.client, directory, choices, config.contacts.create_missing_fields)
    settings = _mapping_settings(config)
    plan = build_plan(choices, directory, settings)
    for line in plan.lines():
        logger.info(line)
    routes = event_routes(account, config, choices)
    if choices.contacts and config.contacts.contacts_route == "import":
        _wait_for_outstanding(Imports(account.client), account)
    source.start()
    external_id = external_id_field(FieldNames(directory), settings.identify.external_id_field)
    return assemble(
        config,
        account,
        directory=directory,
        external_id=external_id,
        plan=plan,
        routes=routes,
        source=source,
        inbox=inbox,
    )


def _mapping_settings(config: Config) -> MappingSettings:
    contacts, events = config.contacts, config.events
    return MappingSettings(
        identify=IdentifySettings(
            # The default is used where the account has it; what a user names must exist.
            external_id_field=None if contacts.external_id_field == DEFAULT_EXTERNAL_ID else contacts.external_id_field,
            create_without_name=contacts.create_without_name,
            null_values=contacts.null_values,
            invalid_values=contacts.invalid_values,
            null_tags_with_reset=contacts.null_tags_with_reset,
            max_new_tags=contacts.max_new_tags,
            resubscribe=contacts.resubscribe,
            run_automations=contacts.run_automations,
            create_missing_fields=frozenset(contacts.create_missing_fields),
        ),
        track=TrackSettings(
            skip_events_older_than=events.skip_events_older_than,
            event_data=events.event_data,
            event_data_time=events.event_data_time,
            long_event_names=events.long_event_names,
        ),
        page=PageSettings(skip_events_older_than=events.skip_events_older_than),
    )


def _create_missing_fields(client: Client, directory: Directory, choices: Choices, columns: Sequence[str]) -> Directory:
    """Create the custom fields that the settings ask for and the account lacks; returns the directory with them."""
    for chosen in choices.streams:
        if chosen.kind in ("identify", "raw_calls"):
            for title, field_type in missing_fields(chosen.shape, directory, columns):
                created = create_field(client, title, field_type)
                logger.info("Custom field %%%s%% created for column %s.", created.perstag, title)
                directory = replace(directory, fields=(*directory.fields, created))
    return directory


def _wait_for_outstanding(imports: Imports, account: Account, seconds: float = 60.0) -> None:
    """Wait while the account works off imports of a sync that did not end well: they could overwrite newer values."""
    deadline = account.clock.monotonic() + seconds
    told = False
    while imports.outstanding() and account.clock.monotonic() < deadline:
        if not told:
            logger.info("The account still works off imports; waiting up to %.0f s for them.", seconds)
            told = True
        account.client.wait(5.0)
