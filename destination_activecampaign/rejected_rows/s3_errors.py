"""What an error of boto3 means, and what the user can do. The only module that reads S3's error codes.

boto3's own texts are left out: they hold addresses, keys of objects and names of users.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final, TypeAlias

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    InvalidRegionError,
    MetadataRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)

from destination_activecampaign.errors import ActiveCampaignError, ConfigError, TransientError

_WHERE: Final = "in `object_storage_config`"

_ELSEWHERE: Final = f"The bucket is in another region: correct `s3_bucket_region` {_WHERE}"

_Meaning: TypeAlias = tuple[Collection[str], Collection[int], type[ActiveCampaignError], str]

_ANSWERS: Final[tuple[_Meaning, ...]] = (
    (
        {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage"},
        {507},
        ConfigError,
        "There is no room left for rejected rows in the bucket: free some, then sync again",
    ),
    (
        {
            "BadDigest",
            "IncompleteBody",
            "InternalError",
            "OperationAborted",
            "RequestTimeout",
            "SlowDown",
            "Throttling",
        },
        {408, 429, *range(500, 600)},
        TransientError,
        "Rejected rows could not be kept: S3 is not able to take them now",
    ),
    ({"NoSuchBucket"}, {404}, ConfigError, f"There is no such bucket: correct `s3_bucket_name` {_WHERE}, or make it"),
    (
        {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"},
        range(300, 400),
        ConfigError,
        _ELSEWHERE,
    ),
    (
        {"InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch"},
        (),
        ConfigError,
        f"S3 does not accept the credentials: correct `access_key_id` and `secret_access_key` {_WHERE}",
    ),
    (
        {"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"},
        (),
        ConfigError,
        "The credentials for the bucket have expired: renew them",
    ),
    (
        {"RequestTimeTooSkewed", "RequestExpired"},
        (),
        ConfigError,
        "The clock of this machine is wrong, so S3 refuses its requests: set it",
    ),
    (
        (),
        {401, 403},
        ConfigError,
        "Writing to the bucket is denied: allow s3:PutObject, and s3:DeleteObject for the probe, under `bucket_path`",
    ),
)
"""What codes and statuses of answers mean. The first that fits counts."""

_NO_ANSWERS: Final[tuple[tuple[tuple[type[Exception], ...], type[ActiveCampaignError], str], ...]] = (
    (
        (SSLError,),
        ConfigError,
        f"The certificate of {{where}} is not trusted: correct the address {_WHERE} or the certificate.",
    ),
    ((EndpointConnectionError,), TransientError, "Rejected rows could not be kept: {where} cannot be reached."),
    ((TimeoutError,), TransientError, "Rejected rows could not be kept: {where} did not answer in time."),
    ((HTTPClientError,), TransientError, "Rejected rows could not be kept: {where} did not answer ({error})."),
    (
        (CredentialRetrievalError, MetadataRetrievalError),
        TransientError,
        "Rejected rows could not be kept: this machine gave no credentials for S3.",
    ),
    (
        (NoCredentialsError, PartialCredentialsError),
        ConfigError,
        f"There are no credentials for the bucket: set a key {_WHERE}, or give the machine a role that may write to it.",
    ),
    (
        (InvalidRegionError,),
        ConfigError,
        f"`s3_bucket_region` {_WHERE} is not the name of a region, like eu-central-1.",
    ),
    ((ParamValidationError,), ConfigError, f"S3 allows no such name: correct `s3_bucket_name` or `role_arn` {_WHERE}."),
    ((RecursionError,), ConfigError, f"{_ELSEWHERE}."),
    ((Exception,), ConfigError, f"The bucket cannot be used with these settings: correct them {_WHERE} ({{error}})."),
)


def told(error: Exception, *, custom_endpoint: bool) -> ActiveCampaignError:
    """Return ConfigError or TransientError for *error*, one that botocore raised."""
    if isinstance(error, ClientError):
        return _answered(error)
    where = "the server at `s3_endpoint`" if custom_endpoint else "S3"
    inner = error.kwargs.get("error") if isinstance(error, HTTPClientError) else None
    if isinstance(inner, RecursionError):
        # Redirected so often that the limit was met inside the HTTP client, which wraps whatever it meets.
        error = inner
    kind, text = next((kind, text) for types, kind, text in _NO_ANSWERS if isinstance(error, types))
    return kind(text.format(where=where, error=type(error).__name__))


def _answered(error: ClientError) -> ActiveCampaignError:
    """Tell what the server's answer means: its code says most, its status the rest."""
    response: dict[str, Any] = dict(error.response)
    code, status = _code(response), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind, text = next(
        ((kind, text) for codes, statuses, kind, text in _ANSWERS if code in codes or status in statuses),
        (ConfigError, f"S3 refused to store rejected rows: correct the settings {_WHERE} or the bucket's"),
    )
    if error.operation_name == "AssumeRole" and code == "AccessDenied":
        text = f"The role cannot be taken on: correct `role_arn` {_WHERE}, or whom the role trusts"
    return kind(f"{text} ({code or status}).")


def _code(response: dict[str, Any]) -> str:
    """Return the server's code if it is a plain word: what stands there is shown to the user."""
    code = str(response.get("Error", {}).get("Code", ""))
    return code if re.fullmatch(r"[A-Za-z][A-Za-z.]{0,59}", code) else ""
