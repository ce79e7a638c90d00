"""How rows end whose contact does not exist, is not one, or belongs to somebody else. Finding it out is not done here."""

from __future__ import annotations

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.outcome import Rejected, Skipped

NAME_REQUIRED = Rejected(
    "name_required",
    "firstName",
    "No contact has this email, and creating one takes a first or last name. Map a name, or set `create_without_name`.",
)
CONTACT_MISSING = Rejected(
    "contact_missing",
    "email",
    "No contact of the account belongs to this row. Sync its contact first; if a contact row of it was rejected in this "
    "sync, correct that one.",
)
AMBIGUOUS = Rejected(
    "ambiguous_user_id",
    "userId",
    "More than one contact has this user id, so none was touched. Make it unique, or map an email column.",
)
EMAIL_TAKEN = Rejected(
    "email_taken",
    "email",
    "Another contact has this email, with a user id of its own or beside the contact of this one, so neither was touched. "
    "Merge the two in ActiveCampaign, or correct the email at the source.",
)
EMAIL_FOR_NEW = Rejected(
    "email_missing",
    "email",
    "No contact has this user id, and creating one takes an email. Map an email column, or filter such rows out.",
)
CHANGED_MEANWHILE = Rejected(
    "contact_missing",
    "userId",
    "The contact of this user id got another email while the sync ran, by somebody else. Sync the row again.",
)
CHANGE_RUNS_AUTOMATIONS = Rejected(
    "would_run_automations",
    "email",
    "The contact's email changed, which takes a single request; these run automations, and `run_automations` is off.",
)
NOTHING_TO_REMOVE = Skipped("nothing_to_remove")
"""A soft delete of a contact that does not exist: what the row asks for is so already."""


def would_run_automations(because: str) -> RecordRejected:
    """Return what is told of a row that takes single requests where the user allows none."""
    return RecordRejected(
        "would_run_automations", "", f"In this row {because}, which would run automations; run_automations forbids it."
    )
