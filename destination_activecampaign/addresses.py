"""Hosts that no setting may name, such as those at which clouds hand out a machine's own credentials. Resolves no name."""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA_NAMES: Final = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
_METADATA_ADDRESSES: Final = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def is_refused(host: str) -> bool:
    """Whether *host*, of a URL and without brackets, is link-local, a multicast, no address at all, or a cloud's own."""
    plain = _plain(host)
    address = address_of(host)
    if address is None:
        return plain in _METADATA_NAMES
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA_ADDRESSES


def address_of(host: str) -> Address | None:
    """Return the address that *host* is, as a connection would read it; None for a name.

    `::ffff:169.254.169.254`, `0xA9FEA9FE`, `2852039166` and `169.254.43518` are one and the same.
    """
    plain = _plain(host)
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(plain))
        except (OSError, UnicodeError):
            return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(address.packed[-4:])
    return address


def _plain(host: str) -> str:
    """Return *host* as name servers are asked: wide digits are digits, and there are other dots than the usual one."""
    return unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".").lower()
