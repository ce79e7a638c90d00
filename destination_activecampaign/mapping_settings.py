"""The settings, as the mappings take them."""

from __future__ import annotations

from destination_activecampaign.config import Config
from destination_activecampaign.mappings.contact import Removal
from destination_activecampaign.mappings.identify import IdentifySettings
from destination_activecampaign.mappings.identify_targets import DEFAULT_EXTERNAL_ID
from destination_activecampaign.mappings.page import PageSettings
from destination_activecampaign.mappings.soft_delete import SoftDeleteSettings
from destination_activecampaign.mappings.track import TrackSettings
from destination_activecampaign.sync.plan import MappingSettings


def mapping_settings(config: Config) -> MappingSettings:
    """Return what the mappings are told of the settings."""
    contacts, events = config.contacts, config.events
    external_id = contacts.external_id_field
    return MappingSettings(
        identify=IdentifySettings(
            # The default is used where the account has it; what a user names must exist.
            external_id_field=None if external_id == DEFAULT_EXTERNAL_ID else external_id,
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
        soft_delete=SoftDeleteSettings(
            removal=Removal(contacts.soft_delete),
            lists=contacts.soft_delete_lists,
            external_id_field=None if external_id == DEFAULT_EXTERNAL_ID else external_id,
            run_automations=contacts.run_automations,
        ),
        page=PageSettings(skip_events_older_than=events.skip_events_older_than),
    )
