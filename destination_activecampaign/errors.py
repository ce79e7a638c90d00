"""Every error this connector raises, grouped by what happens next.

ActiveCampaignError
├── ConfigError                 stop; the user can fix it          config_error
│   └── AuthenticationError     the key, or its rights
├── TransientError              try again; after a deadline, stop  transient_error
│   ├── RateLimited             the account's quota is used up
│   ├── PauseTooLong            ActiveCampaign asks for a pause that is left to the next sync
│   ├── ServerError             5xx, or HTML where JSON was due
│   └── ConnectionFailed        no answer, or half of one
├── UnexpectedResponse          stop; the API or we are wrong      system_error
├── RequestRefused              4xx: this request cannot be done; its caller decides
│   └── NotFound
└── RecordRejected              count this row, say why; never leaves the mapping that raised it

Messages never hold a value from a row, a URL's query or a secret: they name routes, settings and statuses.
"""

from __future__ import annotations


class ActiveCampaignError(Exception):
    """Base of all errors of this connector; its text is safe to show to the user."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigError(ActiveCampaignError):
    """A setting, a mapping or the account keeps the sync from running; the message says what to change."""


class AuthenticationError(ConfigError):
    """ActiveCampaign does not accept the API key, or the key lacks a right."""


class TransientError(ActiveCampaignError):
    """Something that may pass: worth trying again until a deadline, then the sync ends and the next one goes on."""


class RateLimited(TransientError):
    """The quota is used up. `retry_after`: seconds that ActiveCampaign asks to wait, None if it does not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PauseTooLong(TransientError):
    """ActiveCampaign asks to wait longer than a sync should: the next one goes on."""


class ServerError(TransientError):
    """ActiveCampaign (or the proxy before it) failed. `retry_after`: seconds, where the answer names them."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConnectionFailed(TransientError):
    """No whole answer arrived. `request_sent`: False only where it is certain that nothing was sent."""

    def __init__(self, message: str, *, request_sent: bool = True) -> None:
        super().__init__(message)
        self.request_sent = request_sent


class UnexpectedResponse(ActiveCampaignError):
    """An answer that contradicts what the API is known to do; going on could touch the wrong contact."""


class RequestRefused(ActiveCampaignError):
    """A 4xx answer about the content of one request.

    `status`: the HTTP status; `codes`: ActiveCampaign's own error codes (`duplicate`, `email_invalid`, ...);
    `body`: the parsed JSON body, which may hold values of a row and is never logged.
    """

    def __init__(self, message: str, status: int, codes: tuple[str, ...] = (), body: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.codes = codes
        self.body = body


class NotFound(RequestRefused):
    """404 with ActiveCampaign's JSON message: the object that the request names does not exist."""


class RecordRejected(ActiveCampaignError):
    """One row cannot be written. `reason`: a code; `field`: the column or part it is about; the message says what to do."""

    def __init__(self, reason: str, field: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field
