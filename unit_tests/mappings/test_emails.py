"""Which addresses are sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_activecampaign.errors import RecordRejected
from destination_activecampaign.mappings.emails import MAX_LENGTH, check_email


@pytest.mark.parametrize(
    "good",
    [
        "a@b.co",
        "first.last+tag@sub.example.com",
        "o'neil@example.co.uk",
        "jürgen@müller.de",
        "a_b-c@xn--mller-kva.xn--p1ai",
        "1@2.com",
    ],
)
def test_good_addresses_pass(good: str) -> None:
    """What ActiveCampaign takes is not refused here."""
    assert check_email(good) == good


def test_addresses_are_trimmed_and_lower_case() -> None:
    """Contacts are keyed without case."""
    assert check_email("  Ada@Example.COM\n") == "ada@example.com"


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_no_address_is_missing(nothing: Any) -> None:
    """Blank text is null."""
    with pytest.raises(RecordRejected) as rejected:
        check_email(nothing)
    assert rejected.value.reason == "email_missing"


@pytest.mark.parametrize(
    "bad",
    [
        "ada", "@b.co", "a@", "a@b", "a@b.c", "a@.co", "a@b..co", "a@-b.co", "a@b-.co", "a@b.co.", ".a@b.co", "a.@b.co",
        "a..b@b.co", "a b@b.co", "a@b.co,c@d.co", "a@b@c.co", '"a"@b.co', "a(x)@b.co", "a:b@c.co", "a;@c.co", "a\\@c.co",
        "<a@c.co>", "a@[1.2.3.4]", "a\u200b@b.co", "a\0@b.co", "a\ud800@b.co", "a@b.123", 5, ["a@b.co"],
        "a" * MAX_LENGTH + "@b.co",
    ],
)  # fmt: skip
def test_bad_addresses_are_invalid(bad: Any) -> None:
    """One of them would make ActiveCampaign refuse a whole import."""
    with pytest.raises(RecordRejected) as rejected:
        check_email(bad, "EMAIL")
    assert (rejected.value.reason, rejected.value.field) == ("email_invalid", "EMAIL")


@given(st.from_regex(r"\s*[\w.+-]+@[\w-]+\.[\w.]+\s*", fullmatch=True))
def test_what_passes_is_stable(text: str) -> None:
    """An address that passed passes again, unchanged: it is the key of all that follows."""
    try:
        email = check_email(text)
    except RecordRejected:
        return
    assert check_email(email) == email


def test_the_message_does_not_quote_the_address() -> None:
    """Nothing personal is logged."""
    with pytest.raises(RecordRejected) as rejected:
        check_email("ada.lovelace")
    assert "ada" not in rejected.value.message
