"""The way to a host: straight to a checked address, or through the operator's proxy.

Behind a proxy the addresses of a name are for the proxy to find, so they cannot be checked here: addresses in URLs, in
whatever spelling, and names that mean something inside one network only are refused; for all else the proxy itself has
to refuse private addresses.  Its own address is the operator's word, and is not checked.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import socket
from dataclasses import dataclass

from transforms.core.addresses import check_address, is_within
from transforms.core.proxies import Proxies, Proxy, local_name
from transforms.core.urls import WEB_PORTS
from transforms.fetching.dialling import AddressRefused, Dialler

_ANYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_MAX_HEAD_BYTES = 16 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) ?([^\r\n]{0,100})")


class ProxyFailed(OSError):
    """The proxy made no tunnel."""


@dataclass(frozen=True, slots=True)
class Route:
    """Opens connections to hosts; ``proxies`` is None where none is wanted."""

    dialler: Dialler
    proxies: Proxies | None = None

    def proxy_of(self, scheme: str, host: str) -> Proxy | None:
        """The proxy for ``host``; None: it is dialled itself."""
        return self.proxies.of(scheme, host) if self.proxies else None

    def open(self, scheme: str, host: str, port: int) -> socket.socket:
        """A connection that is ready for the request, or for TLS with ``host``.

        Raises:
            ProxyFailed: the proxy made no tunnel to ``host``.
            AddressRefused, NameNotFound, TimeoutError, OSError: as `Dialler.dial`.
        """
        proxy = self.proxy_of(scheme, host)
        if proxy is None:
            return self.dialler.dial(host, port)
        self._refuse_unless_allowed(host.strip("[]"), port)
        sock = Dialler(_ANYWHERE, self.dialler.connect_seconds).dial(proxy.host, proxy.port)
        if scheme == "https":
            _open_tunnel(sock, host, port, proxy)
        return sock

    def _refuse_unless_allowed(self, host: str, port: int) -> None:
        allowed = self.dialler.allowed_networks
        address = _address(host)
        if reason := local_name(host) if address is None else check_address(address, allowed):
            raise AddressRefused(f"{host}: {reason}")
        if port not in WEB_PORTS and not (address and is_within(address, allowed)):
            raise AddressRefused(f"port {port} is not a port of web pages")


def proxy_authorization(proxy: Proxy) -> dict[str, str]:
    """The header that ``proxy`` wants, if any."""
    if proxy.user is None:
        return {}
    return {"Proxy-Authorization": "Basic " + base64.b64encode(proxy.user.encode()).decode("ascii")}


def _address(host: str) -> str | None:
    """The address that ``host`` spells, also as old systems read it (``0x7f.1``, ``2130706433``)."""
    return _plain_address(host) or _old_address(host)


def _plain_address(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _old_address(host: str) -> str | None:
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _open_tunnel(sock: socket.socket, host: str, port: int, proxy: Proxy) -> None:
    fields = {"Host": f"{host}:{port}", **proxy_authorization(proxy)}
    lines = [f"CONNECT {host}:{port} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    try:
        sock.sendall("\r\n".join(lines).encode("ascii"))
        answer = _STATUS_LINE.match(_read_head(sock))
        if answer is None or not answer[1].startswith(b"2"):
            said = answer.group().decode("latin-1") if answer else "something else than HTTP"
            raise ProxyFailed(f"the proxy answered {said}")
    except BaseException:
        sock.close()
        raise


def _read_head(sock: socket.socket) -> bytes:
    """Up to the empty line; nothing follows it, for a server of TLS waits to be spoken to."""
    head, piece = bytearray(), bytearray(4096)
    while not head.endswith(b"\r\n\r\n"):
        received = sock.recv_into(piece)
        head += piece[:received]
        if not received or len(head) > _MAX_HEAD_BYTES:
            raise ProxyFailed("the proxy gave no answer")
    return bytes(head)
