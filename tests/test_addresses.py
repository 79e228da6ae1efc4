import ipaddress
import re
import socket
from pathlib import Path

import pytest

from transforms.core.addresses import check_address, is_within, parse_networks

DATA = Path(__file__).parent / "data" / "addresses"


def lines(name):
    text = (DATA / name).read_text(encoding="utf-8")
    return [line.partition("  ")[0] for line in text.splitlines() if line and not line.startswith("#")]


def literal_addresses():
    """The addresses among the denied hosts, as a resolver would give them."""
    for host in lines("denied_hosts.txt"):
        bare = host.strip("[]")
        if re.fullmatch(r"[0-9a-fA-FxX.]+", bare) and not bare.endswith("."):
            yield socket.inet_ntoa(socket.inet_aton(bare))
        elif ":" in bare and "%" not in bare and "test" not in bare:
            yield str(ipaddress.ip_address(bare))


@pytest.mark.parametrize("ip", sorted(set(literal_addresses())))
def test_addresses_that_are_not_public_are_refused(ip):
    assert check_address(ip)


@pytest.mark.parametrize("ip", lines("allowed.txt"))
def test_public_addresses_may_be_dialled(ip):
    assert check_address(ip) is None


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "1.1.1.1:80", "[2606:4700::1]", "01.1.1.1", "1.1.1.1\n"])
def test_what_is_not_an_address_is_refused(text):
    assert check_address(text) == "not an address"


@pytest.mark.parametrize("ip", ["fe80::1%eth0", "2606:4700::1%eth0"])
def test_an_address_bound_to_an_interface_is_refused(ip):
    assert check_address(ip)


def test_every_ipv4_address_is_treated_like_its_mapped_form():
    for ip in [*lines("allowed.txt"), "10.0.0.1", "127.0.0.1", "168.63.129.16"]:
        if ":" not in ip:
            assert check_address(f"::ffff:{ip}") == check_address(ip)


def test_nothing_is_allowed_that_the_standard_library_calls_private():
    step = 2**16 + 257  # about 65,000 addresses, spread over the whole space and over the last bytes
    for number in range(0, 2**32, step):
        ip = ipaddress.IPv4Address(number)
        if not ip.is_global or ip.is_multicast or ip.is_reserved:
            assert check_address(str(ip)), ip


def test_allowed_networks_open_exactly_themselves():
    allowed = parse_networks(["127.0.0.0/8", "fd00:1::/32"])
    assert check_address("127.0.0.1", allowed) is None
    assert check_address("::ffff:127.0.0.1", allowed) is None
    assert check_address("fd00:1::5", allowed) is None
    assert check_address("10.0.0.1", allowed)
    assert check_address("fd00:2::5", allowed)
    assert check_address("1.1.1.1", allowed) is None
    assert is_within("127.9.9.9", allowed)
    assert not is_within("1.1.1.1", allowed)


def test_networks_are_read():
    assert parse_networks([]) == ()
    assert parse_networks(["10.1.0.0/16", " ::1 ", "192.0.2.7"]) == (
        ipaddress.ip_network("10.1.0.0/16"),
        ipaddress.ip_network("::1/128"),
        ipaddress.ip_network("192.0.2.7/32"),
    )


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "10.0.0.1/8", "localhost", "10.0.0.0-10.0.0.9"])
def test_a_network_that_is_none_is_named_in_the_error(text):
    with pytest.raises(ValueError, match="not a network in CIDR form") as caught:
        parse_networks(["10.0.0.0/8", text])
    assert repr(text) in str(caught.value)
