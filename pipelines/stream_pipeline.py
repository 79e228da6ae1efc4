"""The stream on a cluster: messages in, annotated articles out, one pipeline without an end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult
from apache_beam.transforms.window import FixedWindows

from pipelines.draining import Drain, ended_by_signals
from pipelines.errors import UsageError
from pipelines.ingest_pipeline import IngestPlan, too_deep
from pipelines.runner_checks import check_runner
from pipelines.running import ends_itself, prepared, run_to_end
from pipelines.sinks import ready_sinks
from pipelines.ways import Way, be_patient, choose_way, keep_checkpoints
from schemas.hops import Document, FeedRequest, FetchedFeed, Page, PageRequest, Run
from schemas.outcome import Stage
from transforms.articles import AnnotateDocuments, MakeArticles, ParseFeeds
from transforms.core.manifest import RunFacts
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetch_feeds import FetchFeeds
from transforms.fetch_pages import FetchPages
from transforms.fetcher import FetcherConfig
from transforms.filesystem import remove
from transforms.outcomes import Reporter
from transforms.sinks.destination import Destination
from transforms.streaming.archives import ReadArchives
from transforms.streaming.carry import Carry
from transforms.streaming.ending import Ending
from transforms.streaming.mailbox import Mailbox
from transforms.streaming.managed import ReadManaged
from transforms.streaming.own import GoToOwner
from transforms.streaming.pulses import PullRequests
from transforms.streaming.read import ReadRequests
from transforms.streaming.recall import LeaveKnown, Recheck
from transforms.streaming.sink import PublishBundles
from transforms.streaming.understand import UnderstandRequests
from transforms.streaming.work import Work
from transforms.write import Sink

logger = logging.getLogger("newsbeam")


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """Everything that shapes a stream on a cluster.

    ``window_seconds`` parts files by the time at which their messages were pulled; ``readers`` bounds how many workers
    pull at once; ``archives_below`` is for messages that ask for archives; ``destinations`` are sinks besides OUTPUT;
    ``drain_seconds`` is how long what is in work may take at the end, where the runner does not see to that.
    """

    sink: Sink
    facts: RunFacts
    pool: PoolConfig
    fetcher: FetcherConfig
    politeness: Politeness
    mailbox: Mailbox
    ending: Ending
    window_seconds: int = 60
    readers: int = 16
    recheck: Recheck = field(default_factory=Recheck)
    archives_below: tuple[str, ...] = ()
    destinations: tuple[Destination, ...] = ()
    drain_seconds: float = 300.0

    @property
    def run(self) -> Run:
        """What the records of this stream have in common."""
        return self.sink.run


def ending_of(sink: Sink) -> Ending:
    """The file that ends the stream of ``sink``."""
    return Ending(sink.path(f"{sink.layout.work}/stop"))


def plan_for_cluster(
    base: IngestPlan,
    subscription: str | None,
    *,
    dead_letter_topic: str | None = None,
    window: timedelta = timedelta(seconds=60),
    run_for: timedelta | None = None,
    drain: timedelta = timedelta(minutes=5),
    archives_below: tuple[str, ...] = (),
) -> StreamPlan:
    """The stream on a cluster with what ``base`` says of fetching and of the work on pages.

    Raises `UsageError` for what such a stream does not do.
    """
    if subscription is None or base.feeds:
        raise UsageError("on a cluster feeds are asked for by messages: name --subscription, and leave --feeds out")
    ending = replace(ending_of(base.sink), until=base.run.now + run_for if run_for else None)
    return StreamPlan(
        base.sink,
        base.facts,
        base.pool,
        base.fetcher,
        base.politeness,
        Mailbox(subscription, base.run.run_id, dead_letter_topic, ending),
        ending,
        window_seconds=max(1, round(window.total_seconds())),
        archives_below=archives_below,
        destinations=base.destinations,
        drain_seconds=drain.total_seconds(),
    )


def build(pipeline: beam.Pipeline, plan: StreamPlan, way: Way) -> beam.PCollection:
    """The whole stream; gives the paths of manifests."""
    run, clock = plan.run, plan.sink.clock
    understand = UnderstandRequests(run, clock, plan.archives_below)
    if way is Way.DATAFLOW:
        mailbox = None
        owned = pipeline | "Read requests" >> ReadManaged(plan.mailbox, understand)
    else:
        mailbox = plan.mailbox
        source = (
            PullRequests(mailbox, plan.ending, clock)
            if way is Way.FLINK
            else ReadRequests(mailbox, plan.ending, clock, plan.readers)
        )
        deliveries = pipeline | "Read requests" >> source
        owned = deliveries | "Understand requests" >> understand
    return work_on(owned, plan, mailbox)


def work_on(owned: beam.PCollection, plan: StreamPlan, mailbox: Mailbox | None) -> beam.PCollection:
    """(owner, `Work`) to the paths of manifests.  ``mailbox`` is None where the runner acknowledges.

    From the second step on it is one chain without a branch or a key: so it stays one stage on every runner, all that
    comes of a message is in one bundle, and when the bundle ends the message can be acknowledged.
    """
    run, clock, fetcher = plan.run, plan.sink.clock, plan.fetcher
    politeness = replace(plan.politeness, max_pages_per_host=None)  # it counts for one run, and this one has no end
    fetch_feeds = FetchFeeds(run, clock, fetcher, politeness)
    parse_feeds = ParseFeeds(run, clock, plan.pool, folder=None)
    fetch_pages = FetchPages(run, clock, fetcher, politeness)
    make_articles = MakeArticles(run, clock, plan.pool)
    annotate = AnnotateDocuments(run, clock, plan.pool)

    works = owned | "Go to the owner" >> GoToOwner(mailbox)
    works = works | "Windows" >> beam.WindowInto(FixedWindows(plan.window_seconds))
    for what in ("feeds", "listed sitemaps"):
        works = works | f"Fetch {what}" >> Carry(fetch_feeds, FeedRequest, clock)
        works = works | f"Parse {what}" >> Carry(parse_feeds, FetchedFeed, clock)
    works = works | "Indexes within indexes" >> beam.Map(_not_deeper, Reporter(run, clock, Stage.DISCOVER))
    works = works | "Leave known pages" >> LeaveKnown(run, clock, plan.recheck)
    works = works | "Fetch pages" >> Carry(fetch_pages, PageRequest, clock)
    works = works | "Read archives" >> ReadArchives(run, clock, fetcher.limits.max_bytes)
    works = works | "Articles of pages" >> Carry(make_articles, Page, clock)
    works = works | "Articles of texts" >> Carry(annotate, Document, clock)
    return works | "Publish" >> PublishBundles(plan.sink, plan.facts, mailbox, plan.destinations)


def _not_deeper(work: Work, reporter: Reporter) -> Work:
    item = too_deep(work.item, reporter) if isinstance(work.item, FeedRequest) else work.item
    return replace(work, item=item)


def run_on_cluster(plan: StreamPlan, options: PipelineOptions) -> None:
    """Runs the stream until it ends or is told to, by SIGTERM or SIGINT; a second signal leaves at once.

    Raises `UsageError` for a runner that is not told what it needs, before anything is done; `RunFailed` where the
    runner gave up.
    """
    way = choose_way(options)
    check_runner(options, {"--output": [plan.sink.output]})
    be_patient(options)
    if way is Way.FLINK:
        keep_checkpoints(options)
    logger.info("stream %s: %s", plan.run.run_id, way)
    with prepared(plan.sink), ready_sinks(plan.destinations, plan.sink.layout):
        run_to_end(
            lambda pipeline: build(pipeline, plan, way),
            options,
            plan.sink,
            lambda result: _until_end(plan, way, result),
        )
    remove([plan.sink.path(plan.sink.layout.work)])


@contextmanager
def _until_end(plan: StreamPlan, way: Way, result: PipelineResult) -> Iterator[Callable[[], bool]]:
    """While the job is waited for.  Some runners set handlers of signals when they take a job: ours come after."""
    watch = Drain(plan.ending, plan.drain_seconds).watch if way is Way.FLINK else ends_itself
    with ended_by_signals(plan.ending), watch(result) as was_ended:
        yield was_ended
