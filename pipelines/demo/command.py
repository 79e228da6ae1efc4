"""newsbeam demo: the command.  Serves the embedded edition on loopback and ingests it as any other news."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines import ingest
from pipelines.beam_options import beam_options
from pipelines.demo.server import DemoEdition, DemoPage, serve_edition
from pipelines.errors import RunFailed
from pipelines.ingest_pipeline import IngestPlan, build
from pipelines.options import Parser
from pipelines.running import prepared, run_to_end
from pipelines.summary import read_manifest, rows, summary, who_said_what
from pipelines.values import place

DESCRIPTION = """\
Ingests a small edition of invented news: four newspapers in three languages, served by this command itself on
loopback.  Nothing leaves this machine.  Some pages are broken on purpose, to show what becomes of them."""

GOES_TO_PRESS = "2026-11-15T21:00:00Z"
"""The clock of the demo: an hour after the edition was printed."""

INGEST_OPTIONS = ["--allow_networks", "127.0.0.0/8", "--host_gap", "0.1", "--fetch_timeout", "4"]
"""Loopback may be fetched here, a hurried gap hurts nobody, and the page that never ends is given up early."""

NEXT_STEPS = """\
All of it on one page, the texts with who said what marked in them:
  {newsbeam} report {quoted}
The articles are Avro files below {output}/articles, and what became of each URL is below {output}/outcomes.  To look:
  duckdb -c "INSTALL avro; LOAD avro; FROM read_avro('{output}/articles/*/*.avro') SELECT headline, language"
  python -c "import fastavro, glob; [print(a['headline']) for f in glob.glob('{output}/articles/*/*.avro') \
for a in fastavro.reader(open(f, 'rb'))]"
Your own news:
  {newsbeam} ingest --feeds https://example.org/rss.xml --output out --contact you@example.org
  {newsbeam} ingest --help"""


def parser() -> Parser:
    """The options of ``newsbeam demo``."""
    made = Parser(prog="newsbeam demo", description=DESCRIPTION)
    made.add_argument(
        "--output", default="out/demo", type=place, metavar="URI", help="where to write (default: %(default)s)"
    )
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed, rest = parser().parse_known_args(list(argv))
    options = beam_options(rest, ["--output"])
    with serve_edition() as edition:
        print(f"{len(edition.publishers)} invented newspapers are on the air: {', '.join(edition.feeds)}")
        plan = ingest.plan_of(ingest.parser().parse_args(_ingest_arguments(edition, parsed.output)))
        with prepared(plan.sink):
            run_to_end(lambda pipeline: build(pipeline, plan), options, plan.sink)
        _report(plan, edition)


def _ingest_arguments(edition: DemoEdition, output: str) -> list[str]:
    return ["--feeds", *edition.feeds, "--output", output, "--now", GOES_TO_PRESS, *INGEST_OPTIONS]


def _report(plan: IngestPlan, edition: DemoEdition) -> None:
    manifest = read_manifest(plan.sink)
    outcomes = {row["url"]: row for row in rows(plan.sink, manifest, "outcome")}
    print(summary(plan.sink, manifest))
    print("\nwho said what, for instance:")
    print("\n".join(who_said_what(plan.sink, manifest)))
    print()
    if surprises := [line for page in edition.pages if (line := _surprise(page, outcomes))]:
        raise RunFailed("\n".join(["pages that did not end as the edition says:", *surprises]))
    print(f"All {len(edition.pages)} pages ended as the edition says they should.")
    output = plan.sink.output
    print(NEXT_STEPS.format(newsbeam=as_called(sys.argv[0]), output=output, quoted=shlex.quote(output)))


def as_called(program: str) -> str:
    """How to call newsbeam again from the same shell: by its path where the shell would not find it by name."""
    by_path = Path(program).name == "newsbeam" and shutil.which("newsbeam") != program
    return shlex.quote(program) if by_path else "newsbeam"


def _surprise(page: DemoPage, outcomes: Mapping[str, Mapping[str, Any]]) -> str | None:
    row = outcomes.get(page.url)
    found = row["outcome"] if row else "no outcome"
    return None if found == page.outcome else f"  {page.url}: {page.outcome} expected, {found} found"
