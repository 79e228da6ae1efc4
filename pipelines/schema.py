"""newsbeam schema: the command."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipelines.options import Parser
from schemas.registry import ARTICLE, OUTCOME, schema_fingerprint, schema_source


def parser() -> Parser:
    """The options of ``newsbeam schema``."""
    made = Parser(prog="newsbeam schema", description="Prints an Avro schema of the output, as JSON.")
    made.add_argument("action", choices=["show"], help="show: the whole schema")
    made.add_argument("name", nargs="?", choices=[ARTICLE, OUTCOME], default=ARTICLE, help="default: %(default)s")
    made.add_argument("--fingerprint", action="store_true", help="print its SHA-256 fingerprint only")
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
    print(schema_fingerprint(parsed.name) if parsed.fingerprint else json.dumps(schema_source(parsed.name), indent=2))
