"""A client of a scripted account."""

from __future__ import annotations

import pytest

from destination_activecampaign.api.client import Client
from destination_activecampaign.api.clock import Stop
from destination_activecampaign.api.quotas import Quotas
from unit_tests.api.fakes import KEY, FakeClock, FakeTransport


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def transport() -> FakeTransport:
    """Give a transport without a script."""
    return FakeTransport()


@pytest.fixture
def stop() -> Stop:
    """Give a stop that is not set."""
    return Stop()


@pytest.fixture
def quotas(clock: FakeClock) -> Quotas:
    """Give the account's quotas."""
    return Quotas(clock=clock, random=lambda: 0.0)


@pytest.fixture
def client(transport: FakeTransport, quotas: Quotas, clock: FakeClock, stop: Stop) -> Client:
    """Give a client whose retries wait as long as they may."""
    return Client("https://acme.api-us1.com", KEY, transport, quotas, clock, lambda: 1.0, stop=stop)
