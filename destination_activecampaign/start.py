"""What happens before the first row: the account is proven fit for the plan, and what settings ask for is created."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from destination_activecampaign import preflight
from destination_activecampaign.api.account import Directory, Field
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.directory import create_field
from destination_activecampaign.api.imports import Imports
from destination_activecampaign.api.once import Once
from destination_activecampaign.assembly import Account, MakeLanes, assemble
from destination_activecampaign.config import Config
from destination_activecampaign.mapping_settings import mapping_settings
from destination_activecampaign.mappings.event_routes import EventRoutes, EventRouteSettings
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import external_id_field
from destination_activecampaign.mappings.missing_fields import missing_fields
from destination_activecampaign.sync.choice import choose
from destination_activecampaign.sync.chosen import Choices
from destination_activecampaign.sync.dry_run import DryRun
from destination_activecampaign.sync.inbox import Inbox
from destination_activecampaign.sync.lanes import Lanes
from destination_activecampaign.sync.parts import Source
from destination_activecampaign.sync.plan import build_plan
from destination_activecampaign.sync.writer import Writer

logger = logging.getLogger("airbyte")


def start_sync(
    config: Config,
    account: Account,
    streams: Sequence[Any],
    source: Source,
    inbox: Inbox,
    *,
    sync_id: int | None = None,
    make_lanes: MakeLanes = Lanes,
) -> Writer | DryRun:
    """Prove that the sync can run, and return it with its source started.

    `streams`: of the configured catalog; `sync_id`: the platform's number of this sync. Raises ConfigError with what to
    change, TransientError where it was stopped.
    """
    if config.unknown:
        logger.warning(config.unknown_told)
    preflight.prove_contacts(config)
    choices = choose(streams, config.mappings)
    for line in choices.warnings:
        logger.warning(line)
    preflight.prove_key(account.client)
    directory = preflight.read_directory(account.client)
    preflight.prove_lists(directory.lists, config)
    settings = mapping_settings(config)
    build_plan(choices, directory, settings)  # what is wrong with it must be told before a field is created
    if choices.contacts:
        directory = _with_missing_fields(account.client, directory, choices, config)
    plan = build_plan(choices, directory, settings)
    for line in plan.lines():
        logger.info(line)
    for line in plan.warnings():
        logger.warning(line)
    if not any(plan):
        logger.warning("The catalog has no stream, so nothing will be written. Choose streams in the connection.")
    routes = event_routes(account, config, choices)
    if choices.contacts and config.contacts.contacts_route == "import" and not config.run.dry_run:
        _wait_for_outstanding(Imports(account.client), account)
    store = None if config.run.dry_run else account.store(config, sync_id)
    if store is not None:
        store.prove()
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
        make_lanes=make_lanes,
        store=store,
    )


def _with_missing_fields(client: Client, directory: Directory, choices: Choices, config: Config) -> Directory:
    """Create the custom fields that the settings ask for and the account lacks; returns the directory with them.

    A dry run creates nothing: it goes on as if they were there.
    """
    for chosen in choices.streams:
        if chosen.kind not in ("identify", "raw_calls"):
            continue
        for title, field_type in missing_fields(chosen.shape, directory, config.contacts.create_missing_fields):
            if config.run.dry_run:
                field = Field(-1 - len(directory.fields), title, field_type, "")
                logger.info("Custom field for column %s would be created.", title)
            else:
                field = create_field(client, title, field_type)
                logger.info("Custom field %%%s%% created for column %s.", field.perstag, title)
            directory = replace(directory, fields=(*directory.fields, field))
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
