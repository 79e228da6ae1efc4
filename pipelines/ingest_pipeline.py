"""The main job: feeds, pages and archives in, annotated articles out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import apache_beam as beam

from schemas.hops import FeedRequest, PageRequest, Run
from transforms.archives import ListCaptures, ReadCaptures
from transforms.articles import MakeArticles, ParseFeeds
from transforms.choose import ChoosePages, Chosen
from transforms.core.manifest import RunFacts
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetch_feeds import FetchFeeds
from transforms.fetch_pages import FetchPages
from transforms.fetcher import FetcherConfig
from transforms.html_files import HtmlFile, ListHtmlFiles
from transforms.publish import PublishRun
from transforms.write import KeepOutcomes, KeepRecords, MergeAll, Parts, Sink


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """Everything that shapes one run of ``ingest``."""

    sink: Sink
    facts: RunFacts
    pool: PoolConfig
    fetcher: FetcherConfig
    politeness: Politeness
    feeds: tuple[FeedRequest, ...] = ()
    pages: tuple[PageRequest, ...] = ()
    archives: tuple[str, ...] = ()
    html_files: tuple[HtmlFile, ...] = ()
    limit: int | None = None

    @property
    def run(self) -> Run:
        """What the records of this run have in common."""
        return self.sink.run


def build(pipeline: beam.Pipeline, plan: IngestPlan) -> beam.PCollection:
    """The steps of a run, top to bottom; gives the path of the manifest."""
    run, clock, sink = plan.run, plan.sink.clock, plan.sink

    listed = _list(pipeline, plan)
    fetched = listed.chosen.requests | "Fetch pages" >> FetchPages(run, clock, plan.fetcher, plan.politeness)
    archived = listed.chosen.captures | "Read captures" >> ReadCaptures(run, clock, plan.fetcher.limits.max_bytes)

    # Fetched and archived pages are worked on apart: a Flatten of pages would hold them all in memory.
    from_web = fetched.pages | "Articles from the web" >> MakeArticles(run, clock, plan.pool)
    from_archives = archived.pages | "Articles from archives" >> MakeArticles(run, clock, plan.pool)

    records = [from_web.records, from_archives.records]
    outcomes = [*listed.outcomes, fetched.outcomes, archived.outcomes, from_web.outcomes, from_archives.outcomes]
    parts = Parts(
        articles=_kept(records, KeepRecords(sink), "articles"),
        outcomes=_kept(outcomes, KeepOutcomes(sink), "outcomes"),
    )
    return parts | "Merge" >> MergeAll(sink) | "Publish run" >> PublishRun(sink, plan.facts)


def list_pages(pipeline: beam.Pipeline, plan: IngestPlan) -> tuple[beam.PCollection, beam.PCollection]:
    """(pages that a run would take, outcomes so far): the first half of `build`."""
    listed = _list(pipeline, plan)
    pages = (listed.chosen.requests, listed.chosen.captures) | "All pages" >> beam.Flatten()
    return pages, listed.outcomes | "Outcomes so far" >> beam.Flatten()


class _Listed(NamedTuple):
    chosen: Chosen
    outcomes: list[beam.PCollection]


def _list(pipeline: beam.Pipeline, plan: IngestPlan) -> _Listed:
    """From sources to one request or capture for each page."""
    run, clock = plan.run, plan.sink.clock
    feeds = (
        pipeline
        | "Feeds" >> beam.Create(plan.feeds)
        | "Fetch feeds" >> FetchFeeds(run, clock, plan.fetcher, plan.politeness)
    )
    entries = feeds.feeds | "Parse feeds" >> ParseFeeds(run, clock, plan.pool)
    archives = (
        pipeline
        | "Archives" >> beam.Create(list(enumerate(plan.archives)))
        | "Spread archives" >> beam.Reshuffle()
        | "List captures" >> ListCaptures(run, clock)
    )
    files = (
        pipeline
        | "HTML files" >> beam.Create(plan.html_files)
        | "Spread files" >> beam.Reshuffle()
        | "List files" >> ListHtmlFiles(run, clock, plan.fetcher.limits.max_bytes)
    )
    pages = pipeline | "Pages" >> beam.Create(plan.pages)
    candidates = (archives.captures, files.captures, entries.requests, pages)
    chosen = candidates | "Choose pages" >> ChoosePages(run, clock, plan.limit)
    return _Listed(chosen, [feeds.outcomes, entries.outcomes, archives.outcomes, files.outcomes, chosen.outcomes])


def _kept(collections: list[beam.PCollection], keep: beam.PTransform, what: str) -> beam.PCollection:
    """Appends each to parts where it is made; only the paths come together."""
    paths = [each | f"Keep {what} {number}" >> keep for number, each in enumerate(collections)]
    return paths | f"All {what}" >> beam.Flatten()
