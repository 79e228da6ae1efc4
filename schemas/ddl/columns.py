"""An Avro record schema as a tree of columns: what every engine's tables are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RECORD = "record"

LOGICAL_TYPES = {"timestamp-micros": "timestamp", "date": "date"}


@dataclass(frozen=True, slots=True)
class Column:
    """One field.

    ``kind`` is string, bytes, int, long, double, boolean, timestamp, date or record; ``repeated`` says that there is an
    array of it.  ``nullable`` is what the field's type says; ``required`` that every version of the schema fills it,
    because it has no default: only such a column may be NOT NULL in a table that old files are loaded into.
    """

    name: str
    kind: str
    doc: str
    repeated: bool = False
    nullable: bool = False
    required: bool = True
    fields: tuple[Column, ...] = ()


def columns_of(schema: dict[str, Any]) -> tuple[Column, ...]:
    """The columns of a record schema, in order.  Raises ValueError for a type that the contract does not use."""
    return tuple(_column(field) for field in schema["fields"])


def column_at(columns: tuple[Column, ...], path: tuple[str, ...]) -> Column:
    """The column at ``path``, such as ``("source", "domain")``.  Raises KeyError where there is none."""
    found = {column.name: column for column in columns}[path[0]]
    return column_at(found.fields, path[1:]) if path[1:] else found


def walk(columns: tuple[Column, ...], above: str = "") -> Iterator[tuple[str, Column]]:
    """(path such as ``quotations[].text``, column) for every column at every depth, in order."""
    for column in columns:
        path = f"{above}{column.name}{'[]' if column.repeated else ''}"
        yield path, column
        yield from walk(column.fields, f"{path}.")


def _column(field: dict[str, Any]) -> Column:
    kind, nullable = _without_null(field["type"])
    repeated = isinstance(kind, dict) and kind["type"] == "array"
    kind = kind["items"] if repeated else kind
    return Column(
        name=field["name"],
        kind=_kind(kind),
        doc=field.get("doc", ""),
        repeated=repeated,
        nullable=nullable,
        required=not nullable and not repeated and "default" not in field,
        fields=columns_of(kind) if isinstance(kind, dict) and kind["type"] == RECORD else (),
    )


def _without_null(kind: Any) -> tuple[Any, bool]:
    if not isinstance(kind, list):
        return kind, False
    if len(kind) != 2 or kind[0] != "null":
        raise ValueError(f"a union other than null and one type: {kind}")
    return kind[1], True


def _kind(kind: Any) -> str:
    name = kind if isinstance(kind, str) else LOGICAL_TYPES.get(kind.get("logicalType"), kind["type"])
    if name not in {"string", "bytes", "int", "long", "double", "boolean", RECORD, *LOGICAL_TYPES.values()}:
        raise ValueError(f"a type that not every engine reads: {kind}")
    return str(name)
