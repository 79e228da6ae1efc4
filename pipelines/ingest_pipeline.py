"""The main job: feeds, pages and archives in, annotated articles out."""

from __future__ import annotations

from dataclasses import dataclass

import apache_beam as beam

from schemas.hops import Document, FeedRequest, Page, PageRequest, Run
from schemas.outcome import Outcome, OutcomeKind, Problem, Stage
from transforms.archives import ListCaptures, ReadCaptures
from transforms.articles import AnnotateDocuments, MakeArticles, PageRecords, ParseFeeds
from transforms.choose import ChoosePages, Limited, LimitPages
from transforms.core.manifest import RunFacts
from transforms.cpu_pool import PoolConfig
from transforms.duplicates import FindCopies
from transforms.fetch import Politeness
from transforms.fetch_feeds import FetchFeeds
from transforms.fetch_pages import FetchPages
from transforms.fetcher import FetcherConfig
from transforms.html_files import HtmlFile, ListHtmlFiles
from transforms.outcomes import Reporter
from transforms.publish import PublishRun
from transforms.replay import ReadStoredPages, StoredPages
from transforms.sinks.destination import Destination
from transforms.spread import Placement, SpreadPages
from transforms.state.plan import PlanFeeds, PlanPages
from transforms.state.shards import StateConfig
from transforms.state.update import Learnt, WriteState, note_of
from transforms.write import KeepOutcomes, KeepRecords, MergeAll, Parts, Sink


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """Everything that shapes one run of ``ingest``.

    ``carried`` and ``documents`` are pages and texts that messages brought along, ``said`` what became of messages
    before the run began; ``stored`` are pages that rows of outcomes carry.  ``destinations`` are sinks besides OUTPUT.
    """

    sink: Sink
    facts: RunFacts
    pool: PoolConfig
    fetcher: FetcherConfig
    politeness: Politeness
    feeds: tuple[FeedRequest, ...] = ()
    pages: tuple[PageRequest, ...] = ()
    archives: tuple[str, ...] = ()
    html_files: tuple[HtmlFile, ...] = ()
    carried: tuple[Page, ...] = ()
    documents: tuple[Document, ...] = ()
    said: tuple[Outcome, ...] = ()
    stored: tuple[StoredPages, ...] = ()
    limit: int | None = None
    state: StateConfig | None = None
    placement: Placement = Placement.ONE_MACHINE
    destinations: tuple[Destination, ...] = ()

    @property
    def run(self) -> Run:
        """What the records of this run have in common."""
        return self.sink.run


def build(pipeline: beam.Pipeline, plan: IngestPlan) -> beam.PCollection:
    """The steps of a run, top to bottom; gives the path of the manifest."""
    run, clock, sink = plan.run, plan.sink.clock, plan.sink

    listed = _list(pipeline, plan)
    fetched = listed.pages.requests | "Fetch pages" >> FetchPages(run, clock, plan.fetcher, plan.politeness)
    archived = listed.pages.captures | "Read captures" >> ReadCaptures(run, clock, plan.fetcher.limits.max_bytes)

    # Fetched and archived pages are worked on apart: a Flatten of pages would hold them all in memory.
    spread_pages = fetched.pages | "Spread pages" >> SpreadPages(plan.placement)
    spread_stand_ins = fetched.stand_ins | "Spread stand-ins" >> SpreadPages(plan.placement)
    from_web = spread_pages | "Articles from the web" >> MakeArticles(run, clock, plan.pool)
    from_archives = archived.pages | "Articles from archives" >> MakeArticles(run, clock, plan.pool)

    stand_ins = [spread_stand_ins, from_web.stand_ins]
    from_feeds = [
        pages | f"Articles from feeds {number}" >> MakeArticles(run, clock, plan.pool)
        for number, pages in enumerate(stand_ins)
    ]
    brought = without_fetch(pipeline, plan)
    made = [from_web.records, from_archives.records, *(each.records for each in from_feeds)]
    records = [*made, fetched.withdrawn, *brought.records]
    compared = [from_web.prints, from_archives.prints, *(each.prints for each in from_feeds), *brought.prints]
    prints = compared | "All prints" >> beam.Flatten()
    ended = [fetched.outcomes, from_web.outcomes]
    outcomes = [*listed.outcomes, *ended, archived.outcomes, from_archives.outcomes, *brought.outcomes]
    parts = Parts(
        articles=_kept(records, KeepRecords(sink), "articles"),
        outcomes=_kept(outcomes, KeepOutcomes(sink), "outcomes"),
    )
    copies = prints | "Find copies" >> FindCopies(sink.shards, plan.state)
    merged = parts | "Merge" >> MergeAll(sink, plan.state, copies)
    states = listed.states | "Feed states" >> beam.Flatten()
    pending = None
    if plan.state:
        notes = [*listed.notes, fetched.notes, *(_noted(each, n) for n, each in enumerate([*ended, merged.decided]))]
        learnt = Learnt(
            feeds=states,
            pages=notes | "Page notes" >> beam.Flatten(),
            articles=merged.articles,
        )
        pending = learnt | "Write state" >> WriteState(plan.state)
    guard = plan.state.guard if plan.state else None
    return merged.files | "Publish run" >> PublishRun(sink, plan.facts, pending, states, guard, plan.destinations)


@dataclass(frozen=True)
class _Brought:
    """What came of what was there without a fetch."""

    records: list[beam.PCollection]
    outcomes: list[beam.PCollection]
    prints: list[beam.PCollection]

    def add(self, made: PageRecords) -> None:
        """What came of some pages."""
        self.records.append(made.records)
        self.outcomes.append(made.outcomes)
        self.prints.append(made.prints)


def without_fetch(pipeline: beam.Pipeline, plan: IngestPlan) -> _Brought:
    """Pages and texts that need not be fetched.  A run without them, the usual one, has no steps for them."""
    run, clock = plan.run, plan.sink.clock
    brought = _Brought([], [], [])
    if plan.carried:
        pages = pipeline | "Carried pages" >> beam.Create(plan.carried)
        brought.add(pages | "Articles from messages" >> MakeArticles(run, clock, plan.pool))
    if plan.stored:
        rows = pipeline | "Stored rows" >> beam.Create(plan.stored)
        pages = rows | "Stored pages" >> ReadStoredPages(run)
        brought.add(pages | "Articles from rows" >> MakeArticles(run, clock, plan.pool))
    if plan.documents:
        texts = pipeline | "Texts" >> beam.Create(plan.documents)
        annotated = texts | "Annotate texts" >> AnnotateDocuments(run, clock, plan.pool)
        brought.records.append(annotated.records)
        brought.outcomes.append(annotated.outcomes)
    if plan.said:
        brought.outcomes.append(pipeline | "Said of messages" >> beam.Create(plan.said))
    return brought


def list_pages(pipeline: beam.Pipeline, plan: IngestPlan) -> tuple[beam.PCollection, beam.PCollection]:
    """(pages that a run would take, outcomes so far): the first half of `build`."""
    listed = _list(pipeline, plan)
    pages = tuple(listed.pages) | "All pages" >> beam.Flatten()
    return pages, listed.outcomes | "Outcomes so far" >> beam.Flatten()


@dataclass(frozen=True)
class _Listed:
    """Pages to take; outcomes so far; what the state is to remember of feeds and of pages."""

    pages: Limited
    outcomes: list[beam.PCollection]
    states: list[beam.PCollection]
    notes: list[beam.PCollection]


def _list(pipeline: beam.Pipeline, plan: IngestPlan) -> _Listed:
    """From sources to one request or capture for each page."""
    run, clock = plan.run, plan.sink.clock
    feeds = read_feeds(pipeline, plan)
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
    chosen = (archives.captures, files.captures, *feeds.requests, pages) | "Choose pages" >> ChoosePages(run, clock)
    requests, outcomes, notes = chosen.requests, [chosen.outcomes], []
    if plan.state:
        planned = chosen.requests | "Plan pages" >> PlanPages(plan.state, clock)
        requests, outcomes, notes = planned.requests, [chosen.outcomes, planned.outcomes], [planned.notes]
    taken = (requests, chosen.captures) | "Limit pages" >> LimitPages(plan.limit)
    return _Listed(taken, [*feeds.outcomes, archives.outcomes, files.outcomes, *outcomes], feeds.states, notes)


@dataclass(frozen=True)
class _Feeds:
    """What came of the feeds, in rounds: those that are listed, then the sitemaps that these led to."""

    requests: list[beam.PCollection]
    outcomes: list[beam.PCollection]
    states: list[beam.PCollection]


def read_feeds(pipeline: beam.Pipeline, plan: IngestPlan) -> _Feeds:
    """Feeds and sitemaps, as far as they are due, to the pages that they list."""
    run, clock, texts = plan.run, plan.sink.clock, plan.sink.path(plan.sink.layout.texts)
    found = _Feeds([], [], [])
    asked = pipeline | "Feeds" >> beam.Create(plan.feeds)
    for what in ("feeds", "listed sitemaps"):
        if plan.state:
            planned = asked | f"Plan {what}" >> PlanFeeds(plan.state, clock)
            asked = planned.requests
            found.outcomes.append(planned.outcomes)
        fetched = asked | f"Fetch {what}" >> FetchFeeds(run, clock, plan.fetcher, plan.politeness)
        parsed = fetched.feeds | f"Parse {what}" >> ParseFeeds(run, clock, plan.pool, texts)
        found.requests.append(parsed.requests)
        found.outcomes.extend([fetched.outcomes, parsed.outcomes])
        found.states.extend([fetched.states, parsed.states])
        asked = parsed.children
    reporter = Reporter(run, clock, Stage.DISCOVER)
    found.outcomes.append(asked | "Indexes within indexes" >> beam.Map(too_deep, reporter))
    return found


def too_deep(request: FeedRequest, reporter: Reporter) -> Outcome:
    """The outcome of a sitemap that is not asked for: what lists it was itself listed by an index."""
    problem = Problem(OutcomeKind.FILTERED, "listed by a sitemap index that was itself listed by one: list it yourself")
    return reporter.outcome(problem, request.url, source_id=request.source_id)


def _noted(outcomes: beam.PCollection, number: int) -> beam.PCollection:
    return outcomes | f"Note endings {number}" >> beam.Map(note_of)


def _kept(collections: list[beam.PCollection], keep: beam.PTransform, what: str) -> beam.PCollection:
    """Appends each to parts where it is made; only the paths come together."""
    paths = [each | f"Keep {what} {number}" >> keep for number, each in enumerate(collections)]
    return paths | f"All {what}" >> beam.Flatten()
