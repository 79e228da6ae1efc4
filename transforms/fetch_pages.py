"""Fetching pages, by the rules of each host's robots.txt."""

from __future__ import annotations

from dataclasses import dataclass

import apache_beam as beam

from schemas.article import Fetch
from schemas.hops import Page, PageRequest, Run
from schemas.outcome import Stage
from transforms.archives import Pages
from transforms.clock import Clock
from transforms.core.identity import payload_sha256
from transforms.core.urls import ANY_PORT, check_url
from transforms.fetch import ByDomain, Fetching, Politeness
from transforms.fetcher import ACCEPT_PAGES, FetcherConfig, FetchProblem, Response
from transforms.outcomes import OUTCOMES, Reporter
from transforms.robots_gate import RobotsGate


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
        return Pages(*(requests | ByDomain() | "Fetch" >> step.with_outputs(OUTCOMES, main="pages")))


class _FetchPages(Fetching):
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
