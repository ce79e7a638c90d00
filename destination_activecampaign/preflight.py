"""Proves that the account is fit for what the settings and the plan ask, before a row is read.

`check` proves what the settings name, `write` what its plan needs, with the same messages.
"""

from __future__ import annotations

from collections.abc import Collection

from destination_activecampaign.api.account import ContactList, Directory
from destination_activecampaign.api.client import Client
from destination_activecampaign.api.directory import read_fields, read_lists, read_tags
from destination_activecampaign.api.tracking import Tracking
from destination_activecampaign.config import Config
from destination_activecampaign.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionFailed,
    RequestRefused,
    TransientError,
)
from destination_activecampaign.mapping_settings import mapping_settings
from destination_activecampaign.mappings.base import NewTags, StreamShape
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import external_id_field
from destination_activecampaign.sync.mapping_entries import stream_columns
from destination_activecampaign.sync.plan import contact_mapping


def read_directory(client: Client) -> Directory:
    """Read fields, lists and tags, all pages. Raises AuthenticationError naming the right that the key lacks."""
    tags = read_tags(client)
    return Directory(
        fields=read_fields(client),
        lists=read_lists(client),
        tags={tag.name.lower(): tag.name for tag in tags},
        tag_ids={tag.id: tag.name.lower() for tag in tags},
    )


def prove_lists(lists: Collection[ContactList], config: Config) -> None:
    """Raise ConfigError unless the account has every list that the settings name."""
    contacts = config.contacts
    for setting, list_ids in (
        ("resubscribe", contacts.resubscribe),
        ("soft_delete_lists", contacts.soft_delete_lists),
    ):
        missing = sorted(set(list_ids) - {each.id for each in lists})
        if missing:
            raise ConfigError(
                f"`{setting}` names lists that the account does not have: {', '.join(map(str, missing))}. "
                "A list's id is the number at the end of its address in ActiveCampaign (Contacts > Lists)."
            )


def prove_key(client: Client) -> None:
    """Raise AuthenticationError where the key does not work, TransientError saying what to check where nobody answers."""
    try:
        client.check_key()
    except ConnectionFailed as error:
        raise TransientError(
            f"{error.message} Check the API URL: copy it from Settings > Developer in ActiveCampaign."
        ) from None


def prove_contacts(config: Config) -> None:
    """Raise ConfigError where the settings contradict one another."""
    if config.contacts.contacts_route == "single" and not config.contacts.run_automations:
        raise ConfigError(
            "`contacts_route` single always runs automations, and `run_automations` is off. Use the import route, or switch "
            "`run_automations` on."
        )


def prove_events(tracking: Tracking, config: Config) -> None:
    """Raise ConfigError unless events can be recorded."""
    if not config.events.event_key:
        raise ConfigError(
            "Events need `event_key`: copy it in ActiveCampaign from Settings > Tracking > Event Tracking."
        )
    if not tracking.event_tracking_enabled():
        raise ConfigError(
            "Event tracking is switched off in the account, so every event would be lost. Switch it on under "
            "Settings > Tracking > Event Tracking, then sync again."
        )


def prove_visits(tracking: Tracking) -> None:
    """Raise ConfigError unless visits can be recorded."""
    if not tracking.site_tracking_enabled():
        raise ConfigError(
            "Site tracking is switched off in the account, so every visit would be lost. Switch it on under Website > "
            "Site tracking, or set `page_delivery` to event."
        )


def find_actid(tracking: Tracking, config: Config) -> str:
    """Return the account's number for tracking: the setting, else from the account's tracking code."""
    if config.events.actid:
        return config.events.actid
    try:
        return tracking.actid_from_code()
    except (RequestRefused, AuthenticationError) as error:
        raise ConfigError(
            "The account's number for tracking could not be read. Set `actid`: it is the number in the tracking code under "
            f"Website > Site tracking. ({error.message})"
        ) from None


def prove_settings(client: Client, tracking: Tracking, config: Config) -> None:
    """Raise ConfigError unless the account fits all that the settings name; `check` calls this, knowing no catalog."""
    prove_contacts(config)
    prove_key(client)
    directory = read_directory(client)
    prove_lists(directory.lists, config)
    settings = mapping_settings(config)
    new_tags = NewTags(0)
    for entry in config.mappings:
        if entry.mapping == "identify":
            shape, rules = StreamShape(entry.stream, entry.namespace, {}), stream_columns(entry)
            contact_mapping(shape, rules, directory, settings, new_tags, entry.operation, entry.matching_key)
    external_id_field(FieldNames(directory), settings.identify.external_id_field)
    mapped = {entry.mapping for entry in config.mappings}
    as_event = config.pages.page_delivery == "event"
    events = bool(config.events.event_key) or "track" in mapped or (as_event and "page" in mapped)
    visits = "page" in mapped and not as_event
    if events:
        prove_events(tracking, config)
    if visits:
        prove_visits(tracking)
    if events or visits:
        find_actid(tracking, config)
