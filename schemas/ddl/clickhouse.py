"""ClickHouse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from schemas.ddl.columns import Column
from schemas.ddl.dialect import Dialect, Table, listed


class ClickHouse(Dialect):
    """ReplacingMergeTree: copies of a row that were loaded twice go in the background, and the views do not wait.

    A Tuple cannot be null: the fields of a record that may be missing are Nullable instead, all null where it is.
    """

    types: ClassVar[Mapping[str, str]] = {
        "string": "String",
        "bytes": "String",
        "int": "Int32",
        "long": "Int64",
        "double": "Float64",
        "boolean": "Bool",
        "timestamp": "DateTime64(6, 'UTC')",
        "date": "Date32",
    }
    quote = "`"
    preamble = ("ClickHouse.",)

    def table(self, table: Table) -> str:
        """A table sorted for looking up an article; a month a part, rows without a date in one of 1970."""
        column = next(column for column in table.columns if column.name == table.partition)
        day = self.quoted(table.partition)
        day = f"ifNull({day}, toDate32('1970-01-01'))" if column.nullable else day
        order = ", ".join(self._key(name, table) for name in dict.fromkeys((*table.cluster, *table.key)))
        return (
            f"CREATE TABLE IF NOT EXISTS {self.relation(table.name)} (\n"
            f"{listed([self.defined(each) for each in table.columns])}\n)\n"
            f"ENGINE = ReplacingMergeTree\n"
            f"PARTITION BY toYYYYMM({day})\n"
            f"ORDER BY ({order})\n"
            f"COMMENT {self.literal(table.doc)};"
        )

    def load(self, table: Table) -> str:
        """From a folder below ``user_files_path``, or from a bucket over https or s3."""
        names = ", ".join(self.quoted(column.name) for column in table.columns)
        place = self.literal(f"{table.location}/*/*.avro")
        source = f"s3({place}, 'Avro')" if "://" in table.location else f"file({place}, 'Avro')"
        return (
            f"INSERT INTO {self.relation(table.name)} ({names})\n"
            f"SELECT {names} FROM {source}\n"
            f"SETTINGS input_format_null_as_default = 1, input_format_avro_allow_missing_fields = 1;"
        )

    def unnest(self, array: str, alias: str) -> str:
        """ARRAY JOIN."""
        return f"ARRAY JOIN {array} AS {alias}"

    def unnest_both(self, relation: str, outer: tuple[str, str], inner: tuple[str, str]) -> str:
        """A query takes one ARRAY JOIN, so the first is a query of its own."""
        first = " ".join(["(SELECT a.*,", outer[1], "FROM", relation, self.unnest(*outer), ") AS a"])
        return f"{first}\n{self.unnest(*inner)}"

    def day(self, timestamp: str) -> str:
        """In UTC, whatever the server's zone."""
        return f"toDate({timestamp}, 'UTC')"

    def size(self, array: str) -> str:
        """The number of items."""
        return f"length({array})"

    def literal(self, text: str) -> str:
        """With a backslash before what would end the string."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def _key(self, name: str, table: Table) -> str:
        """Keys take no null."""
        column = next(column for column in table.columns if column.name == name)
        return f"ifNull({self.quoted(name)}, '')" if column.nullable else self.quoted(name)

    def defined(self, column: Column) -> str:
        """Its name and type, and what is known of it."""
        return f"{self.quoted(column.name)} {self._typed(column)} COMMENT {self.literal(column.doc)}"

    def _typed(self, column: Column, *, nullable: bool = False) -> str:
        if column.fields:
            missing = nullable or column.nullable
            inner = ", ".join(f"{self.quoted(f.name)} {self._typed(f, nullable=missing)}" for f in column.fields)
            kind = f"Tuple({inner})"
        else:
            kind = self.types[column.kind]
            kind = f"Nullable({kind})" if (nullable or column.nullable) and not column.repeated else kind
        return f"Array({kind})" if column.repeated else kind
