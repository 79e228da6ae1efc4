"""The guarded fetcher: the only part of the project that opens connections to strangers.

Pages, feeds, robots.txt and sitemaps all go through ``Fetcher.get``.  It dials public addresses only, ends at a total
deadline, caps what it takes in before and after decompression, verifies TLS, and sends neither credentials nor
cookies nor referrers, nor anything to a proxy unless it is told to.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace

from urllib3 import HTTPConnectionPool, Timeout

from schemas.outcome import OutcomeKind
from transforms.core.urls import ANY_PORT, WEB_PORTS, UrlParts, check_url, resolve_url, split_url
from transforms.fetching.budget import CURRENT_BUDGET, Budget
from transforms.fetching.courses import Course, run_at_once
from transforms.fetching.dialling import Dialler
from transforms.fetching.failures import NETWORK_FAILURES, origin_of, problem_of
from transforms.fetching.pools import GuardedPools
from transforms.fetching.reading import DECODABLE, Hop, read_hop
from transforms.fetching.records import (
    FetcherConfig,
    FetchLimits,
    FetchProblem,
    Headers,
    Response,
    moved_to,
    status_problem,
)
from transforms.fetching.routes import Route, proxy_authorization

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

Guard = Callable[[str], Course[FetchProblem | None]]
"""Says why a URL may not be asked for; a course, because it may have to ask a robots.txt first."""


@dataclass(slots=True)
class _Walk:
    """From one URL along its redirects: what was ``asked``, with the status of each answer, and the seconds it took."""

    headers: dict[str, str]
    asked: list[tuple[str, int]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def urls(self) -> list[str]:
        return [url for url, _ in self.asked]


class Fetcher:
    """Gets URLs, guarded.  One for each process; threads share it; after a fork the child gets connections of its own.

    The caller sees to politeness: ``get`` asks at once, ``course`` gives way before each request.
    """

    def __init__(self, config: FetcherConfig | None = None) -> None:
        self._config = config or FetcherConfig()
        dialler = Dialler(self._config.allowed_networks, self._config.limits.connect_seconds)
        self._route = Route(dialler, self._config.proxies)
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
        return run_at_once(self.course(url, etag=etag, last_modified=last_modified, accept=accept))

    def course(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = ACCEPT_PAGES,
        guard: Guard | None = None,
    ) -> Course[Response | FetchProblem]:
        """The same, one request at a time; ``guard`` is asked about each URL on the way before it is requested.

        Waiting between requests does not count towards the total time.
        """
        if problem := check_url(url, self._ports):
            return FetchProblem(problem.kind, problem.detail)
        walk = _Walk(self._request_headers(accept, etag, last_modified))
        target = url
        while True:
            parts = split_url(target)
            hop = yield from self._visit(parts, walk, guard)
            if isinstance(hop, FetchProblem):
                return hop
            walk.asked.append((parts.url, hop.status))
            if hop.location is None:
                return _answer_of(url, walk, hop)
            target = resolve_url(parts.url, hop.location) or ""
            if refusal := self._redirect_problem(target, walk.urls, hop.status):
                return refusal

    def _visit(self, parts: UrlParts, walk: _Walk, guard: Guard | None) -> Course[Hop | FetchProblem]:
        """One URL of the walk.  Where an idle connection had been closed it takes two requests, in two turns."""
        refusal = (yield from guard(parts.url)) if guard else None
        hop = None
        while hop is None:
            if refusal := refusal or (yield parts.url):
                return _as_redirected(refusal) if walk.asked else refusal
            started = time.monotonic()
            hop = self._ask(parts, walk)
            walk.seconds += time.monotonic() - started
        return hop

    def close(self) -> None:
        """Close idle connections.  The fetcher can still be used; it connects anew."""
        self._pools.clear()

    def _make_pools(self) -> GuardedPools:
        return GuardedPools(self._route, self._config.ca_file)

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

    def _redirect_problem(self, target: str, asked: list[str], status: int) -> FetchProblem | None:
        if problem := check_url(target, self._ports):
            return FetchProblem(problem.kind, f"redirected: {problem.detail}", status=status)
        if split_url(target).url in asked:
            return FetchProblem(OutcomeKind.HTTP_ERROR, "redirects in a circle", status=status)
        if len(asked) > self._config.limits.max_redirects:
            return FetchProblem(OutcomeKind.HTTP_ERROR, f"more than {len(asked) - 1} redirects", status=status)
        return None

    def _ask(self, parts: UrlParts, walk: _Walk) -> Hop | FetchProblem | None:
        """Make one request; None where the idle connection that it used turns out to have been closed meanwhile."""
        if self._pid != os.getpid():
            self._pid, self._pools = os.getpid(), self._make_pools()
        pool = self._pools.connection_from_host(parts.host, parts.port, parts.scheme)
        token = CURRENT_BUDGET.set(self._budget(walk.seconds))
        try:
            return self._attempt(pool, parts, walk.headers)
        finally:
            CURRENT_BUDGET.reset(token)

    def _budget(self, seconds_spent: float) -> Budget:
        limits = self._config.limits
        return Budget(
            deadline=time.monotonic() + limits.total_seconds - seconds_spent,
            read_seconds=limits.read_seconds,
            max_header_bytes=limits.max_header_bytes,
            max_raw_bytes=limits.max_raw_bytes,
        )

    def _attempt(self, pool: HTTPConnectionPool, parts: UrlParts, headers: dict[str, str]) -> Hop | FetchProblem | None:
        connections_made = pool.num_connections
        try:
            return self._exchange(pool, parts, headers)
        except NETWORK_FAILURES as error:
            was_reused = pool.num_connections == connections_made
            if was_reused and not CURRENT_BUDGET.get().received and isinstance(origin_of(error), ConnectionError):
                return None
            return problem_of(error)

    def _exchange(self, pool: HTTPConnectionPool, parts: UrlParts, headers: dict[str, str]) -> Hop:
        limits = self._config.limits
        target, headers = self._addressed(parts, headers)
        response = pool.urlopen(
            "GET",
            target,
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

    def _addressed(self, parts: UrlParts, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Request target and headers: a proxy that passes the request on is told the whole URL (RFC 9112 §3.2.2)."""
        proxy = self._route.proxy_of(parts.scheme, parts.host) if parts.scheme == "http" else None
        return (parts.target, headers) if proxy is None else (parts.url, {**headers, **proxy_authorization(proxy)})


def _answer_of(url: str, walk: _Walk, hop: Hop) -> Response | FetchProblem:
    *before, final = walk.urls
    response = Response(
        url, final, tuple(before[1:]), hop.status, hop.headers, hop.body, walk.seconds, moved_to(walk.asked)
    )
    was_conditional = not walk.headers.keys().isdisjoint(("If-None-Match", "If-Modified-Since"))
    return status_problem(response, was_conditional=was_conditional) or response


def _as_redirected(refusal: FetchProblem) -> FetchProblem:
    return replace(refusal, detail=f"redirected: {refusal.detail}")


def _fits_header(value: str) -> bool:
    """Whether a stored validator can be sent: no line break, nothing beyond the Latin-1 that it was read as."""
    return all(" " <= character <= "\xff" and character != "\x7f" for character in value)
