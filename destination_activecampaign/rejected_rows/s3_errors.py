"""What an error of boto3 means, and what the user can do. The only module that reads S3's error codes.

boto3's own texts are left out: they hold addresses, keys of objects and names of users.
"""

from __future__ import annotations

import re
from typing import Any, Final

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
_PASSING: Final = frozenset(
    {
        "BadDigest",
        "IncompleteBody",
        "InternalError",
        "OperationAborted",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "SlowDownWrite",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
    }
)
_FULL: Final = frozenset(
    {"XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"}
)
_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "TemporaryRedirect"}
)
_KEYS: Final = frozenset({"InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch"})
_OLD: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"})
_CLOCK: Final = frozenset({"RequestTimeTooSkewed", "RequestExpired"})

_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429
_TIMED_OUT: Final = 408
_DENIED: Final = (401, 403)
_NOT_FOUND: Final = 404
_REDIRECTS: Final = range(300, 400)


def told(error: Exception, *, custom_endpoint: bool) -> ActiveCampaignError:
    """Return ConfigError or TransientError for *error*, one that botocore raised."""
    if isinstance(error, ClientError):
        return _answered(error)
    where = "the server at `s3_endpoint`" if custom_endpoint else "S3"
    match error:
        case SSLError():
            return ConfigError(
                f"The certificate of {where} is not trusted: correct the address {_WHERE} or the certificate."
            )
        case EndpointConnectionError() if custom_endpoint:
            return TransientError(f"Rejected rows could not be kept: {where} cannot be reached. Is the address right?")
        case HTTPClientError():
            return TransientError(f"Rejected rows could not be kept: {where} did not answer ({type(error).__name__}).")
        case CredentialRetrievalError() | MetadataRetrievalError():
            return TransientError("Rejected rows could not be kept: this machine gave no credentials for S3.")
        case NoCredentialsError() | PartialCredentialsError():
            return ConfigError(
                f"There are no credentials for the bucket: set `access_key_id` and `secret_access_key` {_WHERE}, or give "
                "the machine a role that may write to it."
            )
        case InvalidRegionError():
            return ConfigError(f"`s3_bucket_region` {_WHERE} is not the name of a region, like eu-central-1.")
        case ParamValidationError():
            return ConfigError(f"S3 allows no such name: correct `s3_bucket_name` and `role_arn` {_WHERE}.")
    return ConfigError(
        f"The bucket cannot be used with these settings: correct them {_WHERE} ({type(error).__name__})."
    )


def _answered(error: ClientError) -> ActiveCampaignError:
    """Tell what the server's answer means: its code says most, its status the rest."""
    response: dict[str, Any] = dict(error.response)
    code, status = _code(response), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    shown = f" ({code or status})"
    if code in _FULL:
        return ConfigError(f"There is no room left for rejected rows in the bucket: free some, then sync again{shown}.")
    if code in _PASSING or status in (_TOO_MANY, _TIMED_OUT) or status >= _SERVER_ERROR:
        return TransientError(f"Rejected rows could not be kept: S3 is not able to take them now{shown}.")
    if code == "NoSuchBucket" or status == _NOT_FOUND:
        return ConfigError(f"There is no such bucket: correct `s3_bucket_name` {_WHERE}, or make it{shown}.")
    if code in _REGION or status in _REDIRECTS:
        return ConfigError(f"The bucket is in another region: correct `s3_bucket_region` {_WHERE}{shown}.")
    if code in _KEYS:
        return ConfigError(
            f"S3 does not accept the credentials: correct `access_key_id` and `secret_access_key` {_WHERE}{shown}."
        )
    if code in _OLD:
        return ConfigError(f"The credentials for the bucket have expired: renew them{shown}.")
    if code in _CLOCK:
        return ConfigError(f"The clock of this machine is wrong, so S3 refuses its requests: set it{shown}.")
    if error.operation_name == "AssumeRole":
        return ConfigError(f"The role cannot be taken on: correct `role_arn` {_WHERE}, or whom the role trusts{shown}.")
    if status in _DENIED:
        return ConfigError(
            "Writing to the bucket is denied: allow s3:PutObject (and s3:DeleteObject, for the probe of the connection "
            f"test) under `bucket_path`{shown}."
        )
    return ConfigError(f"S3 refused to store rejected rows: correct the settings {_WHERE} or the bucket's{shown}.")


def _code(response: dict[str, Any]) -> str:
    """Return the server's code if it is a plain word: what stands there is shown to the user."""
    code = str(response.get("Error", {}).get("Code", ""))
    return code if re.fullmatch(r"[A-Za-z][A-Za-z.]{0,59}", code) else ""
