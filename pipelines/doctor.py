"""newsbeam doctor: the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pipelines import checks
from pipelines.checks import Check
from pipelines.errors import RunFailed
from pipelines.options import Parser, add_fetch_options
from pipelines.places import usable_place
from pipelines.shown import shown_line
from pipelines.sources import feed_requests
from pipelines.values import model as language_and_model
from pipelines.values import moment, place
from pipelines.work import fetcher_of, models_of
from transforms.fetcher import Fetcher

DESCRIPTION = """\
Looks whether a run could work here: packages, models and clock; with the options of newsbeam ingest also whether
--output can be written, whether --state is whole and free, and whether the sites of --feeds answer."""

EXAMPLES = """\
examples:
  newsbeam doctor
  newsbeam doctor --output out --state state --feeds sources.toml --contact desk@example.org

A line for each finding, with what to do.  Nothing of a run is changed; of --feeds each site is asked once.
Exit status: 0 all is well; 1 something is not; 2 the call was wrong."""


def parser() -> Parser:
    """The options of ``newsbeam doctor``."""
    made = Parser(prog="newsbeam doctor", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument(
        "--output", type=place, metavar="URI", help="look whether it can be written, and at the room on its disk"
    )
    made.add_argument("--state", type=place, metavar="URI", help="look whether it is whole, and whether a run holds it")
    made.add_argument("--feeds", nargs="+", default=[], metavar="SRC", help="ask one feed of each site")
    made.add_argument(
        "--model",
        action="append",
        type=language_and_model,
        default=[],
        metavar="LANG=NAME",
        help="the spaCy model for a language; repeatable (default: what is installed)",
    )
    made.add_argument("--now", type=moment, metavar="ISO8601", help="the time to judge by (default: the system's)")
    add_fetch_options(made)
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
    if parsed.output:
        usable_place(parsed.output, "--output")
    problems = 0
    for check in _checks(parsed):
        problems += check.todo is not None
        print(shown_line(_line(check)), flush=True)
    if problems:
        raise RunFailed(f"{problems} {'thing' if problems == 1 else 'things'} to look at")


def _checks(parsed: argparse.Namespace) -> Iterator[Check]:
    now = parsed.now or datetime.now(UTC).replace(microsecond=0)
    feeds = feed_requests(parsed.feeds)
    yield from checks.packages()
    yield checks.models(models_of(parsed))
    yield checks.clock(parsed.output, now)
    if parsed.output:
        yield from checks.output(parsed.output)
    if parsed.state:
        yield from checks.state(parsed.state)
    if feeds:
        fetcher = Fetcher(fetcher_of(parsed))
        try:
            yield from checks.sites(feeds, fetcher, now)
        finally:
            fetcher.close()


def _line(check: Check) -> str:
    sign, todo = ("ok", "") if check.todo is None else ("LOOK", f": {check.todo}")
    return f"{sign:<5} {check.name:<9} {check.found}{todo}"


if __name__ == "__main__":
    from pipelines.cli import run

    run("doctor", sys.argv[1:])
