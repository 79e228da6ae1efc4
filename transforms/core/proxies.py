"""Which requests go through a proxy, where the operator asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

FROM_ENVIRONMENT = "env"
"""In place of a proxy's URL: read those that the environment names."""

LOCAL_SUFFIXES = frozenset(
    {"localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "localdomain", "arpa"}
)
"""Last labels that mean something inside one network only (RFC 6761; RFC 6762, appendix G; ICANN's ``internal``)."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``user`` is ``name:password``, percent-decoded, where it wants one."""

    host: str
    port: int
    user: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy for each scheme, and the hosts that are asked without one."""

    http: Proxy | None = None
    https: Proxy | None = None
    bypass: tuple[str, ...] = ()

    def of(self, scheme: str, host: str) -> Proxy | None:
        """The proxy through which ``host`` is asked; None: directly."""
        name = host.strip("[]").lower()
        if any(entry in ("*", name) or name.endswith(f".{entry}") for entry in self.bypass):
            return None
        return self.https if scheme == "https" else self.http


def proxies_of(setting: str, environment: Mapping[str, str]) -> Proxies:
    """What ``setting`` means: the URL of a proxy for everything, or ``env``.

    ``env`` reads ``http_proxy``, ``https_proxy``, ``all_proxy`` and ``no_proxy`` (names, domains, addresses, ``*``) in
    lower or upper case; lower case wins.

    Raises:
        ValueError: the URL is not one of an http proxy; the message does not repeat it, for it may hold a password.
    """
    if setting != FROM_ENVIRONMENT:
        proxy = _proxy(setting)
        return Proxies(proxy, proxy)
    named = {name: environment.get(name) or environment.get(name.upper()) for name in _VARIABLES}
    every = named["all_proxy"]
    http, https = (_proxy(url) if (url := named[f"{scheme}_proxy"] or every) else None for scheme in ("http", "https"))
    entries = (entry.strip().lower().lstrip(".") for entry in (named["no_proxy"] or "").split(","))
    return Proxies(http, https, tuple(entry for entry in entries if entry))


def local_name(name: str) -> str | None:
    """Say why ``name``, no address, may not be asked for through a proxy, which resolves it; None where it may."""
    if "." not in name.rstrip("."):
        return "a name without a domain"
    if name.rstrip(".").rpartition(".")[2].lower() in LOCAL_SUFFIXES:
        return "a name of one network only"
    return None


_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_HOW = "a proxy is given as http://host:port"


def _proxy(url: str) -> Proxy:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or 80
    except ValueError:  # a port that is none, a bracket that is not closed
        raise ValueError(_HOW) from None
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(_HOW)
    user = None if parts.username is None else f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Proxy(parts.hostname, port, user)
