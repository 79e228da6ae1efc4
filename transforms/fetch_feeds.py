"""Fetching feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.hops import FeedAnswer, FeedRequest, FetchedFeed, Run
from schemas.outcome import Stage
from transforms.clock import Clock
from transforms.core.identity import payload_sha256
from transforms.core.polling import UNCHANGED, cache_seconds, is_unchanged, settle_feed
from transforms.fetch import ByDomain, Fetching, Politeness
from transforms.fetcher import ACCEPT_FEEDS, FetcherConfig, FetchProblem, Response
from transforms.fetching.courses import Course
from transforms.outcomes import OUTCOMES, Reporter

PARSED_HEADERS = ("content-type", "content-location", "content-language")
"""What feedparser looks at."""


STATES = "states"
"""The name of the third output: what is remembered of a feed."""


class FetchedFeeds(NamedTuple):
    """Feeds as they came, what became of those that did not or are as they were, and the new state of these."""

    feeds: beam.PCollection
    outcomes: beam.PCollection
    states: beam.PCollection


@dataclass(eq=False)
class FetchFeeds(beam.PTransform):
    """Feed requests in, feeds out."""

    run: Run
    clock: Clock
    fetcher: FetcherConfig
    politeness: Politeness

    def work(self) -> _FetchFeeds:
        """What a worker does."""
        return _FetchFeeds(self.fetcher, self.politeness, Reporter(self.run, self.clock, Stage.FETCH_FEED))

    def expand(self, requests: beam.PCollection) -> FetchedFeeds:
        step = beam.ParDo(self.work())
        return FetchedFeeds(
            *(requests | ByDomain(_FetchFeeds.what) | "Fetch" >> step.with_outputs(OUTCOMES, STATES, main="feeds"))
        )


class _FetchFeeds(Fetching):
    accept = ACCEPT_FEEDS
    what = "feeds fetched"

    def source_id(self, request: FeedRequest) -> str | None:
        return request.source_id

    def obeys_robots(self) -> bool:
        return self._politeness.feeds_obey_robots

    def get(self, request: FeedRequest) -> Course[Response | FetchProblem]:
        """Asks with the validators of the last answer, at the address that the feed has now."""
        known = request.known
        return self.ask(
            request.target,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
        )

    def failed(self, request: FeedRequest, problem: FetchProblem) -> Iterator[Any]:
        yield from super().failed(request, problem)
        silence = problem.retry_after_seconds(self._reporter.clock.now())
        answer = FeedAnswer(self._reporter.run.now, problem.status, retry_after_seconds=silence)
        yield beam.pvalue.TaggedOutput(STATES, settle_feed(request, answer, problem))

    def fetched(self, request: FeedRequest, response: Response) -> Iterator[Any]:
        answer = _answer_of(response, self._reporter.run.now)
        if is_unchanged(request, answer):
            problem = replace(UNCHANGED, status=response.status)
            details = {"source_id": request.source_id, "duration_ms": self.milliseconds(response)}
            yield self._reporter.tagged(problem, request.url, **details)
            yield beam.pvalue.TaggedOutput(STATES, settle_feed(request, answer, problem))
            return
        headers = tuple((name, value) for name in PARSED_HEADERS if (value := response.headers.get(name)))
        yield FetchedFeed(request, response.final_url, response.body, answer, headers, self.milliseconds(response))


def _answer_of(response: Response, now: datetime) -> FeedAnswer:
    """Dated by the start of the run: what is due in ten minutes is due in the next run, however long this one takes."""
    return FeedAnswer(
        at=now,
        status=response.status,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        body_sha256=payload_sha256(response.body) if response.body else None,
        moved_to=response.moved_to,
        cache_seconds=cache_seconds(response.headers, now),
    )
