"""newsbeam stream: the command."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.beam_options import read_call
from pipelines.errors import UsageError
from pipelines.facts import default_run_id, run_facts
from pipelines.ingest_pipeline import IngestPlan
from pipelines.local_stream.figures import Figures
from pipelines.local_stream.health import Reports, served
from pipelines.local_stream.intake import Intake, NoMessages, Subscription
from pipelines.local_stream.loop import DeadLetters, Stream, StreamPlan
from pipelines.local_stream.stopping import asked_by_signals
from pipelines.options import RunSettings
from pipelines.places import usable_folder
from pipelines.running import sink_of
from pipelines.sinks import sinks_of
from pipelines.sources import feed_requests
from pipelines.stream_options import SHAPING_OPTIONS, check_together, parser
from pipelines.stream_pipeline import StreamPlan as ClusterPlan
from pipelines.stream_pipeline import plan_for_cluster, run_on_cluster
from pipelines.ways import Way, choose_way
from pipelines.work import fetcher_of, models_of, politeness_of, pool_of
from transforms.cpu_pool import shared_pool
from transforms.pubsub.client import Publisher, PubsubRefused, Subscriber
from transforms.pubsub.leases import Leases
from transforms.sinks.bigquery import BigQueryTable
from transforms.state.store import this_process

FILE_MB = 512
"""About how large a file may grow: a batch seldom fills one."""


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed, options = read_call(parser(), argv)
    way = choose_way(options)
    plan = plan_of(parsed, options)
    if way is Way.LOCAL:
        run_here(plan, parsed)
    else:
        run_on_cluster(cluster_plan(plan, parsed), options)


def cluster_plan(plan: StreamPlan, parsed: argparse.Namespace) -> ClusterPlan:
    """The same stream on a cluster.  Raises `UsageError` for what is only done on one machine."""
    if parsed.state:
        raise UsageError("--state: a stream on a cluster remembers nothing between its runs: leave it out")
    if tables := [each for each in plan.base.destinations if isinstance(each, BigQueryTable)]:
        why = "a stream on a cluster would load with every bundle, and a table takes 1,500 loads a day"
        raise UsageError(f"{tables[0]}: {why}: hand the rows to pubsub:, which BigQuery can subscribe to")
    return plan_for_cluster(
        plan.base,
        plan.subscription,
        dead_letter_topic=parsed.dead_letter_topic,
        window=plan.window,
        run_for=plan.run_for,
        drain=parsed.drain_timeout,
        archives_below=plan.archives_below,
    )


def run_here(plan: StreamPlan, parsed: argparse.Namespace) -> None:
    """The stream on this machine, until it is stopped."""
    figures = Figures(_now)
    health = Reports(figures, parsed.heartbeat_file)
    with (
        served(figures, parsed.health_port),
        asked_by_signals(round(parsed.drain_timeout.total_seconds())) as stop,
        _warm(plan),
        _intake(parsed) as intake,
        _dead_letters(parsed.dead_letter_topic) as dead_letters,
    ):
        Stream(plan, intake, stop, health, clock=_now, dead_letters=dead_letters).run()


@contextmanager
def _warm(plan: StreamPlan) -> Iterator[None]:
    """The processes for the CPU work, ready: the first messages would else wait for them in hand."""
    shared_pool(plan.base.pool).wait_until_warm()
    yield


def plan_of(parsed: argparse.Namespace, options: PipelineOptions) -> StreamPlan:
    """The plan that the options describe.  Raises `UsageError` for options that do not go together."""
    check_together(parsed)
    models = models_of(parsed)
    settings = RunSettings(
        output=usable_folder(parsed.output.rstrip("/") or "/", "--output"),
        now=_now(),
        pinned=False,
        run_id=parsed.run_id,
        dry_run=False,
        shards=1,
        target_file_mb=FILE_MB,
    )
    shaping = {name: getattr(parsed, name) for name in SHAPING_OPTIONS}
    facts = run_facts(settings, shaping, models)
    base = IngestPlan(
        sink=sink_of(settings.output, facts, shards=settings.shards, target_file_mb=settings.target_file_mb),
        facts=facts,
        pool=pool_of(parsed, models),
        fetcher=fetcher_of(parsed),
        politeness=replace(politeness_of(parsed), seconds=_seconds_for_fetching(parsed)),
        feeds=feed_requests(parsed.feeds),
        destinations=sinks_of(parsed),
    )
    return StreamPlan(
        base,
        options,
        # Two processes that start in the same second must not overwrite each other's runs.
        name=settings.run_id or default_run_id(settings, shaping | {"process": this_process()}),
        state=parsed.state,
        subscription=parsed.subscription,
        window=parsed.window,
        run_for=parsed.run_for,
        archives_below=tuple(parsed.allow_warc),
    )


def _seconds_for_fetching(parsed: argparse.Namespace) -> float:
    """Without a state nothing would remember what there was no time for."""
    seconds: float = parsed.max_fetch.total_seconds()
    return seconds if parsed.state else math.inf


@contextmanager
def _intake(parsed: argparse.Namespace) -> Iterator[Intake]:
    if not parsed.subscription:
        yield NoMessages()
        return
    with ExitStack() as stack:
        subscriber = _checked_subscriber(parsed.subscription)
        stack.callback(subscriber.close)
        leases = stack.enter_context(Leases(subscriber))
        max_wait = parsed.max_wait.total_seconds()
        yield Subscription(subscriber, leases, max_batch=parsed.max_batch, max_wait=max_wait)


def _checked_subscriber(name: str) -> Subscriber:
    try:
        return Subscriber(name)
    except PubsubRefused as error:
        raise UsageError(f"--subscription {error}") from error


@contextmanager
def _dead_letters(topic: str | None) -> Iterator[DeadLetters | None]:
    if topic is None:
        yield None
        return
    try:
        publisher = Publisher(topic)
    except PubsubRefused as error:
        raise UsageError(f"--dead_letter_topic {error}") from error
    try:
        yield publisher.publish
    finally:
        publisher.close()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


if __name__ == "__main__":
    from pipelines.cli import run

    run("stream", sys.argv[1:])
