"""The CPU work as Beam steps: each hands its elements to the warm processes and passes on what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.article import Article
from schemas.hops import Document, Feed, FetchedFeed, Page, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from schemas.state import FeedState
from transforms import tasks
from transforms.clock import Clock
from transforms.core.discovery import child_requests, page_requests
from transforms.core.polling import settle_feed
from transforms.core.sitemaps import SitemapIndex
from transforms.cpu_pool import PoolConfig, TaskWindow, shared_pool
from transforms.feed_texts import STAND_INS, stand_in, with_texts
from transforms.fetch_feeds import STATES
from transforms.heartbeat import Heartbeat
from transforms.outcomes import OUTCOMES, Reporter
from transforms.windows import placed

PRINTS = "prints"
"""The name of an output: what is compared of articles."""

CHILDREN = "children"
"""The name of an output: the sitemaps that an index lists."""


class Records(NamedTuple):
    """Encoded articles, and what became of the elements that gave none."""

    records: beam.PCollection
    outcomes: beam.PCollection


class PageRecords(NamedTuple):
    """Encoded articles, what became of the pages that gave none, what feeds say in place of these, and what is compared
    of the articles to find copies."""

    records: beam.PCollection
    outcomes: beam.PCollection
    stand_ins: beam.PCollection
    prints: beam.PCollection


class Requests(NamedTuple):
    """Pages to ask for, what became of the feeds, their new states, and the sitemaps that an index names."""

    requests: beam.PCollection
    outcomes: beam.PCollection
    states: beam.PCollection
    children: beam.PCollection


@dataclass(eq=False)
class MakeArticles(beam.PTransform):
    """Pages in, encoded articles out: `transforms.core.articles.make_article` in the pool."""

    run: Run
    clock: Clock
    pool: PoolConfig

    def work(self) -> _MakeArticles:
        """What a worker does."""
        return _MakeArticles(self.pool, self.run, Reporter(self.run, self.clock, Stage.EXTRACT))

    def expand(self, pages: beam.PCollection) -> PageRecords:
        step = beam.ParDo(self.work())
        return PageRecords(*(pages | step.with_outputs(OUTCOMES, STAND_INS, PRINTS, main="records")))


@dataclass(eq=False)
class AnnotateDocuments(beam.PTransform):
    """Texts or articles in, encoded articles out: the annotations are new, the text is not touched."""

    run: Run
    clock: Clock
    pool: PoolConfig

    def work(self) -> _AnnotateDocuments:
        """What a worker does."""
        return _AnnotateDocuments(self.pool, self.run, Reporter(self.run, self.clock, Stage.ENRICH))

    def expand(self, documents: beam.PCollection) -> Records:
        return Records(*(documents | beam.ParDo(self.work()).with_outputs(OUTCOMES, main="records")))


@dataclass(eq=False)
class ParseFeeds(beam.PTransform):
    """Fetched feeds in, page requests out: `transforms.core.feeds.parse_feed` in the pool.

    ``folder`` is where the texts of feeds that carry whole stories wait; without one they do not stand in for pages.
    """

    run: Run
    clock: Clock
    pool: PoolConfig
    folder: str | None

    def work(self) -> _ParseFeeds:
        """What a worker does."""
        return _ParseFeeds(self.pool, self.run, Reporter(self.run, self.clock, Stage.PARSE_FEED), self.folder)

    def expand(self, feeds: beam.PCollection) -> Requests:
        step = beam.ParDo(self.work())
        return Requests(*(feeds | step.with_outputs(OUTCOMES, STATES, CHILDREN, main="requests")))


class _PooledDoFn(beam.DoFn):
    """A DoFn whose elements are in work together; a subclass says what is run and what becomes of the result."""

    what = "done"

    def __init__(self, pool: PoolConfig, run: Run, reporter: Reporter) -> None:
        self._config = pool
        self._run = run
        self._reporter = reporter

    def setup(self) -> None:
        self._pool = shared_pool(self._config)
        self._pool.wait_until_warm()
        self._heartbeat = Heartbeat(self.what)

    def start_bundle(self) -> None:
        self._tasks: TaskWindow[tuple[Any, Any]] = TaskWindow(self._pool)

    def process(
        self, element: Any, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> Iterator[Any]:
        """Yields what has ended meanwhile, which may be of other elements, with their own time and window."""
        for place, outputs in self.take(element, (timestamp, window)):
            yield from (placed(output, place) for output in outputs)

    def finish_bundle(self) -> Iterator[Any]:
        for place, outputs in self.drain():
            yield from (placed(output, place) for output in outputs)

    def date(self, now: datetime) -> None:
        """What follows is done at ``now``, not at the start of the run: a stream runs for months."""
        self._run = replace(self._run, now=now)
        self._reporter = replace(self._reporter, run=self._run)

    def take(self, element: Any, tag: Any) -> Iterator[tuple[Any, Iterator[Any]]]:
        """Has ``element`` worked on; gives (tag, outputs) of each element whose work has ended meanwhile."""
        ended = self._tasks.submit((element, tag), *self.task(element))
        return (self._ended(*each) for each in ended)

    def drain(self) -> Iterator[tuple[Any, Iterator[Any]]]:
        """The same of all that are in work, as they end."""
        return (self._ended(*each) for each in self._tasks.drain())

    def _ended(self, work: tuple[Any, Any], result: Any) -> tuple[Any, Iterator[Any]]:
        element, tag = work
        self._heartbeat.beat()
        return tag, self.outputs(element, result)

    def task(self, element: Any) -> tuple[Any, ...]:
        """The function of `transforms.tasks` to run, and its arguments."""
        raise NotImplementedError

    def outputs(self, element: Any, result: Any) -> Iterator[Any]:
        """What the step yields for ``element``, given what its task returned."""
        raise NotImplementedError


class _MakeArticles(_PooledDoFn):
    what = "pages read"

    def task(self, element: Page) -> tuple[Any, ...]:
        return tasks.page_to_record, element, self._run, self._pool.config.tools

    def outputs(self, element: Page, result: Any) -> Iterator[Any]:
        if not isinstance(result, Problem):
            yield result.record
            yield beam.pvalue.TaggedOutput(PRINTS, result.print)
            return
        if element.stand_in_for:
            return  # the outcome of the page itself is there already
        yield from (beam.pvalue.TaggedOutput(STAND_INS, page) for page in stand_in(element.request, result))
        fetch = element.fetch
        yield self._reporter.tagged(
            result if result.status else _with_status(result, fetch.status),
            fetch.requested_url,
            source_id=element.request.source.id,
            duration_ms=fetch.duration_ms,
            payload=element.payload,
            archive_uri=fetch.archive_uri,
            archive_offset=fetch.archive_offset,
        )


class _AnnotateDocuments(_PooledDoFn):
    what = "texts annotated"

    def task(self, element: Document | Article) -> tuple[Any, ...]:
        return tasks.document_to_record, element, self._run, self._pool.config.tools

    def outputs(self, element: Document | Article, result: Any) -> Iterator[Any]:
        if isinstance(result, Problem):
            payload = (element.text or "").encode("utf-8", "surrogatepass")
            yield self._reporter.tagged(result, asked_url(element), article_id=_article_id(element), payload=payload)
        else:
            yield result


def asked_url(element: Document | Article) -> str:
    """The URL under which the outcome of a text is written: the one that was asked for, where it was fetched."""
    return element.fetch.requested_url if isinstance(element, Article) and element.fetch else element.url


def _article_id(element: Document | Article) -> str | None:
    return element.article_id if isinstance(element, Article) else None


class _ParseFeeds(_PooledDoFn):
    what = "feeds parsed"

    def __init__(self, pool: PoolConfig, run: Run, reporter: Reporter, folder: str | None) -> None:
        super().__init__(pool, run, reporter)
        self._folder = folder

    def task(self, element: FetchedFeed) -> tuple[Any, ...]:
        if element.request.kind == "sitemap":
            return tasks.sitemap_to_entries, element.body, element.final_url, self._run.now
        return tasks.feed_to_entries, element.body, element.final_url, dict(element.headers), self._run.now

    def outputs(self, element: FetchedFeed, result: Any) -> Iterator[Any]:
        request = element.request
        details = {"source_id": request.source_id, "duration_ms": element.duration_ms}
        if isinstance(result, Problem):
            ending = _with_status(result, element.answer.status)
            yield self._reporter.tagged(ending, request.url, payload=element.body, **details)
            yield _state(settle_feed(request, element.answer, ending))
            return
        for link, reason in result.rejected:
            yield self._reporter.tagged(Problem(OutcomeKind.MALFORMED, f"in {request.url}: {reason}"), link)
        if isinstance(result, Feed):
            pages = page_requests(result, request, feed_url=request.url, now=self._run.now)
            yield from with_texts(self._folder, request.url, result.entries, pages) if self._folder else pages
            state = settle_feed(request, element.answer, _parsed(result, element.answer.status), result)
        else:
            yield from (beam.pvalue.TaggedOutput(CHILDREN, child) for child in child_requests(result, request))
            state = settle_feed(request, element.answer, _index(result, element.answer.status))
        yield self._reporter.tagged(_with_loss(state, element.answer.status), request.url, **details)
        yield _state(state)


def _state(state: FeedState) -> beam.pvalue.TaggedOutput:
    return beam.pvalue.TaggedOutput(STATES, state)


def _parsed(feed: Feed, status: int | None) -> Problem:
    detail = f"{feed.format}, {len(feed.entries)} entries"
    if feed.rejected:
        detail += f", {len(feed.rejected)} rejected"
    if feed.defect:
        detail += f"; {feed.defect}"
    return Problem(OutcomeKind.PARSED, detail, status=status)


def _index(index: SitemapIndex, status: int | None) -> Problem:
    detail = f"sitemap index, {len(index.entries)} sitemaps"
    return Problem(OutcomeKind.PARSED, f"{detail}; {index.defect}" if index.defect else detail, status=status)


def _with_loss(state: FeedState, status: int | None) -> Problem:
    """The outcome of a feed that was read, with a word on what may have been missed since the last poll."""
    detail = state.last_detail or ""
    if state.last_lost:
        detail += f"; its window overran: about {state.last_lost} entries may be lost; asked more often from now on"
    return Problem(OutcomeKind.PARSED, detail, status=status)


def _with_status(problem: Problem, status: int | None) -> Problem:
    return Problem(problem.kind, problem.detail, status, problem.error_type, problem.traceback)
