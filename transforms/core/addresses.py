"""Which IP addresses a stranger's URL may lead to.

The tables are those of the IANA special-purpose address registries (RFC 6890 and its updates) with the metadata
addresses of cloud providers that lie in public space.  ``ipaddress.is_global`` alone will not do: on Python 3.11 it is
true for NAT64, 6to4, multicast and site-local addresses and for the Azure and Oracle metadata servers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_DENIED_IPV4 = tuple(
    (ipaddress.IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata server"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "for protocol assignments"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "for protocol assignments"),
        ("192.52.193.0/24", "for protocol assignments"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "for protocol assignments"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_DENIED_IPV6 = tuple(
    (ipaddress.IPv6Network(network), reason)
    for network, reason in (
        ("2001::/23", "for protocol assignments"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "for protocol assignments"),
        ("3fff::/20", "for documentation"),
    )
)


def check_address(ip: str, allowed: tuple[Network, ...] = ()) -> str | None:
    """Say in a few words why ``ip`` may not be dialled; None where it may.

    ``ip`` is an address as the resolver or the socket gives it, never a name.  Addresses in ``allowed`` may be
    dialled whatever they are.  What is not an address, or carries an interface (``fe80::1%eth0``), may not.
    """
    try:
        address = _unmapped(ipaddress.ip_address(ip))
    except ValueError:
        return "not an address"
    if is_within(address, allowed):
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return _first_reason(address, _DENIED_IPV4)
    if address.scope_id is not None:
        return "bound to an interface"
    if address not in _GLOBAL_UNICAST:
        return "outside the public IPv6 space"
    return _first_reason(address, _DENIED_IPV6)


def is_within(ip: str | Address, networks: tuple[Network, ...]) -> bool:
    """Whether the address lies in one of ``networks``; an IPv4 address mapped into IPv6 counts as IPv4."""
    address = _unmapped(ipaddress.ip_address(ip))
    return any(address in network for network in networks)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks in CIDR form (``10.1.0.0/16``, ``fd00::/8``) or single addresses.

    Raises:
        ValueError: one is neither; host bits that are set count as a mistake, for they often are one.
    """
    return tuple(_parse_network(text) for text in texts)


def _parse_network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise ValueError(f"not a network in CIDR form: {text!r} ({error})") from error


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _first_reason(address: Address, table: Iterable[tuple[Network, str]]) -> str | None:
    named = next((reason for network, reason in table if address in network), None)
    return named or (None if address.is_global else "not public")
