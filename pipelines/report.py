"""newsbeam report: the command."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from datetime import date

from pipelines.compact import day
from pipelines.errors import UsageError
from pipelines.options import Parser
from pipelines.places import usable_file, usable_place
from pipelines.reporting.gathering import gather
from pipelines.reporting.page import html_page
from pipelines.reporting.reading import Selection
from pipelines.reporting.terminal import summary_lines
from pipelines.values import place, positive_int, run_id
from transforms.filesystem import create, join, move, remove

DESCRIPTION = """\
Makes one HTML page of what runs wrote, and prints a summary: did it work, what failed, what next.  The page holds all
that it needs; it is opened from disk, without a network."""

EXAMPLES = """\
examples:
  newsbeam report out
  newsbeam report out --from 2026-11-01 --to 2026-11-30 --html november.html
  newsbeam report gs://bucket/news --date 2026-11-15 --html today.html

The page holds texts of others: do not publish it."""

PAGE = "report.html"


def parser() -> Parser:
    """The options of ``newsbeam report``."""
    made = Parser(prog="newsbeam report", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument(
        "output", type=place, metavar="OUTPUT", help="the output of newsbeam: a folder, or on any Beam filesystem"
    )
    made.add_argument("--html", type=place, metavar="FILE", help=f"where to write the page (default: OUTPUT/{PAGE})")
    made.add_argument("--no_html", action="store_true", help="print the summary alone")
    group = made.add_argument_group("which runs (default: all)")
    group.add_argument("--date", type=day, metavar="YYYY-MM-DD", help="those of one day, UTC")
    group.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD", help="those of this day and later")
    group.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD", help="those up to this day, included")
    group.add_argument("--run_id", type=run_id, metavar="ID", help="one run")
    group = made.add_argument_group("size of the page (the figures are of all rows)")
    group.add_argument(
        "--articles",
        type=positive_int,
        default=500,
        metavar="N",
        help="stories to read, the newest (default: %(default)s)",
    )
    group.add_argument(
        "--urls",
        type=positive_int,
        default=2000,
        metavar="N",
        help="URLs with what became of them, those that failed first (default: %(default)s)",
    )
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
    selection = _selection(parsed)
    target = parsed.html or join(selection.output, PAGE)
    usable_file(target, "--html")
    report = gather(selection, parsed.articles, parsed.urls)
    if not parsed.no_html:
        _write_whole(target, html_page(report))
    print("\n".join(summary_lines(report)))
    if not parsed.no_html:
        print(f"\nThe page: {target}")


def _selection(parsed: argparse.Namespace) -> Selection:
    output = usable_place(parsed.output.rstrip("/") or "/", "OUTPUT")
    if parsed.html and parsed.no_html:
        raise UsageError("--html and --no_html: one of the two")
    if parsed.date and (parsed.first or parsed.last):
        raise UsageError("--date is one day; give it, or --from and --to")
    first, last = _ends(parsed)
    if first and last and first > last:
        raise UsageError(f"--from {first} is later than --to {last}")
    return Selection(output, first, last, parsed.run_id)


def _ends(parsed: argparse.Namespace) -> tuple[date | None, date | None]:
    return (parsed.date, parsed.date) if parsed.date else (parsed.first, parsed.last)


def _write_whole(path: str, data: bytes) -> None:
    """Writes the file so that it is there whole or not at all."""
    draft = f"{path}.part"
    try:
        with create(draft) as file:
            file.write(data)
        move(draft, path)
    except BaseException:  # a signal, too, must not leave half a file
        with contextlib.suppress(OSError, ValueError):
            remove([draft])
        raise


if __name__ == "__main__":
    from pipelines.cli import run

    run("report", sys.argv[1:])
