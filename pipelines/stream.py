"""newsbeam stream: the command."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.beam_options import beam_options
from pipelines.errors import UsageError
from pipelines.facts import default_run_id, run_facts
from pipelines.ingest_pipeline import IngestPlan
from pipelines.local_stream.figures import Figures
from pipelines.local_stream.health import Reports, served
from pipelines.local_stream.intake import Intake, NoMessages, Subscription
from pipelines.local_stream.loop import DeadLetters, Stream, StreamPlan
from pipelines.local_stream.stopping import asked_by_signals
from pipelines.logs import FORMATS
from pipelines.options import (
    Parser,
    RunSettings,
    add_fetch_options,
    add_work_options,
    duration,
    place,
    positive_int,
    run_id,
)
from pipelines.running import sink_of
from pipelines.sinks import add_sink_options, sinks_of
from pipelines.sources import feed_requests
from pipelines.stream_pipeline import StreamPlan as ClusterPlan
from pipelines.stream_pipeline import plan_for_cluster, run_on_cluster
from pipelines.ways import Way, choose_way
from pipelines.work import fetcher_of, models_of, politeness_of, pool_of
from transforms.cpu_pool import shared_pool
from transforms.pubsub.client import Publisher, PubsubRefused, Subscriber
from transforms.pubsub.leases import Leases
from transforms.sinks.bigquery import BigQueryTable
from transforms.state.store import this_process

DESCRIPTION = """\
Runs until it is stopped: polls feeds when they are due, and does what messages of a Pub/Sub subscription ask for.
Articles and outcomes come out as with newsbeam ingest, in small files, seconds after they came in.  A message is
acknowledged once all that it led to is in place; docs/streaming.md has their format and what is promised."""

EXAMPLES = """\
examples:
  newsbeam stream --feeds sources.toml --state state --output out --contact desk@example.org
  newsbeam stream --subscription projects/p/subscriptions/news --output gs://bucket/news --state gs://bucket/state
  newsbeam stream --feeds sources.toml --state state --output out --run_for 10m --heartbeat_file alive

SIGTERM and SIGINT end it when what is in work is published; a second one ends it at once.
Exit status: 0 it was stopped, or its time was over; 1 batch after batch failed; 2 the call was wrong."""

SHAPING_OPTIONS = (
    "feeds",
    "subscription",
    "model",
    "watchlist",
    "site_rules",
    "allow_networks",
    "allow_warc",
    "max_pages_per_host",
    "max_page_mb",
    "page_timeout",
)
"""Options that the manifests keep: those that shape the records."""

FILE_MB = 512
"""About how large a file may grow: a batch seldom fills one."""


def parser() -> Parser:
    """The options of ``newsbeam stream``."""
    made = Parser(prog="newsbeam stream", description=DESCRIPTION, epilog=EXAMPLES)
    _add_sources(made)
    _add_output(made)
    add_sink_options(made)
    _add_pace(made)
    _add_health(made)
    add_fetch_options(made)
    add_work_options(made)
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    made = parser()
    parsed, rest = made.parse_known_args(list(argv))
    options = beam_options(rest, list(made._option_string_actions))
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
    _check(parsed)
    models = models_of(parsed)
    settings = RunSettings(
        output=parsed.output.rstrip("/") or "/",
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


def _check(parsed: argparse.Namespace) -> None:
    if not (parsed.feeds or parsed.subscription):
        raise UsageError("nothing to do: name --feeds, --subscription or both (newsbeam stream --help has examples)")
    if parsed.feeds and not parsed.state:
        raise UsageError("--feeds needs --state: it remembers which feeds are due and what was seen")
    if parsed.dead_letter_topic and not parsed.subscription:
        raise UsageError("--dead_letter_topic goes with --subscription: only messages can be refused")


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


def _add_sources(made: Parser) -> None:
    group = made.add_argument_group("sources (at least one)")
    group.add_argument(
        "--feeds", nargs="+", default=[], metavar="SRC", help="feed URLs, or files that list them; needs --state"
    )
    group.add_argument(
        "--subscription",
        metavar="NAME",
        help="projects/P/subscriptions/S: messages that ask for feeds, pages or archives, or carry pages or texts",
    )
    group.add_argument(
        "--dead_letter_topic",
        metavar="NAME",
        help="projects/P/topics/T: where messages go that ask for nothing that can be done, with the reason",
    )
    group.add_argument(
        "--allow_warc",
        nargs="+",
        default=[],
        metavar="URI",
        help="folders from which messages may ask for archives (default: none)",
    )


def _add_output(made: Parser) -> None:
    group = made.add_argument_group("output")
    group.add_argument(
        "--output",
        required=True,
        type=place,
        metavar="URI",
        help="a folder, or a place on any Beam filesystem (gs://…, s3://…)",
    )
    group.add_argument(
        "--state",
        type=place,
        metavar="URI",
        help="where feeds, pages and articles are remembered, a folder or gs://bucket/path; a restart goes on from it",
    )
    group.add_argument(
        "--run_id", type=run_id, metavar="ID", help="begins the ids of its runs (default: from the clock)"
    )
    group.add_argument(
        "--log_format",
        choices=FORMATS,
        default="text",
        help="lines on standard error for people, or one JSON object each (default: %(default)s)",
    )


def _add_pace(made: Parser) -> None:
    group = made.add_argument_group("pace; times are 90, 90s, 10m, 2h or 1d")
    group.add_argument(
        "--window",
        type=duration,
        default=timedelta(seconds=60),
        metavar="TIME",
        help="the least time between two runs for feeds; files come as often (default: 60s)",
    )
    group.add_argument(
        "--max_batch", type=positive_int, default=500, metavar="N", help="messages of one run (default: %(default)s)"
    )
    group.add_argument(
        "--max_wait",
        type=duration,
        default=timedelta(seconds=5),
        metavar="TIME",
        help="how long more messages are waited for after the first (default: 5s)",
    )
    group.add_argument(
        "--max_fetch",
        type=duration,
        default=timedelta(seconds=30),
        metavar="TIME",
        help="how long feeds, and then pages, are asked for in one run: what a slow host keeps waiting is left for the "
        "next and holds up no other (default: 30s; no limit without --state)",
    )
    group.add_argument("--run_for", type=duration, metavar="TIME", help="end after so long (default: never)")
    group.add_argument(
        "--drain_timeout",
        type=duration,
        default=timedelta(minutes=5),
        metavar="TIME",
        help="how long what is in work may take when it is asked to stop (default: 5m)",
    )


def _add_health(made: Parser) -> None:
    group = made.add_argument_group("health")
    group.add_argument(
        "--health_port",
        type=host_and_port,
        metavar="[HOST:]PORT",
        help="serve /healthz and /metrics (Prometheus) there (HOST: 127.0.0.1; in a container 0.0.0.0)",
    )
    group.add_argument(
        "--heartbeat_file",
        type=Path,
        metavar="FILE",
        help="a file that is written again at least every minute or batch",
    )


def host_and_port(text: str) -> tuple[str, int]:
    """(host, port) of ``[HOST:]PORT``."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"'{text}' is not [HOST:]PORT")
    return host or "127.0.0.1", int(port)


if __name__ == "__main__":
    from pipelines.cli import run

    run("stream", sys.argv[1:])
