"""newsbeam ingest: the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryDirectory

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.beam_options import beam_options, placement_of, read_call
from pipelines.errors import UsageError
from pipelines.facts import run_facts
from pipelines.ingest_pipeline import IngestPlan, build, list_pages
from pipelines.options import (
    Parser,
    add_fetch_options,
    add_run_options,
    add_state_options,
    add_work_options,
    run_settings,
)
from pipelines.runner_checks import Places, check_runner
from pipelines.running import run_and_publish, sink_of
from pipelines.shown import shown_line
from pipelines.sinks import add_sink_options, sinks_of
from pipelines.sources import archive_files, feed_requests, page_list
from pipelines.stateful import open_state, seen_state
from pipelines.summary import read_manifest, summary
from pipelines.values import positive_int
from pipelines.work import fetcher_of, models_of, politeness_of, pool_of
from schemas.outcome import Outcome
from transforms.core.discovery import Candidate, candidate_order, request_of

DESCRIPTION = """\
Reads news feeds, news pages and web archives; writes one Avro row for each article, with its clean text, the people
and bodies it names and who said what, and one row for what became of each URL."""

EXAMPLES = """\
examples:
  newsbeam ingest --feeds https://example.org/rss.xml --output out
  newsbeam ingest --feeds feeds.txt --pages pages.txt --output gs://bucket/news --contact desk@example.org
  newsbeam ingest --feeds sources.toml --state state --output out     # every ten minutes, from a timer
  newsbeam ingest --warc 'crawl/*.warc.gz' --output out --now 2026-11-15T06:00:00Z

Options of Apache Beam (--runner, --temp_location ...) are passed on.  Without --runner the run happens on this machine.
Exit status: 0 the run finished, also when some URLs failed; 1 it failed; 2 the call was wrong."""

SHAPING_OPTIONS = (
    "feeds",
    "pages",
    "warc",
    "limit",
    "model",
    "watchlist",
    "site_rules",
    "allow_networks",
    "max_pages_per_host",
    "max_page_mb",
    "page_timeout",
)
"""Options that the manifest keeps: those that shape the records.  Where they are written does not."""


def parser() -> Parser:
    """The options of ``newsbeam ingest``."""
    made = Parser(prog="newsbeam ingest", description=DESCRIPTION, epilog=EXAMPLES)
    sources = made.add_argument_group("sources (at least one)")
    sources.add_argument("--feeds", nargs="+", default=[], metavar="SRC", help="feed URLs, or files that list them")
    sources.add_argument(
        "--pages",
        nargs="+",
        default=[],
        metavar="SRC",
        help="page URLs, files that list them, or HTML files, globs and folders of them",
    )
    sources.add_argument(
        "--warc", nargs="+", default=[], metavar="GLOB", help="web archives, .warc or .warc.gz; nothing is fetched"
    )
    sources.add_argument("--limit", type=positive_int, metavar="N", help="take at most N pages, those listed first")
    add_state_options(made)
    add_run_options(made)
    add_sink_options(made)
    add_fetch_options(made)
    add_work_options(made)
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed, options = read_call(parser(), argv)
    plan = replace(plan_of(parsed), placement=placement_of(options))
    if parsed.dry_run:
        state = seen_state(parsed.state, plan.sink, force=parsed.force) if parsed.state else None
        run_dry(replace(plan, state=state))
        return
    check_runner(options, places_of(plan, parsed.state))
    if parsed.state:
        run_with_state(plan, parsed.state, options, force=parsed.force)
    else:
        run_alone(plan, options)
        tell(plan)


def run_alone(plan: IngestPlan, options: PipelineOptions) -> None:
    """A run that knows of no other."""
    run_and_publish(lambda pipeline: build(pipeline, plan), options, plan.sink, plan.destinations)


def run_with_state(plan: IngestPlan, uri: str, options: PipelineOptions, *, force: bool) -> None:
    """A run that goes on where the last one ended; one that was published before is not done again."""
    with open_state(uri, plan.sink, force=force) as state:
        if state.is_complete:
            print(f"run {plan.run.run_id} was published before; name another --run_id to ask again")
            return
        run_alone(replace(plan, state=state.config), options)
        state.commit()
    tell(plan)


def tell(plan: IngestPlan) -> None:
    """Prints what came of the run.  Not of one that was published before: its files may have been merged since."""
    print(summary(plan.sink, read_manifest(plan.sink)))


def plan_of(parsed: argparse.Namespace) -> IngestPlan:
    """The plan that the options describe.  Raises `UsageError` for sources that cannot be read."""
    if not (parsed.feeds or parsed.pages or parsed.warc):
        raise UsageError("nothing to read: name --feeds, --pages or --warc (newsbeam ingest --help has examples)")
    settings = run_settings(parsed)
    pages = page_list(parsed.pages, settings.now)
    models = models_of(parsed)
    facts = run_facts(settings, {name: getattr(parsed, name) for name in SHAPING_OPTIONS}, models)
    return IngestPlan(
        sink=sink_of(settings.output, facts, shards=settings.shards, target_file_mb=settings.target_file_mb),
        facts=facts,
        pool=pool_of(parsed, models),
        fetcher=fetcher_of(parsed),
        politeness=politeness_of(parsed),
        feeds=feed_requests(parsed.feeds),
        pages=pages.requests,
        html_files=pages.files,
        archives=archive_files(parsed.warc, "--warc"),
        limit=parsed.limit,
        destinations=sinks_of(parsed),
    )


def places_of(plan: IngestPlan, state: str | None) -> Places:
    """What workers read and write, by the option that names it."""
    return {
        "--output": [plan.sink.output],
        "--state": [state] if state else [],
        "--warc": plan.archives,
        "--pages": [file.path for file in plan.html_files],
        "--watchlist": [plan.pool.watchlist.path] if plan.pool.watchlist else [],
    }


def run_dry(plan: IngestPlan) -> None:
    """Reads the feeds that are due and lists what a run would take; fetches no page and writes nothing."""
    with TemporaryDirectory(prefix="newsbeam-") as work:
        pipeline = beam.Pipeline(options=beam_options([], []))
        pages, outcomes = list_pages(pipeline, replace(plan, sink=replace(plan.sink, output=work)))
        pages | "Gather pages" >> beam.combiners.ToList() | "Print pages" >> beam.Map(_print_pages)
        outcomes | "Gather outcomes" >> beam.combiners.ToList() | "Print outcomes" >> beam.Map(_print_outcomes)
        pipeline.run().wait_until_finish()
    print(f"dry run: nothing was written to {plan.sink.output}")


def _print_pages(candidates: list[Candidate]) -> None:
    for candidate in sorted(candidates, key=candidate_order):
        request = request_of(candidate)
        listed_by = request.discovery.feed_url or "as listed"
        print(shown_line(f"would take  {request.url}  ({request.discovery.kind}: {listed_by})"))
    print(f"{len(candidates)} pages")


def _print_outcomes(outcomes: list[Outcome]) -> None:
    for outcome in sorted(outcomes, key=lambda each: each.url):
        print(shown_line(f"{outcome.stage}/{outcome.outcome}  {outcome.url}  {outcome.detail or ''}"))


if __name__ == "__main__":
    from pipelines.cli import run

    run("ingest", sys.argv[1:])
