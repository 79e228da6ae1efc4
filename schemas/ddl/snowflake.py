"""Snowflake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from schemas.ddl.columns import Column
from schemas.ddl.dialect import Dialect, Table, listed

KEYWORDS = {"fetch"}


class Snowflake(Dialect):
    """Plain columns are typed; records and arrays are semi-structured, and the views give their fields types.

    Names stand without quotes, so that a query may write them in any case.  Snowflake's Avro format has no option for
    logical types: times arrive as microseconds, dates as days.
    """

    types: ClassVar[Mapping[str, str]] = {
        "string": "VARCHAR",
        "bytes": "BINARY",
        "int": "NUMBER(10)",
        "long": "NUMBER(19)",
        "double": "FLOAT",
        "boolean": "BOOLEAN",
        "timestamp": "TIMESTAMP_NTZ(6)",
        "date": "DATE",
    }
    quote = ""
    preamble = (
        "Snowflake.  Times are UTC in TIMESTAMP_NTZ columns.  Records are VARIANT: source:domain::VARCHAR.",
        "These statements were checked by a parser, not run on Snowflake.",
    )

    def quoted(self, name: str) -> str:
        """As it is; ``fetch``, a keyword, in quotes, which leave it the same name in capitals."""
        return f'"{name.upper()}"' if name in KEYWORDS else name

    def table(self, table: Table) -> str:
        """A table with a clustering key; Snowflake keeps partitions of its own."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.relation(table.name)} (\n"
            f"{listed([self.defined(each) for each in table.columns])}\n)\n"
            f"CLUSTER BY ({', '.join((table.partition, *table.cluster))})\n"
            f"COMMENT = {self.literal(table.doc)};"
        )

    def load(self, table: Table) -> str:
        """Through a stage; Snowflake remembers for 64 days which files it has loaded."""
        stage = f"{table.name}_stage"
        names = ", ".join(self.quoted(column.name) for column in table.columns)
        picked = listed([self._picked(column) for column in table.columns], "    ")
        return (
            f"CREATE STAGE IF NOT EXISTS {stage} URL = {self.literal(f'{table.location}/')};\n"
            f"COPY INTO {self.relation(table.name)} ({names}) FROM (\n"
            f"  SELECT\n{picked}\n  FROM @{stage}\n)\nFILE_FORMAT = (TYPE = AVRO);"
        )

    def unnest(self, array: str, alias: str) -> str:
        """LATERAL FLATTEN gives an item the name ``value``."""
        return f", LATERAL FLATTEN(INPUT => {array}) AS {alias}"

    def item(self, alias: str) -> str:
        """The item of a flattened array."""
        return f"{alias}.value"

    def member(self, owner: str, column: Column) -> str:
        """A path into a VARIANT, with its type."""
        return self._typed_value(f"{owner}:{column.name}", column)

    def size(self, array: str) -> str:
        """The number of items."""
        return f"ARRAY_SIZE({array})"

    def defined(self, column: Column) -> str:
        """Its name and type, and what is known of it."""
        required = " NOT NULL" if column.required else ""
        return f"{self.quoted(column.name)} {self._typed(column)}{required} COMMENT {self.literal(column.doc)}"

    def _typed(self, column: Column) -> str:
        if column.repeated:
            return "ARRAY"
        return "VARIANT" if column.fields else self.types[column.kind]

    def _picked(self, column: Column) -> str:
        return self._typed_value(f"$1:{column.name}", column)

    def _typed_value(self, value: str, column: Column) -> str:
        if column.repeated or column.fields:
            return f"{value}::{self._typed(column)}"
        if column.kind == "timestamp":
            return f"TO_TIMESTAMP_NTZ({value}::NUMBER, 6)"
        if column.kind == "date":
            return f"DATEADD(day, {value}::NUMBER, '1970-01-01'::DATE)"
        return f"{value}::{self.types[column.kind]}"
