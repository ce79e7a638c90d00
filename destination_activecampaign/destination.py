"""The destination as Airbyte sees it: spec, check, write."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalog,
    Status,
    Type,
)

from destination_activecampaign import console, preflight
from destination_activecampaign.api.clock import Stop
from destination_activecampaign.assembly import Account
from destination_activecampaign.config import Config
from destination_activecampaign.errors import ActiveCampaignError, ConfigError, TransientError
from destination_activecampaign.mapping_settings import mapping_settings
from destination_activecampaign.mappings import schemas
from destination_activecampaign.mappings.fields import FieldNames
from destination_activecampaign.mappings.identify_targets import external_id_field
from destination_activecampaign.protocol.emitter import Emitter, FailureKind, frames, mask_secrets, standard_output
from destination_activecampaign.protocol.reader import Chunk, LineReader, MessageReader, Reader
from destination_activecampaign.specification import secrets_in
from destination_activecampaign.start import start_sync
from destination_activecampaign.sync.checkpoints import Acknowledged
from destination_activecampaign.sync.inbox import SystemInbox

logger = logging.getLogger("airbyte")


class DestinationActiveCampaign(Destination):
    """Contacts, events and page visits for ActiveCampaign."""

    VALID_CMDS = Destination.VALID_CMDS | {"discover"}

    def parse_args(self, args: list[str]) -> argparse.Namespace:
        """Parse the console's arguments: the CDK knows no `discover` for destinations."""
        return console.parse_args(args)

    def discover(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the objects that columns can be mapped to, custom fields and lists as the account has them now.

        Shape: the `destination_catalog` of Airbyte's protocol.

        Raises ConfigError with what to change.
        """
        mask_secrets(secrets_in(config))
        parsed = Config.from_mapping(config)
        directory = preflight.read_directory(Account(parsed, Stop(), patient=False).client)
        field = external_id_field(FieldNames(directory), mapping_settings(parsed).identify.external_id_field)
        return {"operations": schemas.operations(directory, field)}

    def check(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
    ) -> AirbyteConnectionStatus:
        """Prove the connection and everything that the settings name; FAILED says what to do."""
        mask_secrets(secrets_in(config))
        try:
            parsed = Config.from_mapping(config)
            if parsed.unknown:
                # Also where the check fails: it may be why.
                logger.warning(parsed.unknown_told)
            account = Account(parsed, Stop(), patient=False)
            preflight.prove_settings(account.client, account.tracking(parsed), parsed)
            store = account.store(parsed)
            if store is not None:
                store.prove()
        except ActiveCampaignError as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        except Exception as error:  # noqa: BLE001 - check answers, it does not raise
            message = f"Something went wrong in the connector: {type(error).__name__}. Please report it."
            return AirbyteConnectionStatus(status=Status.FAILED, message=message)
        notes = []
        if parsed.contacts.null_values == "clear":
            notes.append(
                "null_values is clear: each contact with a null takes two requests and more, of four a second."
            )
        if parsed.unknown:
            notes.append(parsed.unknown_told)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED, message=" ".join(notes) or None)

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        """Write messages that the CDK has read; yields each STATE once all before it is settled.

        Raises the errors of `errors`. The console's `write` reads lines itself: the CDK's model of a STATE drops fields.
        """
        for acknowledged in self._sync(
            config, configured_catalog, lambda put: MessageReader(put, input_messages), Stop()
        ):
            message = dict(acknowledged.state.message)
            written, rejected = _stats(acknowledged)
            stats = {"recordCount": float(written), "rejectedRecordCount": float(rejected)}
            message["state"] = {**message["state"], "destinationStats": stats}
            yield AirbyteMessageSerializer.load(message)

    def run(self, args: list[str]) -> None:
        """Run one command of the console. Exits 1 exactly when a TRACE ERROR was printed, or nobody reads any more."""
        parsed = self.parse_args(args)
        stop = Stop()
        with _stopped_by_sigterm(stop), standard_output() as emitter:
            try:
                self._run_command(emitter, parsed, stop)
            except ActiveCampaignError as error:
                emitter.trace_error(failure_type(error), error.message, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - told without what it says, which may hold a row
                emitter.trace_error("system_error", "Something went wrong in the connector.", frames(error))
            else:
                if not emitter.closed:
                    return
        raise SystemExit(1)

    def _run_command(self, emitter: Emitter, parsed: argparse.Namespace, stop: Stop) -> None:
        if parsed.command == "spec":
            emitter.message(AirbyteMessage(type=Type.SPEC, spec=self.spec(logger)))
            return
        config = console.read_json(parsed.config, "config")
        if parsed.command == "check":
            status = self.check(logger, config)
            emitter.message(AirbyteMessage(type=Type.CONNECTION_STATUS, connectionStatus=status))
            return
        if parsed.command == "discover":
            emitter.message({"type": "DESTINATION_CATALOG", "destination_catalog": self.discover(config)})
            return
        raw = console.read_json(parsed.catalog, "catalog")
        catalog = console.configured_catalog(raw)
        for acknowledged in self._sync(config, catalog, LineReader, stop, console.sync_id(raw)):
            written, rejected = _stats(acknowledged)
            counts = acknowledged.counts
            additional = {
                "skippedRecordCount": counts.skipped,
                "refusedPartCount": counts.refused_parts,
                "unconfirmedRecordCount": counts.unconfirmed,
            }
            told = {name: float(count) for name, count in additional.items() if count}
            emitter.state(acknowledged.state.message, written, rejected, told)
            if emitter.closed:
                return

    def _sync(
        self,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        make_reader: Callable[[Callable[[Chunk], None]], Reader],
        stop: Stop,
        sync_id: int | None = None,
    ) -> Iterator[Acknowledged]:
        mask_secrets(secrets_in(config))
        parsed = Config.from_mapping(config)
        inbox = SystemInbox()
        account = Account(parsed, stop)
        writer = start_sync(parsed, account, catalog.streams, make_reader(inbox.put), inbox, sync_id=sync_id)
        yield from writer.run()


def failure_type(error: ActiveCampaignError) -> FailureKind:
    """Return Airbyte's word for what happens next."""
    if isinstance(error, ConfigError):
        return "config_error"
    return "transient_error" if isinstance(error, TransientError) else "system_error"


def _stats(acknowledged: Acknowledged) -> tuple[int, int]:
    """Return written and not written: the platform knows no third count, and its sum must be what it sent."""
    counts = acknowledged.counts
    return counts.written, counts.rejected + counts.skipped


@contextmanager
def _stopped_by_sigterm(stop: Stop) -> Iterator[None]:
    """Let SIGTERM end the sync. Only a main thread may listen; elsewhere the caller ends it by closing the generator."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop_sync(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = signal.signal(signal.SIGTERM, stop_sync)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
