"""How a row or an entry ends. What is done about an outcome is decided in `sync`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PartRefused:
    """A part of a row that was left out while the row itself is written: counted, and kept with the refused rows.

    `reason`: a code (`invalid_value`, `too_many_new_tags`, `not_resubscribed`, ...); `field`: the column or list it is
    about, never a value; `message`: what to change; `list_id`: the list it is about, where it is one.
    """

    reason: str
    field: str
    message: str
    list_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The row is in the account, confirmed. `unconfirmed`: no answer of the API says that it was stored (visits)."""

    refused: tuple[PartRefused, ...] = ()
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The row was not written.

    `reason`: a code of docs/rejected-rows.md; `field`: the column it is about; `message`: what a person can do about it,
    free of values. `detail`: ActiveCampaign's own words, which may quote the row: kept with the row, never logged.
    """

    reason: str
    field: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The row was left out on purpose (`too_old`, `duplicate_message`)."""

    reason: str


Outcome: TypeAlias = Written | Rejected | Skipped
