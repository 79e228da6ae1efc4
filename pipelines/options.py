"""The options of every command, checked when the command is read: a wrong value costs a line, not a run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from pipelines.errors import UsageError
from pipelines.logs import FORMATS
from pipelines.site_rules import site_rules_file
from pipelines.values import model, moment, network, not_negative_float, place, positive_float, positive_int, run_id
from pipelines.watchlist import watchlist_file


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises `UsageError` and takes no abbreviations: `--feed` must not pass for `--feeds`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, add_help=False, **settings
        )
        self.add_argument("-h", "--help", action="help", help="print this and exit")

    def error(self, message: str) -> NoReturn:
        """Raises `UsageError`."""
        raise UsageError(f"{message} ({self.prog} --help lists the options)")


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What every run has: where it writes, its id, its clock."""

    output: str
    now: datetime
    pinned: bool
    run_id: str | None
    dry_run: bool
    shards: int
    target_file_mb: int


def add_run_options(parser: argparse.ArgumentParser, *, output_required: bool = True) -> None:
    """``--output`` and what else each run has."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--output",
        required=output_required,
        type=place,
        metavar="URI",
        help="a folder, or a place on any Beam filesystem (gs://…, s3://…)",
    )
    group.add_argument(
        "--run_id",
        type=run_id,
        metavar="ID",
        help="default: from the clock and the options; the same id replaces a run",
    )
    group.add_argument(
        "--now",
        type=moment,
        metavar="ISO8601",
        help="pin the clock: the same input then gives the same bytes (default: the system's clock)",
    )
    group.add_argument(
        "--target_file_mb",
        type=positive_int,
        default=512,
        metavar="N",
        help="begin another file after about so many megabytes of text (default: %(default)s)",
    )
    group.add_argument(
        "--shards",
        type=positive_int,
        default=1,
        metavar="N",
        help="spread the rows over at least N files, merged in parallel; for clusters (default: %(default)s)",
    )
    group.add_argument("--dry_run", action="store_true", help="say what would be read, and write nothing")
    group.add_argument(
        "--log_format",
        choices=FORMATS,
        default="text",
        help="lines on standard error for people, or one JSON object each (default: %(default)s)",
    )


def add_work_options(parser: argparse.ArgumentParser) -> None:
    """How the CPU work is done."""
    group = parser.add_argument_group("work on each page")
    group.add_argument(
        "--model",
        action="append",
        type=model,
        default=[],
        metavar="LANG=NAME",
        help="the spaCy model for a language; repeatable (default: what is installed)",
    )
    group.add_argument(
        "--watchlist",
        type=watchlist_file,
        metavar="FILE",
        help="your own people and bodies (.csv or .jsonl: name, type, uri, aliases, context words): sets their uri",
    )
    group.add_argument(
        "--site_rules",
        type=site_rules_file,
        metavar="FILE",
        help="your own rules for single sites (.toml: XPaths to cut or to take, by domain)",
    )
    group.add_argument(
        "--processes",
        type=positive_int,
        default=None,
        metavar="N",
        help="for the CPU work (default: one a core)",
    )
    group.add_argument(
        "--page_timeout",
        type=positive_float,
        default=60.0,
        metavar="SECONDS",
        help="the most that one page may take (default: %(default)g)",
    )
    group.add_argument(
        "--page_memory_mb",
        type=positive_int,
        default=4096,
        metavar="N",
        help="the most address space that its process may take (default: %(default)s)",
    )


def add_state_options(parser: argparse.ArgumentParser) -> None:
    """How runs go on from one another."""
    group = parser.add_argument_group("scheduled runs")
    group.add_argument(
        "--state",
        type=place,
        metavar="URI",
        help="where runs remember feeds, pages and articles, a folder or gs://bucket/path: only what is due or new is "
        "asked for (default: every run stands alone)",
    )
    group.add_argument("--force", action="store_true", help="ask for every listed feed and page, due or not")


def add_fetch_options(parser: argparse.ArgumentParser) -> None:
    """How others are asked."""
    group = parser.add_argument_group("fetching")
    group.add_argument(
        "--contact", metavar="EMAIL|URL", help="goes into the User-Agent, so that publishers can reach you"
    )
    group.add_argument(
        "--allow_networks",
        nargs="+",
        type=network,
        default=[],
        metavar="CIDR",
        help="also fetch from these private networks (default: public addresses only)",
    )
    group.add_argument(
        "--proxy",
        metavar="env|URL",
        help="fetch through the proxies that the environment names, or through http://host:port, which then has to "
        "refuse private addresses itself (default: none, whatever the environment says)",
    )
    _add_politeness(group)
    group.add_argument(
        "--fetch_timeout",
        type=positive_float,
        default=30.0,
        metavar="SECONDS",
        help="the most that one request may take in all (default: %(default)g)",
    )
    group.add_argument(
        "--max_page_mb",
        type=positive_int,
        default=15,
        metavar="N",
        help="the largest body that is read, decompressed (default: %(default)s)",
    )


def _add_politeness(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--host_gap",
        type=not_negative_float,
        default=1.0,
        metavar="SECONDS",
        help="between two requests to one domain (default: %(default)g)",
    )
    group.add_argument(
        "--robots",
        choices=["obey", "ignore"],
        default="obey",
        help="for pages, on every host that redirects lead to (default: %(default)s)",
    )
    group.add_argument(
        "--feed_robots",
        choices=["obey", "ignore"],
        default="ignore",
        help="for feeds, which you chose to subscribe to (default: %(default)s)",
    )
    group.add_argument(
        "--max_pages_per_host",
        type=positive_int,
        default=None,
        metavar="N",
        help="of one domain in a run, those listed first; the others are filtered (default: no limit)",
    )
    group.add_argument(
        "--fetch_threads",
        type=positive_int,
        default=64,
        metavar="N",
        help="domains that are asked at once (default: %(default)s)",
    )


def run_settings(parsed: argparse.Namespace) -> RunSettings:
    """The checked settings of a run."""
    return RunSettings(
        output=(parsed.output or "").rstrip("/") or "/",
        now=parsed.now or datetime.now(UTC).replace(microsecond=0),
        pinned=parsed.now is not None,
        run_id=parsed.run_id,
        dry_run=parsed.dry_run,
        shards=parsed.shards,
        target_file_mb=parsed.target_file_mb,
    )
