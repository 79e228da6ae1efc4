"""Dialling checked addresses only.

The check sits between the resolver and ``connect``, on the very socket address that is dialled, so that redirects,
refilled pools and names whose answer changes between two lookups all pass it.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from itertools import chain, zip_longest

from transforms.core.addresses import Network, check_address, is_within
from transforms.core.urls import WEB_PORTS
from transforms.fetching.budget import CURRENT_BUDGET, BudgetedSocket
from transforms.fetching.lookup import Answers, SocketAddress, look_up

MAX_ADDRESSES_TRIED = 3
"""A name with 200 addresses that swallow packets would multiply the time to connect."""


class AddressRefused(Exception):
    """A name led to an address, or an address to a port, that may not be dialled.

    Not an ``OSError``: urllib3 must let it pass unchanged.
    """


class NameNotFound(OSError):
    """The resolver has no address for the name."""


@dataclass(frozen=True, slots=True)
class Dialler:
    """Opens TCP connections to public addresses and to ``allowed_networks``.

    Time to connect is shared between the addresses tried, so that one that swallows packets leaves some for the next.
    """

    allowed_networks: tuple[Network, ...]
    connect_seconds: float

    def dial(self, host: str, port: int) -> socket.socket:
        """Resolve once, check every answer, connect to one that passed.

        Raises:
            AddressRefused: one of the answers may not be dialled, or the port not on it.
            NameNotFound: there is no answer.
            TimeoutError, OSError: the resolver did not answer in time, or none of the addresses tried took the
                connection.
        """
        answers = self._resolve(host, port)
        for _, address in answers:
            self._refuse_unless_allowed(host, address, port)
        deadline = time.monotonic() + min(self.connect_seconds, CURRENT_BUDGET.get().seconds_left())
        candidates = _alternate_families(answers)[:MAX_ADDRESSES_TRIED]
        failure: OSError = NameNotFound(f"no address for {host}")
        for position, (family, address) in enumerate(candidates):
            share = (deadline - time.monotonic()) / (len(candidates) - position)
            try:
                return self._connect(family, address, max(share, 0.001), deadline)
            except OSError as error:
                failure = error
        raise failure

    def _resolve(self, host: str, port: int) -> Answers:
        try:
            return look_up(self._name_to_resolve(host), port, CURRENT_BUDGET.get().seconds_left())
        except (socket.gaierror, UnicodeError) as error:
            raise NameNotFound(f"no address for {host}: {error}") from error

    def _name_to_resolve(self, host: str) -> str:
        """Names of public sites are absolute: search domains would add lookups, and answers of somebody's intranet."""
        bare = host.strip("[]")
        is_public_name = "." in bare and bare.rpartition(".")[2][:1].isalpha() and not self.allowed_networks
        return f"{bare}." if is_public_name else bare

    def _refuse_unless_allowed(self, host: str, address: SocketAddress, port: int) -> None:
        ip = str(address[0])
        if reason := check_address(ip, self.allowed_networks):
            raise AddressRefused(f"{host} leads to {ip}: {reason}")
        if port not in WEB_PORTS and not is_within(ip, self.allowed_networks):
            raise AddressRefused(f"port {port} is not a port of web pages")

    def _connect(self, family: int, address: SocketAddress, seconds: float, deadline: float) -> socket.socket:
        sock = BudgetedSocket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(seconds)
            sock.connect(address)
            peer = sock.getpeername()
            self._refuse_unless_allowed(str(address[0]), peer, address[1])
            sock.settimeout(max(deadline - time.monotonic(), 0.001))  # what a TLS handshake may take
        except BaseException:
            sock.close()
            raise
        return sock


def _alternate_families(answers: Answers) -> Answers:
    """Keep the resolver's order but let IPv4 and IPv6 take turns: one of the two may lead nowhere from here."""
    first = [answer for answer in answers if answer[0] == answers[0][0]]
    other = [answer for answer in answers if answer[0] != answers[0][0]]
    return [answer for answer in chain.from_iterable(zip_longest(first, other)) if answer is not None]
