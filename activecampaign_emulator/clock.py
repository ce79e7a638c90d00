"""Times as ActiveCampaign writes them: ISO-8601 with the account's offset, or plain local and UTC stamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone


def timezone_of(offset: str) -> timezone:
    """Read an offset such as "-06:00"."""
    hours, minutes = offset[1:].split(":")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if offset.startswith("-") else span)


def iso(seconds: float, offset: str) -> str:
    """Write a time as most objects show it: 2018-09-12T16:53:50-05:00."""
    return datetime.fromtimestamp(seconds, timezone_of(offset)).isoformat(timespec="seconds")


def stamp(seconds: float, offset: str = "+00:00") -> str:
    """Write a time as the `*_timestamp` keys show it: 2018-09-21 12:04:40."""
    return datetime.fromtimestamp(seconds, timezone_of(offset)).strftime("%Y-%m-%d %H:%M:%S")


def day(seconds: float, offset: str) -> str:
    """Write the account's date."""
    return stamp(seconds, offset)[:10]


def parse(text: str, offset: str) -> float | None:
    """Read an ISO time; one without an offset is in the account's. None where it is no time."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone_of(offset))
    return moment.astimezone(UTC).timestamp()
