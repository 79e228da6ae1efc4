"""newsbeam schema: the command."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser
from pipelines.values import place
from schemas.ddl.script import ENGINES, Names, script, script_from
from schemas.fit import Verdict, check_copy, check_file
from schemas.registry import (
    ARTICLE,
    CONTAINER_MAGIC,
    OUTCOME,
    schema_fingerprint,
    schema_inside,
    schema_source,
)
from schemas.released import released_versions

DESCRIPTION = """\
The contract for warehouses: prints the Avro schemas, says whether a copy of yours fits, and writes the tables and views
of an engine."""

EXAMPLES = """\
examples:
  newsbeam schema show outcome
  newsbeam schema check our-copy.avsc archive/2025-*.avro
  newsbeam schema ddl --engine duckdb --output out
  newsbeam schema ddl --engine bigquery --dataset project.news --output gs://bucket/news
  newsbeam schema ddl --engine bigquery --dataset project.news --from 1.0

check: a .avsc fits where it reads what newsbeam writes today, a .avro where today's schema reads it.
Exit status: 0 all fit, 1 one does not, 2 one cannot be read."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*")

LARGEST_SCHEMA = 4 * 1024 * 1024
"""Bytes: of a file of articles only the schema at its head is read."""


def parser() -> Parser:
    """The options of ``newsbeam schema``."""
    made = Parser(prog="newsbeam schema", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument(
        "action",
        choices=list(ACTIONS),
        help="show: the whole schema; check: does a copy fit; ddl: SQL of tables and views, made from the schemas",
    )
    made.add_argument(
        "values", nargs="*", metavar="NAME|FILE", help="show: article (default) or outcome; check: .avsc or .avro files"
    )
    made.add_argument("--fingerprint", action="store_true", help="show: its SHA-256 fingerprint only")
    group = made.add_argument_group("ddl")
    group.add_argument("--engine", choices=list(ENGINES), help="whose SQL")
    group.add_argument(
        "--output",
        type=place,
        metavar="URI",
        help="where newsbeam wrote: with it come the statements that load the files (Spark: read them in place)",
    )
    group.add_argument(
        "--from",
        dest="version",
        choices=released_versions(),
        metavar="VERSION",
        help="the tables are there, made for this release: add what has come since, and make the views anew",
    )
    group.add_argument("--dataset", type=name, metavar="NAME", help="stands before every table and view: dataset.table")
    group.add_argument("--articles_table", type=name, default="articles", metavar="NAME", help="default: %(default)s")
    group.add_argument("--outcomes_table", type=name, default="outcomes", metavar="NAME", help="default: %(default)s")
    return made


def name(text: str) -> str:
    """The name of a table or of a dataset, which may be qualified."""
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a name such as news, or project.news")
    return text


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_intermixed_args(list(argv))
    ACTIONS[parsed.action](parsed)


def show(parsed: argparse.Namespace) -> None:
    """Prints a schema or its fingerprint."""
    name = parsed.values[0] if parsed.values else ARTICLE
    if len(parsed.values) > 1 or name not in (ARTICLE, OUTCOME):
        raise UsageError(f"schema show takes one name, {ARTICLE} or {OUTCOME}: '{' '.join(parsed.values)}'")
    print(schema_fingerprint(name) if parsed.fingerprint else json.dumps(schema_source(name), indent=2))


def check(parsed: argparse.Namespace) -> None:
    """Says of each file whether it fits.  Raises `UsageError` for one that cannot be read, else `RunFailed`."""
    if not parsed.values:
        raise UsageError("schema check needs files: .avsc or .avro")
    verdicts = [_checked(path) for path in parsed.values]
    sys.stdout.flush()  # what is said of each file stands before the last word on stderr
    if unreadable := verdicts.count(None):
        raise UsageError(f"{unreadable} of {len(verdicts)} files cannot be read")
    if misfits := sum(1 for verdict in verdicts if verdict and not verdict.fits):
        raise RunFailed(f"{misfits} of {len(verdicts)} files do not fit")


def _checked(path: str) -> Verdict | None:
    """Prints what is to be said of one file."""
    try:
        with _opened(path) as file:
            data = file.read(LARGEST_SCHEMA)
        schema = schema_inside(data)
    except (OSError, ValueError) as error:  # NotASchema, or a place that no filesystem knows
        print(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")
        return None
    verdict = (check_file if data.startswith(CONTAINER_MAGIC) else check_copy)(schema)
    print(f"{path}: " + "\n".join(verdict.lines))
    return verdict


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    """Beam is loaded only for a place that needs it: a check of a file at hand is quick."""
    if "://" not in path:
        return Path(path).open("rb")
    from transforms.filesystem import open_bytes

    return open_bytes(path)


def ddl(parsed: argparse.Namespace) -> None:
    """Prints the script of an engine."""
    if not parsed.engine or parsed.values:
        raise UsageError(f"schema ddl needs --engine, one of {', '.join(ENGINES)}, and no other words")
    names = Names(parsed.articles_table, parsed.outcomes_table, parsed.dataset or "")
    if parsed.version and parsed.output:
        raise UsageError("schema ddl --from changes tables and loads nothing: leave out --output")
    try:
        if parsed.version:
            print(script_from(parsed.version, parsed.engine, names), end="")
        else:
            print(script(parsed.engine, names, parsed.output and _place(parsed.engine, parsed.output)), end="")
    except ValueError as error:
        raise UsageError(f"schema ddl: {error}") from error


def _place(engine: str, output: str) -> str:
    """Spark takes a relative place from its warehouse, not from here."""
    relative = engine == "spark" and "://" not in output
    return str(Path(output).absolute()) if relative else output.rstrip("/")


ACTIONS = {"show": show, "check": check, "ddl": ddl}

if __name__ == "__main__":
    from pipelines.cli import run

    run("schema", sys.argv[1:])
