#!/usr/bin/env python3
"""Writes the files of deploy/ that are made from the code.  `make docs` runs it; a test runs it and compares.

python deploy/generate.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pipelines.flex_template import TEMPLATES, metadata
from schemas.ddl.bigquery import BigQuery
from schemas.ddl.columns import Column
from schemas.ddl.script import Names, tables_of, views_of

DATASET = "${dataset}"
"""What templatefile() of Terraform puts the dataset's name in place of."""

RECORD_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}
"""BigQuery's API has older names than its SQL."""


def tables() -> dict[str, Any]:
    """BigQuery's tables and views as its API takes them: what `newsbeam schema ddl --engine bigquery` says in SQL."""
    names, dialect = Names(dataset=DATASET), BigQuery()
    tables = tables_of(names)
    own = {table.name for table in tables}
    views = {
        view.name.removeprefix(f"{DATASET}."): {
            "description": view.doc,
            "query": view.select,
            # A view over views can be made only after these.
            "over_views": not any(f"`{table}`" in view.select for table in own),
        }
        for view in views_of(dialect, names)
    }
    return {
        "tables": {
            table.name.removeprefix(f"{DATASET}."): {
                "description": table.doc,
                "partition": table.partition,
                "cluster": list(table.cluster),
                "schema": [field(column, dialect) for column in table.columns],
            }
            for table in tables
        },
        "views": views,
    }


def field(column: Column, dialect: BigQuery, *, within: bool = False) -> dict[str, Any]:
    """One field; inside a record every one may be null, as in the SQL."""
    kind = "RECORD" if column.fields else dialect.types[column.kind]
    required = column.required and not within
    made = {
        "name": column.name,
        "type": RECORD_TYPES.get(kind, kind),
        "mode": "REPEATED" if column.repeated else "REQUIRED" if required else "NULLABLE",
        "description": column.doc,
    }
    if column.fields:
        return {**made, "fields": [field(inner, dialect, within=True) for inner in column.fields]}
    return made


def files() -> dict[str, Any]:
    """Path below deploy/ to the document that belongs there."""
    made = {f"dataflow/{command}.metadata.json": metadata(command) for command in TEMPLATES}
    return {**made, "terraform/tables.json": tables()}


def main() -> None:
    """Writes the files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, document in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
