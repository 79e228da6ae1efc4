"""urllib3's connection pools, filled by our own dialler.

Host header, server name indication and the certificate's check keep the name of the host.  ``_new_conn`` and
``_dns_host`` are private to urllib3: its version is pinned, and the tests hold the behaviour.
"""

from __future__ import annotations

import socket
import ssl
from functools import cached_property, partial
from typing import Any, cast

from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from transforms.fetching.budget import BudgetedSSLSocket
from transforms.fetching.routes import Route

MAX_KEPT_HOSTS = 200
"""Idle connections kept, one a host; far from the 1,024 open files that systems commonly grant."""


class _GuardedConnection(HTTPConnection):
    def __init__(self, *args: Any, route: Route, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._route = route

    def _new_conn(self) -> socket.socket:
        return self._route.open("http", self._dns_host, self.port)


class _GuardedTLSConnection(HTTPSConnection):
    def __init__(self, *args: Any, route: Route, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._route = route

    def _new_conn(self) -> socket.socket:
        return self._route.open("https", self._dns_host, self.port)


class GuardedPools(PoolManager):
    """Connection pools, one a scheme, host and port, whose connections are guarded.  No redirects."""

    def __init__(self, route: Route, ca_file: str | None) -> None:
        super().__init__(num_pools=MAX_KEPT_HOSTS, maxsize=1)
        self._ca_file = ca_file
        self._connection_classes = {
            "http": partial(_GuardedConnection, route=route),
            "https": partial(_GuardedTLSConnection, route=route),
        }

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        if scheme == "https":
            request_context = {**(request_context or {}), "ssl_context": self._tls_context}
        pool = super()._new_pool(scheme, host, port, request_context)
        # urllib3 declares a class here and only ever calls it.
        pool.ConnectionCls = cast("type[HTTPConnection]", self._connection_classes[scheme])
        return pool

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        """Made when first needed: reading the authorities of the system takes some 25 ms."""
        context = ssl.create_default_context()
        if self._ca_file is not None:
            context.load_verify_locations(cafile=self._ca_file)
        context.sslsocket_class = BudgetedSSLSocket
        return context
