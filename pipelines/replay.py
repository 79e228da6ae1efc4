"""newsbeam replay: the command."""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.beam_options import placement_of, read_call
from pipelines.errors import UsageError
from pipelines.facts import run_facts
from pipelines.ingest import places_of, run_alone, run_with_state, tell
from pipelines.ingest_pipeline import IngestPlan
from pipelines.options import Parser, add_fetch_options, add_run_options, add_work_options, run_settings
from pipelines.runner_checks import check_runner
from pipelines.running import sink_of
from pipelines.shown import shown_line
from pipelines.sinks import add_sink_options, sinks_of
from pipelines.sources import matching_files, suffix_of
from pipelines.values import place, positive_int
from pipelines.work import fetcher_of, models_of, politeness_of, pool_of
from schemas.outcome import OK_KINDS, Outcome, OutcomeKind, Problem, Stage
from transforms.core.replay import Choice, Way, choose, feed_request, page_request
from transforms.filesystem import list_files
from transforms.outcomes import Reporter
from transforms.replay import StoredPages, read_failures
from transforms.write import Sink

DESCRIPTION = """\
Runs failed work again, from the rows of outcomes: pages from the bytes that the row carries, where the failure came
after the fetch; others are asked for again.  A URL that a later run of the input made good is left alone."""

EXAMPLES = """\
examples:
  newsbeam replay --input out/outcomes --output out --dry_run
  newsbeam replay --input out/outcomes --output out --state state
  newsbeam replay --input 'gs://bucket/news/outcomes/date=2026-11-*/*.avro' --outcome crashed --output gs://bucket/news

Without --outcome and --stage: what may pass by itself (outcomes.md), and every page that a row carries.  Name the
--state of the scheduled runs, so that the articles get the versions that these would give them.
Exit status: 0 the run finished, also when some failed again; 1 it failed; 2 the call was wrong."""

SHAPING_OPTIONS = ("input", "outcome", "stage", "limit", "model", "watchlist", "site_rules", "allow_networks")

FAILED_KINDS = tuple(str(kind) for kind in OutcomeKind if kind not in OK_KINDS)

WOULD = {
    Way.STORED: "would read again  ",
    Way.PAGE: "would ask again   ",
    Way.FEED: "would ask again   ",
    Way.NOT: "cannot run again  ",
}


def parser() -> Parser:
    """The options of ``newsbeam replay``."""
    made = Parser(prog="newsbeam replay", description=DESCRIPTION, epilog=EXAMPLES)
    group = made.add_argument_group("what is run again")
    group.add_argument(
        "--input", nargs="+", required=True, metavar="GLOB", help="files of outcomes, .avro, or folders of them"
    )
    group.add_argument(
        "--outcome", nargs="+", choices=FAILED_KINDS, default=[], metavar="KIND", help="only these: crashed, timeout …"
    )
    group.add_argument(
        "--stage",
        nargs="+",
        choices=[str(stage) for stage in Stage],
        default=[],
        metavar="STAGE",
        help="only these: fetch_page, extract …",
    )
    group.add_argument("--limit", type=positive_int, metavar="N", help="at most N, in the order of their URLs")
    group.add_argument("--state", type=place, metavar="URI", help="of the scheduled runs, as given to newsbeam ingest")
    add_run_options(made)
    add_sink_options(made)
    add_fetch_options(made)
    add_work_options(made)
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed, options = read_call(parser(), argv)
    chosen = chosen_of(parsed)
    if parsed.dry_run:
        print("\n".join([*listed(chosen), f"dry run: nothing was written to {parsed.output}"]))
        return
    if not chosen:
        print("nothing to run again")
        return
    plan = replace(plan_of(parsed, chosen), placement=placement_of(options))
    check_runner(options, {**places_of(plan, parsed.state), "--input": [each.path for each in plan.stored]})
    if parsed.state:
        run_with_state(plan, parsed.state, options, force=True)
    else:
        run_alone(plan, options)
        tell(plan)


def chosen_of(parsed: argparse.Namespace) -> list[Choice]:
    """The failures that the options name.  Raises `UsageError` for files that hold no outcomes."""
    paths = [path for path in matching_files(map(as_glob, parsed.input), "--input") if suffix_of(path) == ".avro"]
    if not paths:
        raise UsageError(f"--input {parsed.input[0]}: no file of outcomes there (.avro)")
    try:
        chosen = choose(read_failures(paths), outcomes=parsed.outcome, stages=parsed.stage)
    except (OSError, ValueError) as error:
        raise UsageError(f"--input {error}") from error
    return chosen[: parsed.limit]


def as_glob(source: str) -> str:
    """A folder as what matches the files in it; of a whole output, the outcomes."""
    if suffix_of(source) == ".avro":
        return source
    folder = source.rstrip("/")
    outcomes = f"{folder}/outcomes/**"
    return outcomes if list_files(outcomes) else f"{folder}/**"


def listed(chosen: Sequence[Choice]) -> Iterator[str]:
    """A line for each, and how many there are of each way."""
    for choice in chosen:
        failure = choice.failure
        reason = choice.reason or f"{failure.stage}/{failure.outcome}, run {failure.run_id}"
        yield shown_line(f"{WOULD[choice.way]}{failure.url}  ({reason})")
    counts = Counter(WOULD[choice.way].strip() for choice in chosen)
    yield ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing to run again"


def plan_of(parsed: argparse.Namespace, chosen: Sequence[Choice]) -> IngestPlan:
    """The plan of the run that does ``chosen`` again."""
    settings = run_settings(parsed)
    models = models_of(parsed)
    facts = run_facts(settings, {name: getattr(parsed, name) for name in SHAPING_OPTIONS}, models)
    sink = sink_of(settings.output, facts, shards=settings.shards, target_file_mb=settings.target_file_mb)
    in_order = list(enumerate(chosen))
    return IngestPlan(
        sink=sink,
        facts=facts,
        pool=pool_of(parsed, models),
        fetcher=fetcher_of(parsed),
        politeness=politeness_of(parsed),
        feeds=tuple(feed_request(each.failure, n) for n, each in in_order if each.way is Way.FEED),
        pages=tuple(page_request(each.failure, n, now=settings.now) for n, each in in_order if each.way is Way.PAGE),
        stored=stored_of(chosen),
        said=tuple(said_of(chosen, sink)),
        destinations=sinks_of(parsed),
    )


def stored_of(chosen: Sequence[Choice]) -> tuple[StoredPages, ...]:
    """The rows to read, by file."""
    places = defaultdict(list)
    for choice in chosen:
        if choice.way is Way.STORED:
            places[choice.failure.path].append(choice.failure.place)
    return tuple(StoredPages(path, tuple(sorted(rows))) for path, rows in sorted(places.items()))


def said_of(chosen: Sequence[Choice], sink: Sink) -> Iterator[Outcome]:
    """A row for each failure that cannot be run again: what was chosen is accounted for."""
    for choice in chosen:
        if choice.way is Way.NOT:
            reporter = Reporter(sink.run, sink.clock, Stage(choice.failure.stage))
            problem = Problem(OutcomeKind.FILTERED, choice.reason or "", attempts=0)
            yield reporter.outcome(problem, choice.failure.url, source_id=choice.failure.source_id)


if __name__ == "__main__":
    from pipelines.cli import run

    run("replay", sys.argv[1:])
