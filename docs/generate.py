#!/usr/bin/env python3
"""Writes the pages of the documentation that are made from the code.  `make docs` runs it; a test runs it and compares.

python docs/generate.py [FOLDER]
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from fastavro.schema import fingerprint, to_parsing_canonical_form

from pipelines.cli import COMMANDS, help_text
from schemas.ddl.columns import Column, columns_of, walk
from schemas.meanings import MEANINGS
from schemas.messages import mark_of
from schemas.outcome import OK_KINDS, RETRYABLE_KINDS, OutcomeKind
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.released import released_schema, released_versions

NAMES = (ARTICLE, OUTCOME)


RELEASES = "| version | article | outcome | article in messages | outcome in messages |"
"""The parsing canonical form by SHA-256, and by CRC-64-AVRO as single-object encoding has it."""


def commands_page() -> str:
    """Every command with all its options, as ``--help`` prints them."""
    os.environ["COLUMNS"] = "110"
    parts = ["# Commands", "", "Made from the code by `make docs`.", "", "    newsbeam --help", "", _block(help_text())]
    for name, (module, _) in COMMANDS.items():
        text = importlib.import_module(module).parser().format_help()
        parts += ["", f"## newsbeam {name}", "", _block(text)]
    return "\n".join(parts) + "\n"


def outcomes_page() -> str:
    """Every outcome with its meaning."""
    fields = [(field["name"], field["doc"].replace("|", "/")) for field in schema_source("outcome")["fields"]]
    rows = [f"| `{kind}` | {_yes(kind in OK_KINDS)} | {_retry(kind)} | {MEANINGS[kind]} |" for kind in OutcomeKind]
    return "\n".join(
        [
            "# Outcomes",
            "",
            "Made from the code by `make docs`. Each URL that a run touches has exactly one row. The list is open: a",
            "later version may add a kind. Rows that are not ok carry what the step failed on in `payload`.",
            "",
            "| outcome | ok | worth another try | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Fields",
            "",
            "| field | meaning |",
            "|---|---|",
            *(f"| `{name}` | {doc} |" for name, doc in fields),
            "",
        ]
    )


def schema_page() -> str:
    """The contract with its rules, and a table of every field of both schemas."""
    rules = (Path(__file__).parent / "schema.md.in").read_text(encoding="utf-8")
    parts = [rules.rstrip(), "", "## Releases", "", RELEASES, "|---|---|---|---|---|"]
    parts += [_release(version) for version in released_versions()]
    for name in NAMES:
        source = schema_source(name)
        parts += [
            "",
            f"## {source['name']}",
            "",
            f"{source['doc']}.",
            "",
            "| field | type | meaning |",
            "|---|---|---|",
        ]
        parts += [_field(path, column) for path, column in walk(columns_of(source))]
    return "\n".join(parts) + "\n"


PAGES = {"commands.md": commands_page, "schema.md": schema_page, "outcomes.md": outcomes_page}


def _release(version: str) -> str:
    schemas = [released_schema(version, name) for name in NAMES]
    digests = [f"{fingerprint(to_parsing_canonical_form(schema), 'SHA-256')[:16]}…" for schema in schemas]
    return f"| {version} | " + " | ".join(f"`{mark}`" for mark in (*digests, *map(_in_messages, schemas))) + " |"


def _in_messages(schema: dict[str, Any]) -> str:
    return mark_of(schema).hex(" ")


def _field(path: str, column: Column) -> str:
    kind = f"{column.kind}, or null" if column.nullable else column.kind
    kind = f"array of {column.kind}" if column.repeated else kind
    return f"| `{path}` | {kind} | {column.doc.replace('|', '/')} |"


def _block(text: str) -> str:
    return "```text\n" + text.rstrip() + "\n```"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _retry(kind: OutcomeKind) -> str:
    return "by status" if kind is OutcomeKind.HTTP_ERROR else _yes(kind in RETRYABLE_KINDS)


def main() -> None:
    """Writes the pages."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
