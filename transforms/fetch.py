"""Fetching as Beam steps: feeds and pages, every host in turn, through the guarded fetcher.

The input is gathered by registrable domain, so that one worker owns a host; inside a worker, threads keep many hosts
busy while one process asks no host twice at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from schemas.article import Fetch
from schemas.hops import FeedRequest, FetchedFeed, Page, PageRequest, Run
from schemas.outcome import Stage
from transforms.archives import Pages
from transforms.clock import Clock
from transforms.core.identity import payload_sha256
from transforms.core.urls import ANY_PORT, check_url, registrable_domain
from transforms.fetch_pool import FetchPool
from transforms.fetcher import ACCEPT_FEEDS, ACCEPT_PAGES, Fetcher, FetcherConfig, FetchProblem, Response
from transforms.heartbeat import Heartbeat
from transforms.outcomes import OUTCOMES, Reporter
from transforms.robots_gate import RobotsGate

PARSED_HEADERS = ("content-type", "content-location", "content-language")
"""What feedparser looks at."""


class FetchedFeeds(NamedTuple):
    """Feeds as they came, and what became of those that did not."""

    feeds: beam.PCollection
    outcomes: beam.PCollection


@dataclass(frozen=True, slots=True)
class Politeness:
    """How much is asked of others.

    ``gap_seconds`` lies between two requests to one registrable domain; ``threads`` bounds how many domains are asked
    at once.  Pages obey robots.txt; feeds, which a person subscribed to, do not ask.
    """

    gap_seconds: float = 1.0
    threads: int = 32
    obeys_robots: bool = True


@dataclass(eq=False)
class FetchFeeds(beam.PTransform):
    """Feed requests in, feeds out."""

    run: Run
    clock: Clock
    fetcher: FetcherConfig
    politeness: Politeness

    def expand(self, requests: beam.PCollection) -> FetchedFeeds:
        reporter = Reporter(self.run, self.clock, Stage.FETCH_FEED)
        step = beam.ParDo(_FetchFeeds(self.fetcher, self.politeness, reporter))
        return FetchedFeeds(*(requests | _ByDomain() | "Fetch" >> step.with_outputs(OUTCOMES, main="feeds")))


@dataclass(eq=False)
class FetchPages(beam.PTransform):
    """Page requests in, pages out."""

    run: Run
    clock: Clock
    fetcher: FetcherConfig
    politeness: Politeness

    def expand(self, requests: beam.PCollection) -> Pages:
        reporter = Reporter(self.run, self.clock, Stage.FETCH_PAGE)
        step = beam.ParDo(_FetchPages(self.fetcher, self.politeness, reporter))
        return Pages(*(requests | _ByDomain() | "Fetch" >> step.with_outputs(OUTCOMES, main="pages")))


class _ByDomain(beam.PTransform):
    def expand(self, requests: beam.PCollection) -> beam.PCollection:
        keyed = requests | "Key by domain" >> beam.Map(_with_domain).with_output_types(tuple[str, Any])
        return keyed | "Gather domain" >> beam.GroupByKey()


def _with_domain(request: FeedRequest | PageRequest) -> tuple[str, FeedRequest | PageRequest]:
    return _domain_of(request), request


def _domain_of(request: FeedRequest | PageRequest) -> str:
    return registrable_domain(request.url)


class _Fetching(beam.DoFn):
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
        self._pool: FetchPool[Any, Response | FetchProblem] = FetchPool(
            self.get, _domain_of, threads=self._politeness.threads, gap_seconds=self._politeness.gap_seconds
        )
        self._heartbeat = Heartbeat(self.what)

    def teardown(self) -> None:
        self._pool.close()
        self._fetcher.close()

    def process(self, domain: tuple[str, Iterable[Any]]) -> Iterator[Any]:
        """Batch only: the elements stand in the global window."""
        for request in sorted(domain[1], key=_order):
            self._pool.submit(request)
        for request, result in self._pool.ready():
            yield self._output(request, result)

    def finish_bundle(self) -> Iterator[Any]:
        for request, result in self._pool.drain():
            yield _in_global_window(self._output(request, result))

    def get(self, request: Any) -> Response | FetchProblem:
        """Asks for it; runs in one of the pool's threads."""
        return self._fetcher.get(request.url, accept=self.accept)

    def _output(self, request: Any, result: Response | FetchProblem) -> Any:
        self._heartbeat.beat()
        if isinstance(result, FetchProblem):
            return self._reporter.tagged(result, request.url, source_id=self.source_id(request), payload=result.payload)
        return self.fetched(request, result)

    def fetched(self, request: Any, response: Response) -> Any:
        """What a good response to ``request`` becomes."""
        raise NotImplementedError

    def source_id(self, request: Any) -> str | None:
        """The source that the request belongs to."""
        raise NotImplementedError

    def milliseconds(self, response: Response) -> int | None:
        """How long the response took, as rows carry it."""
        return self._reporter.clock.milliseconds(response.elapsed)


class _FetchFeeds(_Fetching):
    accept = ACCEPT_FEEDS
    what = "feeds fetched"

    def source_id(self, request: FeedRequest) -> str | None:
        return request.source_id

    def fetched(self, request: FeedRequest, response: Response) -> FetchedFeed:
        headers = tuple((name, value) for name in PARSED_HEADERS if (value := response.headers.get(name)))
        return FetchedFeed(
            request, response.final_url, response.body, headers, response.status, self.milliseconds(response)
        )


class _FetchPages(_Fetching):
    accept = ACCEPT_PAGES
    what = "pages fetched"

    def setup(self) -> None:
        super().setup()
        self._gate = RobotsGate(self._fetcher)

    def get(self, request: PageRequest) -> Response | FetchProblem:
        """Asks the host's robots.txt first."""
        if self._politeness.obeys_robots and not check_url(request.url, ANY_PORT):
            verdict = self._gate.verdict(request.url)
            if verdict.problem:
                return verdict.problem
            if verdict.crawl_delay:
                self._pool.slow_down(request, verdict.crawl_delay)
        return super().get(request)

    def source_id(self, request: PageRequest) -> str | None:
        return request.source.id

    def fetched(self, request: PageRequest, response: Response) -> Page:
        return Page(request, self._fetch_of(request, response), response.body)

    def _fetch_of(self, request: PageRequest, response: Response) -> Fetch:
        return Fetch(
            requested_url=request.url,
            final_url=response.final_url,
            redirects=response.redirects,
            status=response.status,
            fetched_at=self._reporter.clock.now(),
            duration_ms=self.milliseconds(response),
            content_type=response.headers.get("content-type"),
            bytes=len(response.body),
            payload_sha256=payload_sha256(response.body),
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            robots="allowed" if self._politeness.obeys_robots else "ignored",
        )


def _order(request: Any) -> tuple[Any, str]:
    return getattr(request, "rank", getattr(request, "position", 0)), request.url


def _in_global_window(output: Any) -> Any:
    window = GlobalWindow()
    if isinstance(output, beam.pvalue.TaggedOutput):
        return beam.pvalue.TaggedOutput(output.tag, WindowedValue(output.value, window.max_timestamp(), [window]))
    return WindowedValue(output, window.max_timestamp(), [window])
