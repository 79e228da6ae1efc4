"""A server that listens on loopback and must never be reached, and every way to spell where it stands."""

import contextlib
import socket
import threading
from pathlib import Path

import pytest

from schemas.outcome import OutcomeKind
from transforms.core.addresses import parse_networks
from transforms.fetcher import Fetcher, FetcherConfig, FetchLimits, FetchProblem, Response
from transforms.fetching.budget import BudgetedSocket

LIMITS = FetchLimits(connect_seconds=2, read_seconds=2, total_seconds=4)
PUBLIC = "93.184.215.14"
NAMES = {
    "private.test": [["127.0.0.1"]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "scoped.test": [["::1%lo"]],
    "mixed.test": [["127.0.0.1", PUBLIC]],
    "mixed-last.test": [[PUBLIC, "2606:4700:4700::1111", "::1"]],
    "turning.test": [[PUBLIC], ["127.0.0.1"]],
    "turning6.test": [["2606:4700:4700::1111"], ["::1"]],
}
"""What the resolver says at the first look-up, at the second, and then for ever."""


def spellings():
    """The denied hosts, without those that are denied for their port."""
    lines = (Path(__file__).parent / "data" / "addresses" / "denied_hosts.txt").read_text(encoding="utf-8").splitlines()
    hosts = [line.partition("  ")[0] for line in lines if line and not line.startswith("#")]
    return [*(host for host in hosts if not host.startswith("public.test:")), "turning.test", "turning6.test"]


class Listener:
    """Counts the connections made to it, and answers each of them."""

    def __init__(self, host, port=0, answer=b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"):
        self.connections = 0
        self.answer = answer
        self.socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                connection, _ = self.socket.accept()
                self.connections += 1
                with connection, contextlib.suppress(OSError):
                    connection.recv(65_536)
                    connection.sendall(self.answer)


@pytest.fixture
def canaries(monkeypatch):
    """Listeners on one port of both loopback addresses, which counts as a port of web pages."""
    first = Listener("127.0.0.1")
    found = [first]
    with contextlib.suppress(OSError):  # a machine without IPv6, or with somebody on that port
        found.append(Listener("::1", first.port))
    for module in ("transforms.fetcher", "transforms.fetching.dialling"):
        monkeypatch.setattr(f"{module}.WEB_PORTS", {first.port, 80, 443})
    yield found
    for canary in found:
        canary.socket.close()


@pytest.fixture
def network(monkeypatch):
    """Resolves NAMES, addresses and localhost; connections that leave this machine fail; all are noted."""
    dialled = []
    answers = {name: [list(addresses) for addresses in turns] for name, turns in NAMES.items()}
    resolve, connect = socket.getaddrinfo, BudgetedSocket.connect

    def getaddrinfo(host, port, *arguments, **options):
        turns = answers.get(host.rstrip(".").lower())
        if turns is None:
            is_local = host.rstrip(".").lower() == "localhost"
            return resolve(host, port, type=socket.SOCK_STREAM, flags=0 if is_local else socket.AI_NUMERICHOST)
        addresses = turns.pop(0) if len(turns) > 1 else turns[0]
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [(family, 1, 6, "", (address, port)) for family, address in zip(families, addresses, strict=True)]

    def guarded(sock, address):
        dialled.append(address[0])
        if address[0] in (PUBLIC, "2606:4700:4700::1111"):
            raise ConnectionRefusedError(111, "this network leads nowhere")
        return connect(sock, address)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(BudgetedSocket, "connect", guarded)
    return dialled


def ways(host, port):
    return [f"http://{host}:{port}/", f"https://{host}:{port}/latest/meta-data/", f"http://{host}/"]


def test_there_are_many_spellings():
    assert len(set(spellings())) >= 80


def test_no_spelling_reaches_a_canary(canaries, network):
    fetcher = Fetcher(FetcherConfig(LIMITS))
    for host in spellings():
        for url in ways(host, canaries[0].port) * 2:  # names that turn do so at the second look-up
            assert isinstance(fetcher.get(url), FetchProblem), url
    assert [canary.connections for canary in canaries] == [0] * len(canaries)
    assert set(network) <= {PUBLIC, "2606:4700:4700::1111"}
    assert PUBLIC in network  # the names that turn were dialled while they led to a public address


def test_no_redirect_reaches_a_canary(canaries, network):
    """From a server at an address that is allowed, and is no other's."""
    fetcher = Fetcher(FetcherConfig(LIMITS, parse_networks(["127.0.0.2/32"])))
    for host in (host for host in spellings() if host != "127.0.0.2"):
        for url in ways(host, canaries[0].port):
            location = url.encode("utf-8")
            start = Listener(
                "127.0.0.2", answer=b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
            )
            assert isinstance(fetcher.get(f"http://127.0.0.2:{start.port}/"), FetchProblem), url
            assert start.connections == 1
            start.socket.close()
    assert [canary.connections for canary in canaries] == [0] * len(canaries)
    assert set(network) <= {"127.0.0.2", PUBLIC, "2606:4700:4700::1111"}


@pytest.mark.parametrize("name", ["turning.test", "turning6.test"])
def test_a_name_that_turns_to_loopback_is_refused_then(canaries, network, name):
    fetcher = Fetcher(FetcherConfig(LIMITS))
    kinds = [fetcher.get(f"http://{name}:{canaries[0].port}/").kind for _ in range(3)]
    assert kinds == [OutcomeKind.UNREACHABLE, OutcomeKind.BLOCKED_ADDRESS, OutcomeKind.BLOCKED_ADDRESS]
    assert len(network) == 1


def test_the_canaries_are_alive(canaries, network):
    fetcher = Fetcher(FetcherConfig(LIMITS, parse_networks(["127.0.0.0/8", "::1/128"])))
    for host, canary in zip(("127.0.0.1", "[::1]"), canaries, strict=False):
        response = fetcher.get(f"http://{host}:{canary.port}/")
        assert isinstance(response, Response)
        assert response.body == b"secret"
        assert canary.connections == 1
