"""The options of every command, checked when the command is read: a wrong value costs a line, not a run."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any, NoReturn

from pipelines.errors import UsageError
from pipelines.logs import FORMATS
from pipelines.site_rules import site_rules_file
from pipelines.watchlist import watchlist_file

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Of a pinned clock: runs look back by months and ahead by days, and the calendar must not end there."""

MAX_SECONDS = 3650 * 86_400.0
"""Ten years."""


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


def moment(text: str) -> datetime:
    """A time with a zone, in UTC; one without is taken as UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time such as 2026-11-15T06:00:00Z") from None
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"'{text}' is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def place(text: str) -> str:
    """The name of a place.  An empty one is a variable of a shell that was never set: it must not pass for ``/``."""
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty: name a place")
    if found := re.search(r"[*?\[\]]", text):
        raise argparse.ArgumentTypeError(f"'{text}': '{found[0]}' stands for other names in file patterns; use another")
    return text


def run_id(text: str) -> str:
    """An id that can be part of a file name."""
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}': letters, digits, '.', '_' and '-' only, at most 100")
    return text


def network(text: str) -> str:
    """A network in CIDR form."""
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a network such as 127.0.0.0/8: {error}") from None


def model(text: str) -> tuple[str, str]:
    """(language, package)."""
    language, sign, name = text.partition("=")
    if not (language and sign and name):
        raise argparse.ArgumentTypeError(f"'{text}' is not LANG=NAME, for instance en=en_core_web_lg")
    return language, name


def positive_int(text: str) -> int:
    """A whole number from 1."""
    return int(_number(text, int, 1))


def positive_float(text: str) -> float:
    """A number above 0."""
    return _number(text, float, 1e-9)


def not_negative_float(text: str) -> float:
    """A number from 0."""
    return _number(text, float, 0)


def duration(text: str) -> timedelta:
    """A time above 0: ``90``, ``90s``, ``10m``, ``2h``, ``1d``."""
    number, unit = re.fullmatch(r"(.*?)([smhd]?)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    seconds = positive_float(number) * UNITS[unit or "s"]
    if seconds > MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"'{text}' is too long")
    return timedelta(seconds=seconds)


def _number(text: str, kind: type[int] | type[float], least: float) -> float:
    try:
        value = kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not least <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is too small or too large")
    return value


def split_known(parser: argparse.ArgumentParser, argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """(newsbeam's options, what is left for Beam).  A bare word that no option takes is an error here."""
    parsed, rest = parser.parse_known_args(list(argv))
    return parsed, rest
