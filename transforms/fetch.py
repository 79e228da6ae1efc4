"""What fetching feeds and fetching pages have in common: every host in turn, through the guarded fetcher.

The input is gathered by registrable domain, so that one worker owns a host; inside a worker, threads keep many hosts
busy while one process asks no domain twice at once, whatever robots.txt files and redirects lie on the way.  Only where
a redirect leads to a domain that another process owns do the two not know of each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.hops import FeedRequest, PageRequest
from transforms.core.pacing import Pace
from transforms.core.urls import registrable_domain
from transforms.expected import Expected
from transforms.fetch_pool import DEFAULT_THREADS, FetchPool
from transforms.fetcher import Fetcher, FetcherConfig, FetchProblem, Response
from transforms.fetching.courses import Course
from transforms.fetching.steps import PUT_OFF
from transforms.heartbeat import Heartbeat
from transforms.outcomes import Reporter
from transforms.robots_gate import RobotsGate
from transforms.run_shared import PROCESS
from transforms.windows import placed


@dataclass(frozen=True, slots=True)
class Politeness:
    """How much is asked of others.

    ``gap_seconds`` lies between two requests to one registrable domain; ``threads`` bounds how many domains are asked
    at once.  Pages obey robots.txt; feeds, which a person subscribed to, only where ``feeds_obey_robots``.
    ``max_pages_per_host`` bounds the pages of one domain, ``seconds`` how long a step makes requests: what waits for
    its turn then is left to the next run, which a state remembers.  Steps that have a ``key`` in common share the turns
    of domains and what robots.txt files say, where they run in one process.
    """

    gap_seconds: float = 1.0
    threads: int = DEFAULT_THREADS
    obeys_robots: bool = True
    feeds_obey_robots: bool = False
    max_pages_per_host: int | None = None
    seconds: float = math.inf
    key: str = ""


@dataclass(eq=False)
class ByDomain(beam.PTransform):
    """Requests gathered by the registrable domain that they go to; ``what`` is the step that has them before it."""

    what: str

    def expand(self, requests: beam.PCollection) -> beam.PCollection:
        keyed = requests | "Key by domain" >> beam.Map(_with_domain).with_output_types(tuple[str, Any])
        expected = keyed | "Expect" >> beam.ParDo(Expected(self.what)).with_output_types(tuple[str, Any])
        return expected | "Gather domain" >> beam.GroupByKey()


def _with_domain(request: FeedRequest | PageRequest) -> tuple[str, FeedRequest | PageRequest]:
    return _domain_of(request), request


def _domain_of(request: FeedRequest | PageRequest) -> str:
    return registrable_domain(_url_of(request))


def _url_of(request: FeedRequest | PageRequest) -> str:
    """Where it is asked for: a feed that has moved has a new address."""
    return request.target if isinstance(request, FeedRequest) else request.url


def _url_asked(asked: _Asked) -> str:
    return _url_of(asked.request)


class _Asked(NamedTuple):
    """A request in the pool, and the tag that it was given."""

    request: Any
    tag: Any


class Fetching(beam.DoFn):
    """Asks for many requests at once; a subclass says what a response becomes."""

    accept = "*/*"
    what = "fetched"

    def __init__(self, fetcher: FetcherConfig, politeness: Politeness, reporter: Reporter) -> None:
        self._config = fetcher
        self._politeness = politeness
        self._reporter = reporter

    def setup(self) -> None:
        """The pool outlives the bundle: gaps and Retry-After are kept from one to the next."""
        self._fetcher = Fetcher(self._config)
        shared = PROCESS.of(self._politeness.key)
        self._gate = RobotsGate(self._fetcher, shared.robots)
        self._outages = shared.outages
        self._pool: FetchPool[_Asked, Any] = FetchPool(
            self._begun,
            _url_asked,
            threads=self._politeness.threads,
            largest=self._config.limits.max_bytes,
            weigh=self.weight,
            pace=self.pace(),
            turns=shared.turns,
            seconds=self._politeness.seconds,
        )
        self._heartbeat = Heartbeat(self.what)

    def teardown(self) -> None:
        self._pool.close()
        self._fetcher.close()

    def process(
        self,
        domain: tuple[str, Iterable[Any]],
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Yields what has come meanwhile, which may be of other elements, with their own time and window."""
        for request in sorted(domain[1], key=_order):
            self.submit(request, (timestamp, window))
        for place, outputs in self.ready():
            yield from (placed(output, place) for output in outputs)

    def finish_bundle(self) -> Iterator[Any]:
        for place, outputs in self.drain():
            yield from (placed(output, place) for output in outputs)

    def date(self, now: datetime) -> None:
        """What follows is done at ``now``, not at the start of the run: a stream runs for months."""
        self._reporter = replace(self._reporter, run=replace(self._reporter.run, now=now))

    def take(self, request: Any, tag: Any) -> Iterator[tuple[Any, Iterator[Any]]]:
        """Has ``request`` asked for; gives (tag, outputs) of each request that has ended meanwhile."""
        self.submit(request, tag)
        return self.ready()

    def submit(self, request: Any, tag: Any) -> None:
        """Has ``request`` asked for in its turn; what comes of it is handed out with ``tag``."""
        self._pool.submit(_Asked(request, tag))

    def ready(self) -> Iterator[tuple[Any, Iterator[Any]]]:
        """(tag, outputs) of each request that has ended so far."""
        return ((asked.tag, self._outputs(asked.request, result)) for asked, result in self._pool.ready())

    def drain(self) -> Iterator[tuple[Any, Iterator[Any]]]:
        """The same of all that are in work, as they end."""
        return ((asked.tag, self._outputs(asked.request, result)) for asked, result in self._pool.drain())

    def weight(self, result: Any) -> int:
        """Bytes that the result of ``get`` holds."""
        return len(result.payload or b"") if isinstance(result, FetchProblem) else len(result.body)

    def _begun(self, asked: _Asked) -> Course[Any]:
        return self.get(asked.request)

    def pace(self) -> Pace:
        """How politely domains are asked."""
        return Pace(self._politeness.gap_seconds)

    def get(self, request: Any) -> Course[Any]:
        """The requests that it takes; each runs in one of the pool's threads."""
        return self.ask(request.url)

    def ask(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Course[Response | FetchProblem]:
        """What ``get`` comes down to: ``url`` and its redirects, each where robots.txt allows it, if that counts.

        A host that has not answered a few times in a row is not asked again for a while.
        """
        if problem := self._outages.problem(url):
            return problem
        guard = self._guard if self.obeys_robots() else None
        course = self._fetcher.course(url, etag=etag, last_modified=last_modified, accept=self.accept, guard=guard)
        answer = yield from course
        self._outages.note(url, answer)
        return answer

    def obeys_robots(self) -> bool:
        """Whether robots.txt counts here."""
        raise NotImplementedError

    def _guard(self, url: str) -> Course[FetchProblem | None]:
        verdict = yield from self._gate.verdict(url)
        if verdict.crawl_delay:
            self._pool.slow_down(url, verdict.crawl_delay)
        return verdict.problem

    def _outputs(self, request: Any, result: Any) -> Iterator[Any]:
        self._heartbeat.beat()
        if result is PUT_OFF:
            return self.put_off(request)
        return self.failed(request, result) if isinstance(result, FetchProblem) else self.fetched(request, result)

    def put_off(self, request: Any) -> Iterator[Any]:
        """What comes of ``request`` where there was no time for it: it says nothing of the page or feed."""
        yield self._reporter.tagged(PUT_OFF, request.url, source_id=self.source_id(request))

    def failed(self, request: Any, problem: FetchProblem) -> Iterator[Any]:
        """What comes of ``request`` where there is no good response."""
        yield self._reporter.tagged(problem, request.url, source_id=self.source_id(request), payload=problem.payload)

    def fetched(self, request: Any, answer: Any) -> Iterator[Any]:
        """What a good answer to ``request``, the result of ``get``, becomes."""
        raise NotImplementedError

    def source_id(self, request: Any) -> str | None:
        """The source that the request belongs to."""
        raise NotImplementedError

    def milliseconds(self, response: Response) -> int | None:
        """How long the response took, as rows carry it."""
        return self._reporter.clock.milliseconds(response.elapsed)


def _order(request: Any) -> tuple[Any, str]:
    return getattr(request, "rank", getattr(request, "position", 0)), request.url
