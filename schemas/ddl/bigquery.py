"""BigQuery (GoogleSQL)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from schemas.ddl.columns import Column
from schemas.ddl.dialect import Dialect, Table, listed


class BigQuery(Dialect):
    """Native tables that LOAD DATA fills.  Clustering takes top-level columns only, so not ``source.domain``."""

    types: ClassVar[Mapping[str, str]] = {
        "string": "STRING",
        "bytes": "BYTES",
        "int": "INT64",
        "long": "INT64",
        "double": "FLOAT64",
        "boolean": "BOOL",
        "timestamp": "TIMESTAMP",
        "date": "DATE",
    }
    quote = "`"
    preamble = ("BigQuery.  Loading needs logical types on, as below; else every time becomes a number.",)

    def relation(self, name: str) -> str:
        """One pair of quotes around ``project.dataset.table``: a project's name may hold a dash."""
        return f"`{name}`"

    def table(self, table: Table) -> str:
        """A native table; each field carries its description."""
        kind = {column.name: column.kind for column in table.columns}[table.partition]
        day = self.quoted(table.partition) if kind == "date" else self.day(self.quoted(table.partition))
        return (
            f"CREATE TABLE IF NOT EXISTS {self.relation(table.name)} (\n"
            f"{listed([self.defined(column) for column in table.columns])}\n)\n"
            f"PARTITION BY {day}\n"
            f"CLUSTER BY {', '.join(self.quoted(name) for name in table.cluster)}\n"
            f"OPTIONS (description = {self.literal(table.doc)});"
        )

    def load(self, table: Table) -> str:
        """LOAD DATA reads from Cloud Storage alone."""
        if not table.location.startswith("gs://"):
            return f"-- LOAD DATA reads gs:// only: copy {table.location} there first, then run this again"
        return (
            f"LOAD DATA INTO {self.relation(table.name)} FROM FILES (\n"
            f"  format = 'AVRO', enable_logical_types = TRUE,\n"
            f"  uris = [{self.literal(table.location + '/*.avro')}]);"
        )

    def unnest(self, array: str, alias: str) -> str:
        """A join with UNNEST."""
        return f"CROSS JOIN UNNEST({array}) AS {alias}"

    def day(self, timestamp: str) -> str:
        """DATE takes UTC where no zone is given."""
        return f"DATE({timestamp})"

    def size(self, array: str) -> str:
        """The number of items."""
        return f"ARRAY_LENGTH({array})"

    def literal(self, text: str) -> str:
        """Backslash escapes, as JSON has them."""
        return json.dumps(text, ensure_ascii=False)

    def defined(self, column: Column) -> str:
        """Its name and type, and what is known of it."""
        return self._field(column, " NOT NULL" if column.required else "")

    def _field(self, column: Column, mode: str = "") -> str:
        """Inside a record every field may be null: a record that is missing has none."""
        described = f" OPTIONS (description = {self.literal(column.doc)})" if column.doc else ""
        return f"{self.quoted(column.name)} {self._typed(column)}{mode}{described}"

    def _typed(self, column: Column) -> str:
        inner = ", ".join(self._field(field) for field in column.fields)
        kind = f"STRUCT<{inner}>" if column.fields else self.types[column.kind]
        return f"ARRAY<{kind}>" if column.repeated else kind
