"""Bulk imports: submit one, ask how it went. Which contacts go into one, and what a failure means, is decided above."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from destination_activecampaign.api import answers
from destination_activecampaign.api.classify import classify
from destination_activecampaign.api.client import Client, Request
from destination_activecampaign.api.quotas import Lane
from destination_activecampaign.api.transport import HttpResponse
from destination_activecampaign.errors import RequestRefused, ServerError, UnexpectedResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

State: TypeAlias = Literal["pending", "completed", "failed", "interrupted"]

# `status: false` comes within the first second (documented).
_STATES: Mapping[object, State] = {
    False: "pending",
    "false": "pending",
    "waiting": "pending",
    "claimed": "pending",
    "active": "pending",
    "completed": "completed",
    "failed": "failed",
    "interrupted": "interrupted",
}
_STATUS = re.compile(r"[a-z]{1,40}")


@dataclass(frozen=True, slots=True)
class Submitted:
    """An import that waits for its turn. `queued`: contacts it took, fewer than sent where some cannot be imported."""

    batch_id: str
    queued: int


@dataclass(frozen=True, slots=True)
class ImportInfo:
    """How an import went.

    `success`: how many ids it lists (new contacts, or all: sources differ); `failures`: emails, lower case, no reasons.
    """

    state: State
    success: int
    failures: tuple[str, ...]

    def __repr__(self) -> str:
        return f"ImportInfo({self.state}, success={self.success}, failures={len(self.failures)})"


class ImportRefused(RequestRefused):
    """A whole import that was refused before it was queued.

    `rows`: position in the import, from 1 → ActiveCampaign's reason; `general`: reasons that name no row. Both may hold
    values of a row and are never logged.
    """

    def __init__(self, message: str, status: int, body: object, rows: dict[int, str], general: tuple[str, ...]) -> None:
        super().__init__(message, status, (), body)
        self.rows = rows
        self.general = general


SUBMIT_SECONDS = 45.0
"""How long one import is tried to be sent: then whoever sent it decides whether its rows are at fault."""


class Imports:
    """Imports of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def submit(self, body: bytes, count: int, seconds: float = SUBMIT_SECONDS) -> Submitted:
        """Send an import of *count* contacts (`POST /import/bulk_import`, documented).

        *seconds*: how long it is tried. One whose answer was lost is sent again: the same values twice leave a contact
        the same. Raises ImportRefused.
        """
        request = Request("POST", "/import/bulk_import", body=body, lane=Lane.IMPORT, single_import=count == 1)
        try:
            answer = self._client.perform(request, self._read_submitted, seconds)
        except RequestRefused as error:
            if isinstance(error, ImportRefused):
                raise
            raise _refused(request.name, error.status, error.body) from None
        return Submitted(answers.text(answer, "batchid"), answers.number(answer, "queued_contacts", request.name))

    def _read_submitted(self, route: str, response: HttpResponse) -> dict[str, Any]:
        answer = _lower(classify(route, response, None, now=self._client.time()))
        if str(answer.get("success")).lower() in ("0", "false"):
            raise _refused(route, response.status, answer)
        if not answers.text(answer, "batchid") or "queued_contacts" not in answer:
            raise ServerError(f"{route}: ActiveCampaign's answer does not say that the import was taken.")
        return answer

    def info(self, batch_id: str) -> ImportInfo:
        """Ask how an import goes (`GET /import/info`, documented)."""
        request = Request("GET", "/import/info", params=(("batchId", batch_id),), lane=Lane.POLL, expects="status")
        answer = self._client.send(request)
        status = answer["status"]
        state = _STATES.get(status.lower() if isinstance(status, str) else status) if _hashable(status) else None
        if state is None:
            named = f": {status}" if isinstance(status, str) and _STATUS.fullmatch(status) else ""
            raise UnexpectedResponse(f"{request.name}: ActiveCampaign names a status that is not known{named}.")
        failures = _listed(answer.get("failure"), request.name)
        return ImportInfo(
            state,
            len(_listed(answer.get("success"), request.name)),
            tuple(str(email).strip().lower() for email in failures),
        )

    def outstanding(self) -> int:
        """Return how many contacts of earlier imports still wait (`GET /import/bulk_import`, documented)."""
        request = Request("GET", "/import/bulk_import", lane=Lane.POLL, expects="outstanding")
        days = _listed(self._client.send(request)["outstanding"], request.name)
        return sum(answers.number(day, "contacts", request.name) for day in days if isinstance(day, dict))


def _hashable(status: object) -> bool:
    return isinstance(status, (str, bool))


def _lower(answer: dict[str, Any]) -> dict[str, Any]:
    """`Success` and `success` are both written (documented, recorded)."""
    return {key.lower(): value for key, value in answer.items()}


def _listed(found: object, route: str) -> list[Any]:
    if found is None or found == {}:
        return []
    if not isinstance(found, list):
        raise UnexpectedResponse(f"{route}: ActiveCampaign's answer is not a list.")
    return found


def _refused(route: str, status: int, body: object) -> ImportRefused:
    """Read `failureReasons`: objects name a row by `contact`, from 1; texts name none (documented)."""
    lowered = _lower(body) if isinstance(body, dict) else {}
    reasons = lowered.get("failurereasons")
    rows: dict[int, str] = {}
    general: list[str] = []
    for reason in reasons if isinstance(reasons, list) else []:
        if isinstance(reason, dict):
            told = answers.text(reason, "failureReason")
            try:
                rows.setdefault(int(reason["contact"]), told)
            except (KeyError, TypeError, ValueError):
                general.append(told)
        else:
            general.append(str(reason))
    if not rows and not general:
        general = [answers.text(lowered, "message")]
    named = f"{len(rows)} of its rows are named" if rows else "no row is named"
    return ImportRefused(
        f"{route}: ActiveCampaign refused the import (HTTP {status}); {named}.", status, body, rows, tuple(general)
    )
