"""What the guarded fetcher is told and what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from importlib import metadata
from itertools import pairwise, takewhile

from schemas.outcome import OutcomeKind, Problem
from transforms.core.addresses import Network
from transforms.core.pacing import http_date, retry_after_seconds
from transforms.core.proxies import Proxies

MIB = 1024 * 1024

ERROR_BODY_BYTES = 64 * 1024
"""How much of an error page is kept: enough to see what it says."""

_PERMANENT_REDIRECTS = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})

_CONTACT = re.compile(r"[\x21-\x27\x2a-\x7e][\x20-\x27\x2a-\x7e]*\Z")  # ASCII without parentheses


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much time (seconds) and how many bytes one ``get`` may take.

    ``connect_seconds`` is for TCP and TLS each, ``read_seconds`` for one silence, ``total_seconds`` for everything,
    the look-up of names and redirects included.  ``max_bytes`` counts the body decompressed,
    ``max_raw_bytes`` as sent, ``max_header_bytes`` the header with everything before it.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 30.0
    max_bytes: int = 15 * MIB
    max_raw_bytes: int = 15 * MIB
    max_header_bytes: int = 64 * 1024
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class FetcherConfig:
    """Everything a worker needs to build its own fetcher; can be pickled.

    ``allowed_networks`` may be dialled though they are not public, and on any port.  ``contact`` is an e-mail address
    or URL for the User-Agent.  ``ca_file`` names a PEM file of authorities trusted besides those of the system.
    ``proxies`` are used as given; the environment is not looked at.  See `transforms.fetching.routes` for what cannot
    be checked behind a proxy.
    """

    limits: FetchLimits = field(default_factory=FetchLimits)
    allowed_networks: tuple[Network, ...] = ()
    contact: str | None = None
    ca_file: str | None = None
    proxies: Proxies | None = None

    def __post_init__(self) -> None:
        if self.contact is not None and not _CONTACT.match(self.contact):
            raise ValueError(f"contact must be plain ASCII without parentheses: {self.contact!r}")

    @property
    def user_agent(self) -> str:
        """``newsbeam/<version> (+<contact>)``."""
        return f"newsbeam/{_version()} ({f'+{self.contact}' if self.contact else 'operator not named'})"


@dataclass(frozen=True, slots=True)
class Headers(Mapping[str, str]):
    """Header fields as sent, in order; looked up without regard to case, repeated fields joined with a comma.

    Bytes beyond ASCII come as Latin-1, so that a value goes back to its server unchanged.
    """

    fields: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> str:
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.lower() for key, _ in self.fields))

    def __len__(self) -> int:
        return len({key.lower() for key, _ in self.fields})


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered.  ``Fetcher.get`` returns one for statuses 2xx and 304 only.

    ``redirects`` holds the URLs that were asked between ``requested_url`` and ``final_url``, in order.  ``body`` is
    decompressed, and cut to ``ERROR_BODY_BYTES`` where the status is 400 or more.  ``elapsed`` is in seconds.
    ``moved_to`` is how far permanent redirects lead from the requested URL without a break: where the resource lives
    now, by its server's word; None where the first answer was no permanent redirect.
    """

    requested_url: str
    final_url: str
    redirects: tuple[str, ...]
    status: int
    headers: Headers
    body: bytes
    elapsed: float
    moved_to: str | None = None

    @property
    def left_tls(self) -> bool:
        """Whether a redirect led from https to http."""
        hops = (self.requested_url, *self.redirects, self.final_url)
        return any(here.lower().startswith("https:") and there.startswith("http:") for here, there in pairwise(hops))


@dataclass(frozen=True, slots=True)
class FetchProblem(Problem):
    """Why a URL gave nothing to work on.

    ``response`` is there where the server did answer, with an error status: its headers, and the start of its body.
    """

    response: Response | None = None

    @property
    def payload(self) -> bytes | None:
        """The start of the error page."""
        return self.response.body if self.response else None

    @property
    def retry_after(self) -> str | None:
        """The header of that name, as sent."""
        return self.response.headers.get("retry-after") if self.response else None

    def retry_after_seconds(self, now: datetime) -> float | None:
        """How long the server wants to be left alone, at most a week; None where it does not say.

        A date is read by the clock of the server, its Date header; ``now`` stands in where there is none.
        """
        if self.response is None or self.retry_after is None:
            return None
        date = http_date(self.response.headers.get("date", ""))
        return retry_after_seconds(self.retry_after, date or now)


def moved_to(asked: Sequence[tuple[str, int]]) -> str | None:
    """How far permanent redirects lead from the first URL; ``asked`` has (URL, status of its answer), in order."""
    permanent = list(takewhile(lambda hop: hop[1] in _PERMANENT_REDIRECTS, asked[:-1]))
    return asked[len(permanent)][0] if permanent else None


def status_problem(response: Response, *, was_conditional: bool) -> FetchProblem | None:
    """Give the problem that the status of an answer means; None for 2xx, and for 304 where validators were sent."""
    if 200 <= response.status < 300:
        return None
    detail = f"HTTP {response.status}"
    if response.status == HTTPStatus.NOT_MODIFIED:
        if was_conditional:
            return None
        detail = "HTTP 304 Not Modified, though no validators were sent"
    return FetchProblem(OutcomeKind.HTTP_ERROR, detail, status=response.status, response=response)


def _version() -> str:
    try:
        return metadata.version("newsbeam")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "dev"
