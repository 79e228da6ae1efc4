"""newsbeam schema: the command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser
from schemas.fit import Verdict, check_copy, check_file
from schemas.registry import (
    ARTICLE,
    CONTAINER_MAGIC,
    OUTCOME,
    NotASchema,
    schema_fingerprint,
    schema_inside,
    schema_source,
)

DESCRIPTION = """\
The contract for warehouses: prints the Avro schemas, and says whether a copy of yours fits."""

EXAMPLES = """\
examples:
  newsbeam schema show outcome
  newsbeam schema check our-copy.avsc archive/2025-*.avro

check: a .avsc fits where it reads what newsbeam writes today, a .avro where today's schema reads it.
Exit status: 0 all fit, 1 one does not, 2 one cannot be read."""

LARGEST_SCHEMA = 4 * 1024 * 1024
"""Bytes: of a file of articles only the schema at its head is read."""


def parser() -> Parser:
    """The options of ``newsbeam schema``."""
    made = Parser(prog="newsbeam schema", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument("action", choices=list(ACTIONS), help="show: the whole schema; check: does a copy fit")
    made.add_argument(
        "values", nargs="*", metavar="NAME|FILE", help="show: article (default) or outcome; check: .avsc or .avro files"
    )
    made.add_argument("--fingerprint", action="store_true", help="show: its SHA-256 fingerprint only")
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
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
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_SCHEMA)
        schema = schema_inside(data)
    except (OSError, NotASchema) as error:
        print(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")
        return None
    verdict = (check_file if data.startswith(CONTAINER_MAGIC) else check_copy)(schema)
    print(f"{path}: " + "\n".join(verdict.lines))
    return verdict


ACTIONS = {"show": show, "check": check}

if __name__ == "__main__":
    from pipelines.cli import run

    run("schema", sys.argv[1:])
