"""The guarded fetcher: the only part of the project that opens connections to strangers.

Pages, feeds, robots.txt and sitemaps all go through ``Fetcher.get``.  It dials public addresses only, ends at a total
deadline, caps what it takes in before and after decompression, verifies TLS, and sends neither credentials nor
cookies nor referrers nor anything to a proxy named in the environment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Container
from http.client import IncompleteRead

from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    InvalidChunkLength,
    InvalidHeader,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from schemas.outcome import OutcomeKind
from transforms.core.urls import ANY_PORT, WEB_PORTS, UrlParts, check_url, resolve_url, split_url
from transforms.fetching.budget import CURRENT_BUDGET, Budget, TooMuchReceived
from transforms.fetching.dialling import AddressRefused, Dialler, GuardedPools
from transforms.fetching.reading import DECODABLE, BodyTooLarge, Hop, read_hop
from transforms.fetching.records import (
    FetcherConfig,
    FetchLimits,
    FetchProblem,
    Headers,
    Response,
    moved_to,
    status_problem,
)

__all__ = [
    "ACCEPT_FEEDS",
    "ACCEPT_PAGES",
    "FetchLimits",
    "FetchProblem",
    "Fetcher",
    "FetcherConfig",
    "Headers",
    "Response",
]

ACCEPT_PAGES = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
ACCEPT_FEEDS = "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"

# All that urllib3, ssl and sockets raise for what a server or the network does.  Anything else is a bug, to be seen.
_NETWORK_FAILURES = (
    ConnectTimeoutError,
    ReadTimeoutError,
    ProtocolError,
    SSLError,
    DecodeError,
    InvalidHeader,
    TooMuchReceived,
    BodyTooLarge,
    AddressRefused,
    OSError,
)


class Fetcher:
    """Gets URLs, guarded.  One for each process; threads share it; after a fork the child gets connections of its own.

    The caller sees to politeness: a fetcher asks whenever it is told to.
    """

    def __init__(self, config: FetcherConfig | None = None) -> None:
        self._config = config or FetcherConfig()
        self._pid = os.getpid()
        self._pools = self._make_pools()
        self._ports: Container[int] = WEB_PORTS
        if self._config.allowed_networks:
            self._ports = ANY_PORT  # on other networks the dialler still refuses them

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = ACCEPT_PAGES,
    ) -> Response | FetchProblem:
        """Ask for ``url`` and follow its redirects.

        Statuses 2xx, and 304 where validators were sent, give a ``Response``; a ``FetchProblem`` says what else came of
        it: http_error (with the status, and the answer so far as it is kept), timeout, unreachable, blocked_address,
        too_large, malformed.
        ``etag`` and ``last_modified`` are the validators of an earlier answer, as sent.
        """
        if self._pid != os.getpid():
            self._pid, self._pools = os.getpid(), self._make_pools()
        started = time.monotonic()
        limits = self._config.limits
        budget = Budget(
            deadline=started + limits.total_seconds,
            read_seconds=limits.read_seconds,
            max_header_bytes=limits.max_header_bytes,
            max_raw_bytes=limits.max_raw_bytes,
        )
        token = CURRENT_BUDGET.set(budget)
        try:
            return self._follow(url, self._request_headers(accept, etag, last_modified), started)
        finally:
            CURRENT_BUDGET.reset(token)

    def close(self) -> None:
        """Close idle connections.  The fetcher can still be used; it connects anew."""
        self._pools.clear()

    def _make_pools(self) -> GuardedPools:
        dialler = Dialler(self._config.allowed_networks, self._config.limits.connect_seconds)
        return GuardedPools(dialler, self._config.ca_file)

    def _request_headers(self, accept: str, etag: str | None, last_modified: str | None) -> dict[str, str]:
        headers = {
            "User-Agent": self._config.user_agent,
            "Accept": accept,
            "Accept-Encoding": ", ".join(sorted(DECODABLE - {"x-gzip"})),
        }
        if etag and _fits_header(etag):
            headers["If-None-Match"] = etag
        if last_modified and _fits_header(last_modified):
            headers["If-Modified-Since"] = last_modified
        return headers

    def _follow(self, url: str, headers: dict[str, str], started: float) -> Response | FetchProblem:
        if problem := check_url(url, self._ports):
            return FetchProblem(problem.kind, problem.detail)
        asked: list[tuple[str, int]] = []
        target = url
        while True:
            parts = split_url(target)
            hop = self._ask(parts, headers)
            if isinstance(hop, FetchProblem):
                return hop
            asked.append((parts.url, hop.status))
            if hop.location is None:
                response = _response_of(url, asked, hop, time.monotonic() - started)
                return status_problem(response, was_conditional=_is_conditional(headers)) or response
            target = resolve_url(parts.url, hop.location) or ""
            if problem := self._redirect_problem(target, [here for here, _ in asked], hop.status):
                return problem

    def _redirect_problem(self, target: str, asked: list[str], status: int) -> FetchProblem | None:
        if problem := check_url(target, self._ports):
            return FetchProblem(problem.kind, f"redirected: {problem.detail}", status=status)
        if split_url(target).url in asked:
            return FetchProblem(OutcomeKind.HTTP_ERROR, "redirects in a circle", status=status)
        if len(asked) > self._config.limits.max_redirects:
            return FetchProblem(OutcomeKind.HTTP_ERROR, f"more than {len(asked) - 1} redirects", status=status)
        return None

    def _ask(self, parts: UrlParts, headers: dict[str, str]) -> Hop | FetchProblem:
        pool = self._pools.connection_from_host(parts.host, parts.port, parts.scheme)
        hop = None
        while hop is None:
            hop = self._attempt(pool, parts, headers)
        return hop

    def _attempt(self, pool: HTTPConnectionPool, parts: UrlParts, headers: dict[str, str]) -> Hop | FetchProblem | None:
        """Make one request; None where the idle connection that it used turns out to have been closed meanwhile."""
        connections_made = pool.num_connections
        budget = CURRENT_BUDGET.get()
        budget.start_exchange()
        try:
            return self._exchange(pool, parts, headers)
        except _NETWORK_FAILURES as error:
            was_reused = pool.num_connections == connections_made
            if was_reused and not budget.received and isinstance(_origin(error), ConnectionError):
                return None
            return _problem_of(error)

    def _exchange(self, pool: HTTPConnectionPool, parts: UrlParts, headers: dict[str, str]) -> Hop:
        limits = self._config.limits
        response = pool.urlopen(
            "GET",
            parts.target,
            headers=headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=limits.connect_seconds, read=limits.read_seconds),
            preload_content=False,
        )
        try:
            CURRENT_BUDGET.get().in_header = False
            return read_hop(response, limits)
        finally:
            response.close()  # a connection whose response was read to its end is back in the pool already


def _response_of(url: str, asked: list[tuple[str, int]], hop: Hop, elapsed: float) -> Response:
    between = tuple(here for here, _ in asked[1:-1])
    return Response(url, asked[-1][0], between, hop.status, hop.headers, hop.body, elapsed, moved_to(asked))


def _is_conditional(headers: dict[str, str]) -> bool:
    return not headers.keys().isdisjoint(("If-None-Match", "If-Modified-Since"))


def _fits_header(value: str) -> bool:
    """Whether a stored validator can be sent: no line break, nothing beyond the Latin-1 that it was read as."""
    return all(" " <= character <= "\xff" and character != "\x7f" for character in value)


def _origin(error: Exception) -> BaseException:
    """Look inside the wrappers of urllib3 for what went wrong first."""
    if isinstance(error, ReadTimeoutError):
        return error.__cause__ or error
    inner = error.args[-1] if isinstance(error, ProtocolError | SSLError) and error.args else None
    return inner if isinstance(inner, BaseException) else error


def _problem_of(error: Exception) -> FetchProblem:
    origin = _origin(error)
    detail = f"{origin}".strip() or type(origin).__name__
    return FetchProblem(_kind_of(error, origin), detail.splitlines()[0][:300], error_type=type(origin).__name__)


def _kind_of(error: Exception, origin: BaseException) -> OutcomeKind:
    match origin:
        case AddressRefused():
            return OutcomeKind.BLOCKED_ADDRESS
        case TooMuchReceived() | BodyTooLarge():
            return OutcomeKind.TOO_LARGE
        case TimeoutError() | ReadTimeoutError() | ConnectTimeoutError():
            return OutcomeKind.TIMEOUT
        case InvalidChunkLength():
            return OutcomeKind.MALFORMED
        case OSError() | SSLError() | IncompleteRead():
            return OutcomeKind.UNREACHABLE
    return OutcomeKind.UNREACHABLE if "ended prematurely" in str(error) else OutcomeKind.MALFORMED
