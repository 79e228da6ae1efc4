"""Fetching feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import apache_beam as beam

from schemas.hops import FeedRequest, FetchedFeed, Run
from schemas.outcome import Stage
from transforms.clock import Clock
from transforms.fetch import ByDomain, Fetching, Politeness
from transforms.fetcher import ACCEPT_FEEDS, FetcherConfig, Response
from transforms.outcomes import OUTCOMES, Reporter

PARSED_HEADERS = ("content-type", "content-location", "content-language")
"""What feedparser looks at."""


class FetchedFeeds(NamedTuple):
    """Feeds as they came, and what became of those that did not."""

    feeds: beam.PCollection
    outcomes: beam.PCollection


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
        return FetchedFeeds(*(requests | ByDomain() | "Fetch" >> step.with_outputs(OUTCOMES, main="feeds")))


class _FetchFeeds(Fetching):
    accept = ACCEPT_FEEDS
    what = "feeds fetched"

    def source_id(self, request: FeedRequest) -> str | None:
        return request.source_id

    def fetched(self, request: FeedRequest, response: Response) -> FetchedFeed:
        headers = tuple((name, value) for name in PARSED_HEADERS if (value := response.headers.get(name)))
        return FetchedFeed(
            request, response.final_url, response.body, headers, response.status, self.milliseconds(response)
        )
