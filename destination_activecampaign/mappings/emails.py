"""Which texts ActiveCampaign takes as an email address: one that it refuses would refuse a whole import."""

from __future__ import annotations

import re
from typing import Any

from destination_activecampaign.errors import RecordRejected

MAX_LENGTH = 254

# Documented as badly formed: `"(),:;\<>@[]` in the wrong place, no `@`, a domain without a dot and a TLD of 2 letters.
# Word characters are those of Unicode: no space, control or invisible character and no half of a surrogate pair.
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_WELL_FORMED = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    rf"@(?:{_LABEL}\.)+(?:[^\W\d_]{{2,63}}|xn--[a-z0-9-]{{1,58}}[a-z0-9])"
).fullmatch


def check_email(text: Any, field: str = "email") -> str:
    """Return the address as contacts are keyed by it: trimmed, lower case.

    Raises RecordRejected: `email_missing` for null or blank, `email_invalid` where ActiveCampaign would refuse it.
    """
    if text is None or text == "":
        raise RecordRejected(
            "email_missing", field, "The row has no email. Filter such rows out, or map another column."
        )
    if isinstance(text, str):
        email = text.strip().lower()
        if not email:
            return check_email(None, field)
        if len(email) <= MAX_LENGTH and _WELL_FORMED(email):
            return email
    raise RecordRejected(
        "email_invalid",
        field,
        "ActiveCampaign takes only addresses such as name@example.com. Correct it at the source.",
    )
