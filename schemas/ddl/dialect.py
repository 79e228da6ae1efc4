"""What differs from one engine to the next: the words for types, arrays, quotes and loading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemas.ddl.columns import Column


@dataclass(frozen=True, slots=True)
class Table:
    """A table to make.  ``partition`` is a date, or a timestamp whose UTC day counts; ``cluster`` sorts within it.

    ``key`` tells copies of one row; ``location`` is the folder of its files, empty where nobody said.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    partition: str
    cluster: tuple[str, ...]
    key: tuple[str, ...]
    location: str = ""


class Dialect(ABC):
    """The SQL of one engine.  `quoted`, `member` … give pieces of SQL; `table` and `load` whole statements."""

    types: ClassVar[Mapping[str, str]]
    quote = '"'
    preamble: Sequence[str] = ()
    """Comments at the head of the script."""

    def quoted(self, name: str) -> str:
        """A column's name as it stands in SQL."""
        return f"{self.quote}{name}{self.quote}"

    def relation(self, name: str) -> str:
        """A table's or view's name, which may be qualified: ``dataset.name``."""
        return ".".join(self.quoted(part) for part in name.split("."))

    @abstractmethod
    def table(self, table: Table) -> str:
        """The statements that make a table, over its files where the engine reads them in place."""

    @abstractmethod
    def defined(self, column: Column) -> str:
        """A column as it stands in the list of a table's columns."""

    def added(self, name: str, column: Column) -> str:
        """The statement that gives the table ``name``, which is there, one more column."""
        return f"ALTER TABLE {self.relation(name)} ADD COLUMN IF NOT EXISTS {self.defined(column)};"

    @abstractmethod
    def load(self, table: Table) -> str:
        """The statement that loads the files of ``table.location``; a comment where the engine has none for it."""

    @abstractmethod
    def unnest(self, array: str, alias: str) -> str:
        """What stands after a relation in FROM, so that each item of ``array`` is a row under ``alias``."""

    def member(self, owner: str, column: Column) -> str:
        """The field ``column`` of the record ``owner``."""
        return f"{owner}.{self.quoted(column.name)}"

    def unnest_both(self, relation: str, outer: tuple[str, str], inner: tuple[str, str]) -> str:
        """What stands in FROM, so that each item of an array inside each item of an array is a row.

        Each pair is (array, alias); the inner array is a field of the outer alias.
        """
        return f"{relation}\n{self.unnest(*outer)}\n{self.unnest(*inner)}"

    def item(self, alias: str) -> str:
        """An item that `unnest` gives."""
        return alias

    def day(self, timestamp: str) -> str:
        """The UTC day of a timestamp."""
        return f"CAST({timestamp} AS DATE)"

    def size(self, array: str) -> str:
        """The number of items."""
        return f"CARDINALITY({array})"

    def literal(self, text: str) -> str:
        """``text`` as an SQL string."""
        return "'" + text.replace("'", "''") + "'"

    def view(self, name: str, doc: str, select: str) -> str:
        """The statement that makes a view."""
        return f"-- {doc}\nCREATE OR REPLACE VIEW {self.relation(name)} AS\n{select};"


def listed(lines: Sequence[str], indent: str = "  ") -> str:
    """Lines of a column list."""
    return ",\n".join(indent + line for line in lines)
