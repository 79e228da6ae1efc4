"""Which feeds and pages a run asks for: what is listed, joined with what is known, shard by shard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.codec import from_row
from schemas.hops import FeedRequest, PageRequest
from schemas.outcome import Stage
from schemas.state import FeedState, PageState
from transforms.clock import Clock
from transforms.core.polling import Due, due
from transforms.core.revisits import Leave, PageNote, Take, plan_page
from transforms.core.snapshot import FEEDS, PAGES
from transforms.core.urls import url_key
from transforms.outcomes import OUTCOMES, Reporter
from transforms.state.shards import StateConfig, read_shard

NOTES = "notes"


class PlannedFeeds(NamedTuple):
    """Feeds that are due, with what is known of them, and a word on those that are not."""

    requests: beam.PCollection
    outcomes: beam.PCollection


class PlannedPages(NamedTuple):
    """Pages to ask for, a word on those that are not, and notes for the state on both."""

    requests: beam.PCollection
    outcomes: beam.PCollection
    notes: beam.PCollection


@dataclass(eq=False)
class PlanFeeds(beam.PTransform):
    """Listed feeds in, those that are due out: `transforms.core.polling.due` on each."""

    config: StateConfig
    clock: Clock

    def expand(self, requests: beam.PCollection) -> PlannedFeeds:
        reporter = Reporter(self.config.run, self.clock, Stage.DISCOVER)
        planned = (
            requests
            | "Key by shard" >> beam.Map(_feed_shard, self.config).with_output_types(tuple[int, FeedRequest])
            | "Gather shard" >> beam.GroupByKey()
            | "Plan" >> beam.ParDo(_PlanFeeds(self.config, reporter)).with_outputs(OUTCOMES, main="requests")
        )
        return PlannedFeeds(planned.requests, planned[OUTCOMES])


@dataclass(eq=False)
class PlanPages(beam.PTransform):
    """Listed pages in, those to ask for out, checks that are due included: `plan_page` on each.

    Every shard is read, also where nothing of it was listed: a page may be due for a check.
    """

    config: StateConfig
    clock: Clock

    def expand(self, requests: beam.PCollection) -> PlannedPages:
        reporter = Reporter(self.config.run, self.clock, Stage.DISCOVER)
        shards = requests.pipeline | "Every shard" >> beam.Create([(n, None) for n in range(self.config.shards)])
        listed = requests | "Key by shard" >> beam.Map(_page_shard, self.config)
        planned = (
            (shards, listed)
            | "With every shard" >> beam.Flatten()
            | "Typed" >> beam.Map(_as_is).with_output_types(tuple[int, Any])
            | "Gather shard" >> beam.GroupByKey()
            | "Plan" >> beam.ParDo(_PlanPages(self.config, reporter)).with_outputs(OUTCOMES, NOTES, main="requests")
        )
        return PlannedPages(planned.requests, planned[OUTCOMES], planned[NOTES])


class _PlanFeeds(beam.DoFn):
    def __init__(self, config: StateConfig, reporter: Reporter) -> None:
        self._config = config
        self._reporter = reporter

    def process(self, shard: tuple[int, Iterable[FeedRequest]]) -> Iterator[Any]:
        number, listed = shard
        known = _wanted(self._config, number, {request.url for request in listed})
        for request in listed:
            request = replace(request, known=known.get(request.url))  # noqa: PLW2901 - the same feed, with its past
            verdict = due(request, self._config.run.now, force=self._config.force)
            if isinstance(verdict, Due):
                yield request
            else:
                yield self._reporter.tagged(verdict.problem, request.url, source_id=request.source_id)


def _wanted(config: StateConfig, shard: int, urls: set[str]) -> dict[str, FeedState]:
    rows = read_shard(config, FEEDS, shard)
    return {row["url"]: from_row(FeedState, row) for row in rows if row["url"] in urls}


class _PlanPages(beam.DoFn):
    def __init__(self, config: StateConfig, reporter: Reporter) -> None:
        self._config = config
        self._reporter = reporter

    def process(self, shard: tuple[int, Iterable[PageRequest | None]]) -> Iterator[Any]:
        number, requests = shard
        listed = {url_key(request.url): request for request in requests if request}
        now, force = self._config.run.now, self._config.force
        for row in read_shard(self._config, PAGES, number):
            request = listed.pop(row["key"], None)
            if request or (row["next_check_at"] and row["next_check_at"] <= now):
                plan = plan_page(from_row(PageState, row), request, now, force=force)
                yield from self._said(row["key"], request, plan)
        for key, request in sorted(listed.items()):
            yield from self._said(key, request, plan_page(None, request, now, force=force))

    def _said(self, key: str, listed: PageRequest | None, plan: Take | Leave | None) -> Iterator[Any]:
        if plan is None:
            return
        bare = replace(plan.request, known=None)
        if isinstance(plan, Leave):
            yield self._reporter.tagged(plan.problem, bare.url, source_id=bare.source.id)
            yield beam.pvalue.TaggedOutput(NOTES, PageNote(key, left=bare))
        else:
            yield plan.request
            note = PageNote(key, taken=bare) if listed else PageNote(key, checked=bare)
            yield beam.pvalue.TaggedOutput(NOTES, note)


def _feed_shard(request: FeedRequest, config: StateConfig) -> tuple[int, FeedRequest]:
    return config.shard_of(request.url), request


def _page_shard(request: PageRequest, config: StateConfig) -> tuple[int, PageRequest]:
    return config.shard_of(url_key(request.url)), request


def _as_is(element: Any) -> Any:
    return element
