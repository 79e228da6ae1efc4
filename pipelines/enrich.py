"""newsbeam enrich: the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pipelines.beam_options import read_call
from pipelines.enrich_pipeline import EnrichPlan, build
from pipelines.errors import UsageError
from pipelines.facts import run_facts
from pipelines.options import Parser, add_run_options, add_work_options, run_settings
from pipelines.runner_checks import check_runner
from pipelines.running import run_and_publish, sink_of
from pipelines.sinks import add_sink_options, sinks_of
from pipelines.sources import matching_files, suffix_of
from pipelines.summary import read_manifest, summary
from pipelines.work import models_of, pool_of

DESCRIPTION = """\
Annotates text that is already there: entities and quotations are found, the text itself is never changed, so that
offsets index what you sent."""

EXAMPLES = """\
examples:
  newsbeam enrich --input texts.jsonl --output out
  newsbeam enrich --input 'out/articles/date=2026-11-*/*.avro' --model en=en_core_web_lg --output again

A line of .jsonl is an object: {"url": ..., "text": ...}, and if you have them "headline" and "language".
.avro files are articles of an earlier run: their annotations are made anew."""

SUFFIXES = (".jsonl", ".ndjson", ".avro")

SHAPING_OPTIONS = ("input", "model", "watchlist", "page_timeout")


def parser() -> Parser:
    """The options of ``newsbeam enrich``."""
    made = Parser(prog="newsbeam enrich", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument_group("input").add_argument(
        "--input", nargs="+", required=True, metavar="GLOB", help="files that end in .jsonl, .ndjson or .avro"
    )
    add_run_options(made)
    add_sink_options(made)
    add_work_options(made)
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed, options = read_call(parser(), argv)
    plan = plan_of(parsed)
    if parsed.dry_run:
        print("\n".join(f"would annotate  {path}" for path in plan.files))
        return
    check_runner(options, {"--output": [plan.sink.output], "--input": plan.files})
    run_and_publish(lambda pipeline: build(pipeline, plan), options, plan.sink, plan.destinations)
    print(summary(plan.sink, read_manifest(plan.sink)))


def plan_of(parsed: argparse.Namespace) -> EnrichPlan:
    """The plan that the options describe.  Raises `UsageError` for files that cannot be read."""
    settings = run_settings(parsed)
    models = models_of(parsed)
    facts = run_facts(settings, {name: getattr(parsed, name) for name in SHAPING_OPTIONS}, models)
    files = matching_files(parsed.input, "--input")
    if wrong := [path for path in files if suffix_of(path) not in SUFFIXES]:
        raise UsageError(f"--input {wrong[0]}: the name must end in {', '.join(SUFFIXES)}")
    sink = sink_of(settings.output, facts, shards=settings.shards, target_file_mb=settings.target_file_mb)
    return EnrichPlan(sink, facts, pool_of(parsed, models), files, sinks_of(parsed))


if __name__ == "__main__":
    from pipelines.cli import run

    run("enrich", sys.argv[1:])
