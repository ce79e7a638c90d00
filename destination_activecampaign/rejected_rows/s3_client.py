"""One bucket through boto3: credentials, time-outs, one try of each call. The only module that imports boto3.

Objects go out with their digest, so that a server stores what was sent or refuses it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from destination_activecampaign.addresses import is_refused
from destination_activecampaign.errors import ActiveCampaignError, ConfigError
from destination_activecampaign.rejected_rows.s3_errors import told
from destination_activecampaign.rejected_rows.settings import S3Storage
from destination_activecampaign.within import within

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
CALL_SECONDS: Final = 120.0
"""How long one call may take, whatever trickles in meanwhile."""

RENEW_BEFORE_SECONDS: Final = 300.0
DEFAULT_REGION: Final = "us-east-1"
"""What servers that have no regions take requests to be signed for."""

EXTERNAL_ID_VARIABLE: Final = "AWS_ASSUME_ROLE_EXTERNAL_ID"
"""Where the platform says which external id a role of the user's asks for."""

# botocore follows redirects to another region by itself, however many: a server that gives no region ends in recursion.
_FAILURES: Final = (BotoCoreError, ClientError, TimeoutError, ValueError, RecursionError)

logger = logging.getLogger("airbyte")


class _Client(Protocol):
    def put_object(self, **arguments: object) -> Mapping[str, Any]: ...

    def delete_object(self, **arguments: object) -> object: ...


class Bucket:
    """The bucket of *storage*.

    `wall`: seconds since 1970, which a role's passing credentials are measured by; `stopped`: whether the sync was stopped,
    after which a call has a few seconds left.
    """

    def __init__(
        self,
        storage: S3Storage,
        wall: Callable[[], float],
        read_seconds: float = READ_SECONDS,
        call_seconds: float = CALL_SECONDS,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        if bool(storage.access_key_id) != bool(storage.secret_access_key):
            raise ConfigError(
                "`object_storage_config` has one of `access_key_id` and `secret_access_key`: give both, or none to use the "
                "credentials of the machine."
            )
        _refuse_link_local(storage.s3_endpoint)
        # botocore tells at INFO where it found credentials, and at DEBUG what it sends.
        logging.getLogger("botocore").setLevel(logging.WARNING)
        self._storage = storage
        self._wall = wall
        self._call_seconds = call_seconds
        self._stopped = stopped
        self._config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": 1},  # its own waits cannot be ended
            # Servers other than AWS's do not know the checksums that it adds; Content-MD5 they all do.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if storage.s3_endpoint else {},
        )
        self._client: _Client | None = None
        self._expires: float | None = None

    def put(self, key: str, body: bytes) -> None:
        """Store an object. Raises TransientError where another try may help, else ConfigError."""
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        try:
            # A stream, not bytes: each block of it gets the whole time-out.
            answer = within(
                self._call_seconds,
                lambda: self._connected().put_object(
                    Bucket=self._storage.s3_bucket_name, Key=key, Body=io.BytesIO(body), ContentMD5=digest
                ),
                self._stopped,
            )
        except _FAILURES as error:
            raise self._told(error) from None
        if not answer.get("ETag"):
            # A web page answers 200 to anything; S3 answers a stored object with its tag.
            raise ConfigError(
                "What answers at `s3_endpoint` is not an S3 server: correct it in `object_storage_config`."
            )

    def remove(self, key: str) -> None:
        """Remove an object if that is allowed."""
        try:
            within(
                self._call_seconds,
                lambda: self._connected().delete_object(Bucket=self._storage.s3_bucket_name, Key=key),
                self._stopped,
            )
        except _FAILURES as error:
            logger.info(
                "The probe object write_probe could not be removed from the bucket: %s", self._told(error).message
            )

    def _told(self, error: Exception) -> ActiveCampaignError:
        return told(error, custom_endpoint=bool(self._storage.s3_endpoint))

    def _connected(self) -> _Client:
        """Return a client whose credentials are good for a while."""
        expired = self._expires is not None and self._wall() > self._expires - RENEW_BEFORE_SECONDS
        if self._client is None or expired:
            self._client = self._connect()
        return self._client

    def _connect(self) -> _Client:
        storage = self._storage
        region = storage.s3_bucket_region or DEFAULT_REGION
        session = boto3.session.Session(
            aws_access_key_id=storage.access_key_id,
            aws_secret_access_key=storage.secret_access_key,
            region_name=region,
        )
        if storage.role_arn:
            role = {"RoleArn": storage.role_arn, "RoleSessionName": "destination-activecampaign"}
            if external_id := os.environ.get(EXTERNAL_ID_VARIABLE):
                role["ExternalId"] = external_id
            given = session.client("sts", config=self._config).assume_role(**role)["Credentials"]
            self._expires = given["Expiration"].timestamp()
            session = boto3.session.Session(
                aws_access_key_id=given["AccessKeyId"],
                aws_secret_access_key=given["SecretAccessKey"],
                aws_session_token=given["SessionToken"],
                region_name=region,
            )
        return cast("_Client", session.client("s3", endpoint_url=storage.s3_endpoint, config=self._config))


def _refuse_link_local(endpoint: str | None) -> None:
    """Raise ConfigError for an address at which clouds hand out a machine's own credentials."""
    try:
        host = urlsplit(endpoint or "").hostname or ""
    except ValueError:
        host = ""  # botocore says what is wrong with it
    if is_refused(host):
        raise ConfigError(
            "`s3_endpoint` names an address that no S3 server has: correct it in `object_storage_config`."
        )
