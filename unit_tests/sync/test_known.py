"""What a sync has learnt of contacts."""

from __future__ import annotations

import pytest

from destination_activecampaign.mappings.lookups import NotOne
from destination_activecampaign.sync.known import FREE, Known


@pytest.fixture
def known() -> Known:
    """Give one that knows nothing."""
    return Known()


def test_an_email_exists_once_it_was_added(known: Known) -> None:
    """Adding it again is no change."""
    assert known.exists("ada@example.com") is None
    for _ in range(2):
        known.add("ada@example.com")
    assert known.exists("ada@example.com")
    assert known.exists("bob@example.com") is None


def test_a_user_id_that_nobody_named_is_not_known(known: Known) -> None:
    """It has to be asked for."""
    assert known.contact_of("u-1") is None


def test_a_user_id_is_whose_row_brought_it(known: Known) -> None:
    """The same again is no change."""
    for _ in range(2):
        known.pair("u-1", "ada@example.com")
    assert known.contact_of("u-1") == "ada@example.com"


def test_a_user_id_of_two_emails_is_ambiguous(known: Known) -> None:
    """For good, whichever comes after."""
    known.pair("u-1", "ada@example.com")
    known.pair("u-1", "bob@example.com")
    assert known.contact_of("u-1") is NotOne.AMBIGUOUS
    known.pair("u-1", "ada@example.com")
    assert known.contact_of("u-1") is NotOne.AMBIGUOUS


@pytest.mark.parametrize("contact", ["ada@example.com", NotOne.MISSING, NotOne.AMBIGUOUS])
def test_the_accounts_answer_is_remembered(known: Known, contact: str | NotOne) -> None:
    """Also that there is none."""
    known.pair_in_account("u-1", contact)
    assert known.contact_of("u-1") == contact


def test_a_row_knows_better_than_the_account(known: Known) -> None:
    """It is newer."""
    known.pair_in_account("u-1", NotOne.MISSING)
    known.pair("u-1", "ada@example.com")
    assert known.contact_of("u-1") == "ada@example.com"


def test_a_contact_that_was_deleted_does_not_exist(known: Known) -> None:
    """Until it is written again; its email is nobody's meanwhile."""
    known.place("u-1", "ada@example.com")
    known.remove("ada@example.com")
    assert (known.exists("ada@example.com"), known.holder("ada@example.com")) == (False, FREE)
    known.add("ada@example.com")
    assert known.exists("ada@example.com")


def test_a_user_has_the_email_that_it_was_placed_at_last(known: Known) -> None:
    """The one before is given up, unless another has taken it since."""
    known.place("u-1", "ada@example.com")
    known.place("u-1", "lovelace@example.com", "ada@example.com")
    assert known.contact_of("u-1") == "lovelace@example.com"
    assert (known.holder("ada@example.com"), known.exists("ada@example.com")) == (FREE, False)
    known.place("u-2", "ada@example.com")
    known.place("u-1", "byron@example.com", "ada@example.com")
    assert known.holder("ada@example.com") == "u-2"


def test_nobody_is_known_to_have_an_email_at_first(known: Known) -> None:
    """That is not to say that nobody has it."""
    assert known.holder("ada@example.com") is None


def test_a_user_whose_contact_was_deleted_is_gone(known: Known) -> None:
    """Whatever the account said before."""
    known.pair_in_account("u-1", "ada@example.com")
    known.take_away("u-1")
    assert known.contact_of("u-1") is NotOne.GONE
