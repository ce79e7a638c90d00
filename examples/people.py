"""Invented people by number, and what is true of some of them. What rows and the account say of them is not in here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

NEWEST: Final = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)

EXISTING: Final = 2_000
"""People 1 to this one are contacts of the account already."""

FIRST_NAMES: Final = (
    "Ada", "Amira", "Ben", "Chiara", "Dmitri", "Elif", "Femi", "Grace", "Hana", "Ivan", "José", "Kwame", "Lena", "Mateo",
    "Nadia", "Olu", "Priya", "Quentin", "Rosa", "Sven", "Tomoko", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abara", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kowalski", "Lopez",
    "Müller", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Silva", "Tanaka", "Usman", "Vega", "Weber", "Young", "Zhao",
)  # fmt: skip
DOMAINS: Final = ("example.com", "example.org", "example.net")
PLANS: Final = ("Free", "Starter", "Team", "Enterprise")
INTERESTS: Final = ("Analytics", "Email", "Events", "Security, privacy")
CHANNELS: Final = ("Email", "Phone", "Post")
TAGS: Final = ("customer", "trial", "webinar-2025", "churn-risk", "VIP", "beta")
Row = dict[str, Any]

ALIKE_USER_ID: Final = "u-shared"
"""Two contacts of the account have this external id, so that no event can tell whose it is."""


class People:
    """Invented people by number, the same each time."""

    @staticmethod
    def first_name(number: int) -> str:
        """Return the first name of a person."""
        return FIRST_NAMES[number % len(FIRST_NAMES)]

    @staticmethod
    def last_name(number: int) -> str:
        """Return the last name of a person."""
        return LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]

    @staticmethod
    def email(number: int) -> str:
        """Return the address of a person."""
        return f"person{number:05}@{DOMAINS[number % len(DOMAINS)]}"

    @staticmethod
    def user_id(number: int) -> str:
        """Return the user id of a person."""
        return f"u-{number:05}"


def is_unsubscribed(number: int) -> bool:
    """Tell whether an existing contact has left the newsletter."""
    return number % 17 == 0


def is_bounced(number: int) -> bool:
    """Tell whether the address of an existing contact has bounced."""
    return number <= EXISTING and number % 400 == 0


EXCLUDED: Final = (1_901, 1_902, 1_903)
"""Existing contacts on the account's exclusion list."""


def utc(moment: datetime) -> str:
    """Return a moment as Segment's warehouse tables have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
