"""newsbeam compact: the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime

from pipelines.errors import RunFailed
from pipelines.options import Parser
from pipelines.places import usable_folder
from pipelines.values import moment, place, positive_int
from schemas.registry import ARTICLE, OUTCOME
from transforms.compact import CompactionFailed, DayOfOutput, compact_day, plan_groups
from transforms.core.compaction import Compaction
from transforms.core.layout import FOLDERS
from transforms.filesystem import exists

DESCRIPTION = """\
Merges the small files of one day into large ones.  No record changes.  Files of runs that have not ended are left
alone.  A compaction that was killed is finished by the next one of that day; run one at a time for a day."""

EXAMPLES = """\
examples:
  newsbeam compact out --date 2026-11-15
  newsbeam compact gs://bucket/news --date 2026-11-15 --target_file_mb 256

The manifests of the runs stay as they are; runs/compactions/ says which file replaced which.  A run whose
files were merged cannot be repeated under the same --run_id: newsbeam refuses it."""

MEGABYTE = 1024 * 1024


def parser() -> Parser:
    """The options of ``newsbeam compact``."""
    made = Parser(prog="newsbeam compact", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument(
        "output", type=place, metavar="OUTPUT", help="the output of newsbeam: a folder, or on any Beam filesystem"
    )
    made.add_argument("--date", required=True, type=day, metavar="YYYY-MM-DD", help="the day, as in date=YYYY-MM-DD")
    made.add_argument(
        "--target_file_mb",
        type=positive_int,
        default=512,
        metavar="N",
        help="merge files below so many megabytes, up to about as many (default: %(default)s)",
    )
    made.add_argument("--now", type=moment, metavar="ISO8601", help="the time for the manifest (default: the clock's)")
    made.add_argument("--dry_run", action="store_true", help="say what would be merged, and write nothing")
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
    chosen = DayOfOutput(usable_folder(parsed.output.rstrip("/") or "/", "OUTPUT"), parsed.date)
    try:
        print(_planned(chosen, parsed) if parsed.dry_run else _done(chosen, parsed))
    except CompactionFailed as error:
        raise RunFailed(f"{parsed.output}: {error}") from error


def day(text: str) -> date:
    """A day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day such as 2026-11-15") from None


def _planned(chosen: DayOfOutput, parsed: argparse.Namespace) -> str:
    groups = plan_groups(chosen, parsed.target_file_mb * MEGABYTE)
    lines = [f"would merge  {file.path}" for group in groups for file in group]
    return "\n".join([*lines, f"{len(lines)} files would become {len(groups)}"])


def _done(chosen: DayOfOutput, parsed: argparse.Namespace) -> str:
    done = compact_day(chosen, parsed.target_file_mb * MEGABYTE, parsed.now or datetime.now(UTC).replace(microsecond=0))
    if done is None:
        return f"{chosen.day}: nothing to merge" + ("" if exists(chosen.output) else f"; {chosen.output} is not there")
    lines = [_line(done, schema) for schema in (ARTICLE, OUTCOME)]
    return "\n".join([f"{chosen.day}: {done.compaction_id}", *(line for line in lines if line)])


def _line(done: Compaction, schema: str) -> str:
    mine = [each for each in done.replacements if each.file.schema == schema]
    files, records = sum(len(each.replaces) for each in mine), sum(each.file.records for each in mine)
    return f"  {FOLDERS[schema]}: {files} files became {len(mine)}, {records} records" if mine else ""


if __name__ == "__main__":
    from pipelines.cli import run

    run("compact", sys.argv[1:])
