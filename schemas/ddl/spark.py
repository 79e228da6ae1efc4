"""Spark SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from schemas.ddl.columns import Column
from schemas.ddl.dialect import Dialect, Table, listed


class Spark(Dialect):
    """Tables over the files where they lie, partitioned as they are: by the day of the run."""

    types: ClassVar[Mapping[str, str]] = {
        "string": "STRING",
        "bytes": "BINARY",
        "int": "INT",
        "long": "BIGINT",
        "double": "DOUBLE",
        "boolean": "BOOLEAN",
        "timestamp": "TIMESTAMP",
        "date": "DATE",
    }
    quote = "`"
    preamble = (
        "Spark.  Start it with --packages org.apache.spark:spark-avro_2.13:VERSION, VERSION being Spark's own.",
        "Times are instants, shown in spark.sql.session.timeZone: set that to UTC.",
    )

    def table(self, table: Table) -> str:
        """An external table over ``output``; ``date`` is the day of the run, from the folder's name."""
        day = "`date` DATE COMMENT 'UTC day of the run'"
        place = f"\nLOCATION {self.literal(table.location)}" if table.location else ""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.relation(table.name)} (\n"
            f"{listed([*(self.defined(each) for each in table.columns), day])}\n)\n"
            f"USING avro\n"
            f"PARTITIONED BY (`date`)\n"
            f"COMMENT {self.literal(table.doc)}{place};"
        )

    def load(self, table: Table) -> str:
        """Nothing is copied; a day that is new has to be found."""
        return f"MSCK REPAIR TABLE {self.relation(table.name)};"

    def unnest(self, array: str, alias: str) -> str:
        """LATERAL VIEW."""
        return f"LATERAL VIEW EXPLODE({array}) {alias}_ AS {alias}"

    def day(self, timestamp: str) -> str:
        """In UTC, whatever the session's zone."""
        return f"TO_DATE(TO_UTC_TIMESTAMP({timestamp}, CURRENT_TIMEZONE()))"

    def literal(self, text: str) -> str:
        """With a backslash before what would end the string."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def added(self, name: str, column: Column) -> str:
        """Spark has no IF NOT EXISTS for columns."""
        return f"ALTER TABLE {self.relation(name)} ADD COLUMNS ({self.defined(column)});"

    def defined(self, column: Column) -> str:
        """Its name and type, and what is known of it."""
        return f"{self.quoted(column.name)} {self._typed(column)} COMMENT {self.literal(column.doc)}"

    def _typed(self, column: Column) -> str:
        inner = ", ".join(f"{self.quoted(field.name)}: {self._typed(field)}" for field in column.fields)
        kind = f"STRUCT<{inner}>" if column.fields else self.types[column.kind]
        return f"ARRAY<{kind}>" if column.repeated else kind
