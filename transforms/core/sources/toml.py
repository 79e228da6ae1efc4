"""TOML lists: one ``[[source]]`` table a source.

``tomllib`` gives no line numbers, so they are found again in the text: tables by their header, keys by their name.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from transforms.core.sources.checks import unknown_key
from transforms.core.sources.records import RawList, RawSource, SourceError

TABLE_NAMES = ("source", "sources", "feed", "feeds")

_HEADER = re.compile(r"\s*\[\[\s*[\"']?([A-Za-z]+)[\"']?\s*\]\]")
_KEY = re.compile(r"\s*(?:\"([^\"]+)\"|'([^']+)'|([A-Za-z0-9_-]+))\s*=")
_ERROR_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


def read_toml(text: str, name: str) -> RawList:
    """Sources and errors of a list of ``[[source]]`` tables."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return RawList(errors=(_syntax_error(str(error), text, name),))
    lines = text.splitlines()
    errors = [
        SourceError(name, line_of_key(lines, key), unknown_key(key, TABLE_NAMES))
        for key in document
        if key not in TABLE_NAMES
    ]
    sources: list[RawSource] = []
    for table_name in (key for key in document if key in TABLE_NAMES):
        found = _tables(document[table_name], table_name, lines)
        if isinstance(found, str):
            errors.append(SourceError(name, line_of_key(lines, table_name), found))
        else:
            sources.extend(found)
    return RawList(tuple(sorted(sources, key=lambda source: source.line)), tuple(errors))


def _syntax_error(message: str, text: str, name: str) -> SourceError:
    place = _ERROR_LINE.search(message)
    line = int(place[1]) if place and place[1] else max(1, len(text.splitlines()))
    return SourceError(name, line, f"TOML: {_ERROR_LINE.sub('', message)}")


def line_of_key(lines: list[str], key: str) -> int:
    """The first line that speaks of ``key``, as a key or a table; 1 if none does."""
    pattern = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:[=:.\]]|$)")
    return next((number for number, line in enumerate(lines, start=1) if pattern.match(line)), 1)


def _tables(tables: Any, table_name: str, lines: list[str]) -> list[RawSource] | str:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return f"{table_name!r} must be tables: [[{table_name}]]"
    begins = [number for number, line in enumerate(lines, start=1) if _header_name(line) == table_name]
    if len(begins) != len(tables):  # an inline array of tables: all of them where it begins
        return [RawSource(line_of_key(lines, table_name), tuple(table.items())) for table in tables]
    return [
        RawSource(begin, tuple(table.items()), _key_lines(lines, begin))
        for begin, table in zip(begins, tables, strict=True)
    ]


def _header_name(line: str) -> str | None:
    header = _HEADER.match(line)
    return header[1] if header else None


def _key_lines(lines: list[str], begin: int) -> tuple[tuple[str, int], ...]:
    """The keys between a table's header and the next, each with its first line."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines[begin:], start=begin + 1):
        if line.lstrip().startswith("["):
            break
        if key := _KEY.match(line):
            found.setdefault(key[1] or key[2] or key[3], number)
    return tuple(found.items())
