"""Fixtures of the emulator's tests."""

import pytest

from unit_tests.emulator.account import Driver


@pytest.fixture
def account() -> Driver:
    """Give an empty account without quotas."""
    return Driver()
