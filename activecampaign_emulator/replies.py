"""Answers, and the error bodies as ActiveCampaign writes them. No rule of when to give which.

There is no single error schema: the shapes here are those of the vendor's OpenAPI and of recorded traffic.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Cut = Literal["before", "after", "half"]

# Where the `links` of objects point to; nothing listens there.
BASE: Final = "https://emulated.api-us1.com/api/3"
JSON_TYPE: Final = "application/json"
HTML_TYPE: Final = "text/html; charset=UTF-8"

LOGIN_PAGE: Final = (
    '<!DOCTYPE html><html><head><title>Login</title></head><body><form action="/admin/">'
    '<input name="user"><input name="pass" type="password"></form></body></html>'
)
NOT_FOUND_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>Not Found</title></head>"
    "<body><h1>Not Found</h1><p>The requested URL was not found on this server.</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer; `cut` says where the connection is to be cut, `delay` how many seconds the network takes."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: Cut | None = None
    delay: float = 0.0

    def json(self) -> Any:
        """Read the body as JSON, whatever its content type."""
        return json.loads(self.body)


class ApiError(Exception):
    """A refusal with its status and JSON body; raised by resource code, answered in one place."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def json_reply(status: int, body: Any, content_type: str = JSON_TYPE) -> Reply:
    """Answer with *body* as JSON."""
    encoded = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    return Reply(status, {"Content-Type": content_type}, encoded)


def text_reply(status: int, text: str, content_type: str) -> Reply:
    """Answer with *text*."""
    return Reply(status, {"Content-Type": content_type}, text.encode())


def not_found(entity: str, number: str | int) -> ApiError:
    """Refuse an unknown id, with ActiveCampaign's internal entity name (Subscriber, SubscriberTag, _List; recorded)."""
    return ApiError(404, {"message": f"No Result found for {entity} with id {number}"})


def errors(status: int, *entries: dict[str, Any]) -> ApiError:
    """Refuse with the `errors` list that most 4xx answers carry (OpenAPI)."""
    return ApiError(status, {"errors": list(entries)})


def missing_attribute(name: str) -> ApiError:
    """Refuse a body without the attribute *name* (OpenAPI, POST /contactTags 422)."""
    pointer = {"pointer": f"/data/attributes/{name}"}
    return errors(422, {"status": 422, "title": "Missing attribute", "source": pointer})


def email_invalid() -> ApiError:
    """Refuse a badly formed email on contact/sync and contacts (a fixture of another vendor's connector)."""
    return errors(
        422,
        {
            "title": "Contact Email Address is not valid.",
            "detail": "",
            "code": "email_invalid",
            "error": "must_be_valid_email_address",
            "source": {"pointer": "/data/attributes/email"},
        },
    )


def email_duplicate() -> ApiError:
    """Refuse an email that another contact has (OpenAPI, POST /contacts 422)."""
    return errors(
        422,
        {
            "title": "Email address already exists in the system",
            "detail": "",
            "code": "duplicate",
            "source": {"pointer": "/data/attributes/email"},
        },
    )


def related_missing(kind: str) -> dict[str, Any]:
    """Describe a list or contact that does not exist (a client library's mock of POST /contactLists)."""
    return {
        "title": f"The related {kind} does not exist.",
        "detail": "",
        "code": "related_missing",
        "error": f"{kind}_not_exist",
        "source": {"pointer": f"/data/attributes/{kind}"},
    }


def import_refused(reasons: list[Any], message: str | None = None) -> ApiError:
    """Refuse a whole import: reasons are strings, or `{contact (1-based), failureReason}` per row (OpenAPI)."""
    text = message or (
        "JSON payload did not pass validation. Please fix failureReasons and retry. "
        "The import was not queued for processing."
    )
    return ApiError(400, {"success": 0, "message": text, "failureReasons": reasons})
