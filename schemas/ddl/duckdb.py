"""DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from schemas.ddl.columns import Column
from schemas.ddl.dialect import Dialect, Table, listed


class DuckDB(Dialect):
    """Tables without partitions: DuckDB prunes by the ranges of each row group, so rows are loaded in order."""

    types: ClassVar[Mapping[str, str]] = {
        "string": "VARCHAR",
        "bytes": "BLOB",
        "int": "INTEGER",
        "long": "BIGINT",
        "double": "DOUBLE",
        "boolean": "BOOLEAN",
        "timestamp": "TIMESTAMP",
        "date": "DATE",
    }
    preamble = (
        "DuckDB.  Times are UTC in TIMESTAMP columns, which carry no zone; its Avro reader drops the zone.",
        "Once for each machine: INSTALL avro; LOAD avro;",
    )

    def table(self, table: Table) -> str:
        """A table and its comments."""
        name = self.relation(table.name)
        made = f"CREATE TABLE IF NOT EXISTS {name} (\n{listed([self.defined(each) for each in table.columns])}\n);"
        comments = [f"COMMENT ON TABLE {name} IS {self.literal(table.doc)};"]
        for column in table.columns:
            comments.append(f"COMMENT ON COLUMN {name}.{self.quoted(column.name)} IS {self.literal(column.doc)};")
        return "\n".join([made, *comments])

    def load(self, table: Table) -> str:
        """All files at once.  Files of two schema versions are loaded one folder at a time: the reader takes the
        columns of the first."""
        order = ", ".join(self.quoted(name) for name in (table.partition, *table.cluster))
        files = self.literal(f"{table.location}/*/*.avro")
        return (
            f"INSERT INTO {self.relation(table.name)} BY NAME\n"
            f"SELECT * FROM read_avro({files}, hive_partitioning = false)\n"
            f"ORDER BY {order};"
        )

    def unnest(self, array: str, alias: str) -> str:
        """A lateral join."""
        return f'CROSS JOIN UNNEST({array}) AS {alias}_("{alias}")'

    def size(self, array: str) -> str:
        """The number of items."""
        return f"LEN({array})"

    def defined(self, column: Column) -> str:
        """Its name and type, and what is known of it."""
        return f"{self.quoted(column.name)} {self._typed(column)}{' NOT NULL' if column.required else ''}"

    def _typed(self, column: Column) -> str:
        inner = ", ".join(f"{self.quoted(field.name)} {self._typed(field)}" for field in column.fields)
        kind = f"STRUCT({inner})" if column.fields else self.types[column.kind]
        return f"{kind}[]" if column.repeated else kind
