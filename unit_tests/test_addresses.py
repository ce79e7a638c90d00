"""Hosts that no setting may name, however they are spelled."""

from __future__ import annotations

import pytest

from destination_activecampaign.addresses import address_of, is_refused


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.169.254.",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "\uff11\uff16\uff19.254.169\u3002254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "ff02::1",
        "224.0.0.1",
        "0.0.0.0",  # noqa: S104
        "0",
        "::",
        "Metadata.Google.Internal",
    ],
)
def test_the_cloud_itself_is_refused(host: str) -> None:
    """At link-local addresses clouds hand out the machine's credentials."""
    assert is_refused(host)


@pytest.mark.parametrize(
    "host", ["acme.api-us1.com", "127.0.0.1", "::1", "10.1.2.3", "localhost", "fd00::1", "x" * 300, "", "\ud800"]
)
def test_other_hosts_are_not(host: str) -> None:
    """Whether they exist is for the connection to say."""
    assert not is_refused(host)


def test_an_address_is_read_as_a_connection_reads_it() -> None:
    """Names are none."""
    assert str(address_of("0x7f000001")) == "127.0.0.1"
    assert address_of("acme.api-us1.com") is None
