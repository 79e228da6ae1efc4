"""What fetching feeds and fetching pages have in common: every host in turn, through the guarded fetcher.

The input is gathered by registrable domain, so that one worker owns a host; inside a worker, threads keep many hosts
busy while one process asks no host twice at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from schemas.hops import FeedRequest, PageRequest
from transforms.core.urls import registrable_domain
from transforms.fetch_pool import FetchPool
from transforms.fetcher import Fetcher, FetcherConfig, FetchProblem, Response
from transforms.heartbeat import Heartbeat
from transforms.outcomes import Reporter


@dataclass(frozen=True, slots=True)
class Politeness:
    """How much is asked of others.

    ``gap_seconds`` lies between two requests to one registrable domain; ``threads`` bounds how many domains are asked
    at once.  Pages obey robots.txt; feeds, which a person subscribed to, do not ask.
    """

    gap_seconds: float = 1.0
    threads: int = 32
    obeys_robots: bool = True


class ByDomain(beam.PTransform):
    """Requests gathered by the registrable domain that they go to."""

    def expand(self, requests: beam.PCollection) -> beam.PCollection:
        keyed = requests | "Key by domain" >> beam.Map(_with_domain).with_output_types(tuple[str, Any])
        return keyed | "Gather domain" >> beam.GroupByKey()


def _with_domain(request: FeedRequest | PageRequest) -> tuple[str, FeedRequest | PageRequest]:
    return _domain_of(request), request


def _domain_of(request: FeedRequest | PageRequest) -> str:
    return registrable_domain(request.url)


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


def _order(request: Any) -> tuple[Any, str]:
    return getattr(request, "rank", getattr(request, "position", 0)), request.url


def _in_global_window(output: Any) -> Any:
    window = GlobalWindow()
    if isinstance(output, beam.pvalue.TaggedOutput):
        return beam.pvalue.TaggedOutput(output.tag, WindowedValue(output.value, window.max_timestamp(), [window]))
    return WindowedValue(output, window.max_timestamp(), [window])
