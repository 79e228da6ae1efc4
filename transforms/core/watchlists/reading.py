"""Watchlists out of files: CSV with a header, or JSON Lines.

A row has ``name`` and may have ``type`` (one of the types of an entity), ``uri``, ``aliases`` and ``context`` (words
that stand near when it is meant).  In CSV aliases and context words are parted by ``|``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.core.entities.names import TYPES
from transforms.core.watchlists.matching import Entry, Watchlist

FIELDS = ("name", "type", "uri", "aliases", "context")
LONGEST = 200
"""Characters of a name: more is a broken row."""


class BadWatchlist(ValueError):
    """A row that cannot be used; says its line, counted from 1, and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def read_watchlist(data: bytes, *, suffix: str, digest: str) -> Watchlist:
    """The watchlist in a file of the ending ``suffix`` (``.csv``, ``.jsonl``); ``digest`` is that of ``data``.

    Raises `BadWatchlist` for the first bad row, and for a list without any.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadWatchlist(data[: error.start].count(b"\n") + 1, f"not UTF-8: {error.reason}") from None
    rows = _csv_rows(text) if suffix == ".csv" else _json_rows(text)
    entries = tuple(_entry(number, row) for number, row in rows)
    if not entries:
        raise BadWatchlist(1, "no entries")
    return Watchlist(entries, digest)


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        _check_header(header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _csv_row(reader.line_num, header, cells)
    except csv.Error as error:
        raise BadWatchlist(reader.line_num, str(error)) from None


def _check_header(header: list[str]) -> None:
    if "name" not in header:
        raise BadWatchlist(1, f"the header must have 'name' (columns: {', '.join(FIELDS)})")
    if unknown := [name for name in header if name not in FIELDS]:
        raise BadWatchlist(1, f"unknown column '{unknown[0]}' (columns: {', '.join(FIELDS)})")


def _csv_row(line: int, header: list[str], cells: list[str]) -> Mapping[str, Any]:
    if len(cells) != len(header):
        raise BadWatchlist(line, f"{len(cells)} cells under {len(header)} columns")
    row: dict[str, Any] = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    for field in ("aliases", "context"):
        row[field] = [part.strip() for part in row.get(field, "").split("|") if part.strip()]
    return row


def _json_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # RecursionError: 100,000 opening brackets
            raise BadWatchlist(number, f"not a line of JSON: {error}") from None
        if not isinstance(row, dict):
            raise BadWatchlist(number, "not a JSON object")
        if unknown := [name for name in row if name not in FIELDS]:
            raise BadWatchlist(number, f"unknown field '{unknown[0]}' (fields: {', '.join(FIELDS)})")
        yield number, row


def _entry(line: int, row: Mapping[str, Any]) -> Entry:
    name, label, uri = _text(line, row, "name"), _text(line, row, "type"), _text(line, row, "uri")
    if not name:
        raise BadWatchlist(line, "'name' is empty")
    if label and label not in TYPES:
        raise BadWatchlist(line, f"'{label}' is no type (types: {', '.join(sorted(TYPES))})")
    if uri and (":" not in uri or any(char.isspace() for char in uri)):
        raise BadWatchlist(line, f"'{uri}' is no URI")
    return Entry(name, label or None, uri or None, _texts(line, row, "aliases"), _texts(line, row, "context"))


def _text(line: int, row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadWatchlist(line, f"'{field}' must be text")
    if len(value) > LONGEST and field == "name":
        raise BadWatchlist(line, f"'{field}' is longer than {LONGEST} characters")
    return " ".join(value.split())


def _texts(line: int, row: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = row.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadWatchlist(line, f"'{field}' must be a list of texts")
    cleaned = (" ".join(value.split()) for value in values)
    return tuple(dict.fromkeys(value for value in cleaned if value))
