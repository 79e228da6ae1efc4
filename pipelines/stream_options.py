"""The options of ``newsbeam stream``."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.logs import FORMATS
from pipelines.options import Parser, add_fetch_options, add_work_options
from pipelines.sinks import add_sink_options
from pipelines.values import duration, place, positive_int, run_id

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


def check_together(parsed: argparse.Namespace) -> None:
    """Raises `UsageError` for options that do not go together."""
    if not (parsed.feeds or parsed.subscription):
        raise UsageError("nothing to do: name --feeds, --subscription or both (newsbeam stream --help has examples)")
    if parsed.feeds and not parsed.state:
        raise UsageError("--feeds needs --state: it remembers which feeds are due and what was seen")
    if parsed.dead_letter_topic and not parsed.subscription:
        raise UsageError("--dead_letter_topic goes with --subscription: only messages can be refused")


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
