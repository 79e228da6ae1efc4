"""The main job: feeds, pages and archives in, annotated articles out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

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

    @property
    def asks_for_pages(self) -> bool:
        """Whether pages may be fetched; with a state, those whose hour has come, whatever is listed."""
        return bool(self.feeds or self.pages or self.state)

    @property
    def reads_captures(self) -> bool:
        """Whether pages may be read from archives or saved files."""
        return bool(self.archives or self.html_files)


def build(pipeline: beam.Pipeline, plan: IngestPlan) -> beam.PCollection:
    """The steps of a run, top to bottom; gives the path of the manifest.

    Steps that could find nothing to do are left out: each costs the runner a while, in a stream with every batch.
    """
    listed = _list(pipeline, plan)
    web = _from_web(listed.pages.requests, plan) if plan.asks_for_pages else _FromWeb(_Made(), [], [])
    archived = _from_archives(listed.pages.captures, plan) if plan.reads_captures else _Made()
    brought = _without_fetch(pipeline, plan)
    records = [*web.made.records, *archived.records, *brought.records]
    prints = [*web.made.prints, *archived.prints, *brought.prints]
    outcomes = [*listed.outcomes, *web.made.outcomes, *archived.outcomes, *brought.outcomes]
    parts = Parts(
        articles=_kept(pipeline, records, KeepRecords(plan.sink), "articles"),
        outcomes=_kept(pipeline, outcomes, KeepOutcomes(plan.sink), "outcomes"),
    )
    copies = (
        prints
        | "All prints" >> beam.Flatten(pipeline=pipeline)
        | "Find copies" >> FindCopies(plan.sink.parts, plan.sink.shards, plan.state)
    )
    merged = parts | "Merge" >> MergeAll(plan.sink, plan.state, copies)
    states = listed.states | "Feed states" >> beam.Flatten(pipeline=pipeline)
    pending, guard = None, None
    if plan.state:
        notes = [*listed.notes, *web.notes, *(_noted(*each) for each in enumerate([*web.ended, merged.decided]))]
        learnt = Learnt(states, notes | "Page notes" >> beam.Flatten(), merged.articles)
        pending, guard = learnt | "Write state" >> WriteState(plan.state), plan.state.guard
    return merged.files | "Publish run" >> PublishRun(plan.sink, plan.facts, pending, states, guard, plan.destinations)


@dataclass(frozen=True)
class _Made:
    """Encoded articles, what became of the pages that gave none, and what is compared of the articles."""

    records: list[beam.PCollection] = field(default_factory=list)
    outcomes: list[beam.PCollection] = field(default_factory=list)
    prints: list[beam.PCollection] = field(default_factory=list)

    def add(self, made: PageRecords) -> None:
        """What came of some pages."""
        self.records.append(made.records)
        self.outcomes.append(made.outcomes)
        self.prints.append(made.prints)


@dataclass(frozen=True)
class _FromWeb:
    """What came of the pages that were asked for; for the state, notes on them and the outcomes that ended them."""

    made: _Made
    notes: list[beam.PCollection]
    ended: list[beam.PCollection]


def _from_web(requests: beam.PCollection, plan: IngestPlan) -> _FromWeb:
    """Pages that are fetched; where one cannot be had, what its feed said of it stands in."""
    run, clock = plan.run, plan.sink.clock
    made = _Made()
    fetched = requests | "Fetch pages" >> FetchPages(run, clock, plan.fetcher, plan.politeness)
    spread_pages = fetched.pages | "Spread pages" >> SpreadPages(plan.placement)
    spread_stand_ins = fetched.stand_ins | "Spread stand-ins" >> SpreadPages(plan.placement)
    articles = spread_pages | "Articles from the web" >> MakeArticles(run, clock, plan.pool)
    made.add(articles)
    for number, pages in enumerate([spread_stand_ins, articles.stand_ins]):
        stand_ins = pages | f"Articles from feeds {number}" >> MakeArticles(run, clock, plan.pool)
        # The outcome of the page itself is there already.
        made.records.append(stand_ins.records)
        made.prints.append(stand_ins.prints)
    made.records.append(fetched.withdrawn)
    made.outcomes.append(fetched.outcomes)
    return _FromWeb(made, [fetched.notes], [fetched.outcomes, articles.outcomes])


def _from_archives(captures: beam.PCollection, plan: IngestPlan) -> _Made:
    """Pages of archives and saved files; worked on apart, since a Flatten of pages would hold them all in memory."""
    run, clock = plan.run, plan.sink.clock
    made = _Made()
    limit = plan.fetcher.limits.max_bytes
    archived = captures | "Read captures" >> ReadCaptures(run, clock, limit, plan.sink.parts)
    made.add(archived.pages | "Articles from archives" >> MakeArticles(run, clock, plan.pool))
    made.outcomes.append(archived.outcomes)
    return made


def _without_fetch(pipeline: beam.Pipeline, plan: IngestPlan) -> _Made:
    """Pages and texts that need not be fetched."""
    run, clock = plan.run, plan.sink.clock
    made = _Made()
    if plan.carried:
        pages = pipeline | "Carried pages" >> beam.Create(plan.carried)
        made.add(pages | "Articles from messages" >> MakeArticles(run, clock, plan.pool))
    if plan.stored:
        rows = pipeline | "Stored rows" >> beam.Create(plan.stored)
        pages = rows | "Stored pages" >> ReadStoredPages(run)
        made.add(pages | "Articles from rows" >> MakeArticles(run, clock, plan.pool))
    if plan.documents:
        texts = pipeline | "Texts" >> beam.Create(plan.documents)
        annotated = texts | "Annotate texts" >> AnnotateDocuments(run, clock, plan.pool)
        made.records.append(annotated.records)
        made.outcomes.append(annotated.outcomes)
    if plan.said:
        made.outcomes.append(pipeline | "Said of messages" >> beam.Create(plan.said))
    return made


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
    feeds = read_feeds(pipeline, plan) if plan.feeds else _Feeds([], [], [])
    candidates, outcomes = [*feeds.requests], [*feeds.outcomes]
    if plan.archives:
        archives = (
            pipeline
            | "Archives" >> beam.Create(list(enumerate(plan.archives)))
            | "Spread archives" >> beam.Reshuffle()
            | "List captures" >> ListCaptures(run, clock)
        )
        candidates.append(archives.captures)
        outcomes.append(archives.outcomes)
    if plan.html_files:
        files = (
            pipeline
            | "HTML files" >> beam.Create(plan.html_files)
            | "Spread files" >> beam.Reshuffle()
            | "List files" >> ListHtmlFiles(run, clock, plan.fetcher.limits.max_bytes)
        )
        candidates.append(files.captures)
        outcomes.append(files.outcomes)
    if plan.pages or not candidates:
        candidates.append(pipeline | "Pages" >> beam.Create(plan.pages))
    chosen = tuple(candidates) | "Choose pages" >> ChoosePages(run, clock, plan.sink.parts)
    requests, notes = chosen.requests, []
    outcomes.append(chosen.outcomes)
    if plan.state:
        planned = requests | "Plan pages" >> PlanPages(plan.state, clock)
        requests, notes = planned.requests, [planned.notes]
        outcomes.append(planned.outcomes)
    taken = (requests, chosen.captures) | "Limit pages" >> LimitPages(plan.limit)
    return _Listed(taken, outcomes, feeds.states, notes)


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
    # Only the index that lists a sitemap leads to it, and is not read again soon: one that is put off would be lost.
    unhurried = replace(plan.politeness, seconds=math.inf)
    for what, politeness in (("feeds", plan.politeness), ("listed sitemaps", unhurried)):
        if plan.state:
            planned = asked | f"Plan {what}" >> PlanFeeds(plan.state, clock)
            asked = planned.requests
            found.outcomes.append(planned.outcomes)
        fetched = asked | f"Fetch {what}" >> FetchFeeds(run, clock, plan.fetcher, politeness)
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


def _noted(number: int, outcomes: beam.PCollection) -> beam.PCollection:
    return outcomes | f"Note endings {number}" >> beam.Map(note_of)


def _kept(
    pipeline: beam.Pipeline, collections: list[beam.PCollection], keep: beam.PTransform, what: str
) -> beam.PCollection:
    """Appends each to parts where it is made; only the paths come together."""
    paths = [each | f"Keep {what} {number}" >> keep for number, each in enumerate(collections)]
    return paths | f"All {what}" >> beam.Flatten(pipeline=pipeline)
