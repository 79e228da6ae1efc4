"""Rows made from a schema alone, for golden files, examples and measurements: invented, and the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

DAY_ONE = datetime(2026, 3, 1, 7, 30, 15, 123456, tzinfo=UTC)
"""A time with every unit in use, so that a rounded or shifted one shows."""

BEYOND_THE_PLANE = "𝄞"
"""A code point that UTF-16 counts as two."""

ITEMS = 2
"""Items in each array of a filled row."""


def sample_rows(schema: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """``count`` rows of a record schema: by turns everything is filled, only what has no default, and every other."""
    for number in range(count):
        yield _record(schema, number, keep=number % 3)


def _record(schema: dict[str, Any], number: int, keep: int) -> dict[str, Any]:
    fields = enumerate(schema["fields"])
    return {field["name"]: _field(field, number, keep, filled=_is_filled(keep, at)) for at, field in fields}


def _is_filled(keep: int, position: int) -> bool:
    return keep == 0 or (keep == 2 and position % 2 == 0)


def _field(field: dict[str, Any], number: int, keep: int, *, filled: bool) -> Any:
    if "default" in field and not filled:
        return field["default"]
    return _value(field["type"], field["name"], number, keep)


def _value(kind: Any, name: str, number: int, keep: int) -> Any:
    if isinstance(kind, list):
        return _value(next(branch for branch in kind if branch != "null"), name, number, keep)
    if isinstance(kind, str):
        return _plain(kind, name, number)
    if kind["type"] == "record":
        return _record(kind, number, keep)
    if kind["type"] == "array":
        return [_value(kind["items"], name, number * ITEMS + item, keep) for item in range(ITEMS)]
    return _logical(kind, number)


def _plain(kind: str, name: str, number: int) -> Any:
    values: dict[str, Any] = {
        "string": f"{name} {number} {BEYOND_THE_PLANE}",
        "bytes": f"{name} {number}".encode(),
        "int": number + 1,
        "long": 2**40 + number,
        "double": 0.5 / (number + 1),
        "boolean": number % 2 == 0,
    }
    return values[kind]


def _logical(kind: dict[str, Any], number: int) -> datetime | date:
    moment = DAY_ONE + timedelta(days=number)
    return moment.date() if kind["logicalType"] == "date" else moment
