"""CSV lists: a header with the keys of a source, one source a row."""

from __future__ import annotations

import csv
import io

from transforms.core.sources.checks import KEYS, unknown_key
from transforms.core.sources.records import RawList, RawSource, SourceError

DELIMITERS = (",", ";", "\t")


def read_csv(text: str, name: str) -> RawList:
    """Sources and errors.  Commas, semicolons or tabs part the columns: whichever the header uses most."""
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = _numbered_rows(reader)
    except csv.Error as error:
        return RawList(errors=(SourceError(name, reader.line_num, f"CSV: {error}"),))
    if not rows:
        return RawList()
    (header_number, header), *body = rows
    keys = [cell.strip().lower() for cell in header]
    errors = _header_errors(keys, header_number, name)
    return RawList(errors=tuple(errors)) if errors else _sources(keys, body, name)


def _numbered_rows(reader: object) -> list[tuple[int, list[str]]]:
    """Rows with the line on which each begins: a quoted cell may span lines."""
    rows, begins = [], 1
    for row in reader:  # type: ignore[attr-defined]  # csv's reader type is private
        if any(cell.strip() for cell in row):
            rows.append((begins, row))
        begins = reader.line_num + 1  # type: ignore[attr-defined]  # csv's reader type is private
    return rows


def _header_errors(keys: list[str], line: int, name: str) -> list[SourceError]:
    errors = [SourceError(name, line, unknown_key(key)) for key in keys if key not in KEYS]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    errors += [SourceError(name, line, f"column {key!r} twice") for key in repeated]
    if "url" not in keys:
        errors.append(SourceError(name, line, "no column 'url' in the header"))
    return errors


def _sources(keys: list[str], rows: list[tuple[int, list[str]]], name: str) -> RawList:
    errors = tuple(
        SourceError(name, line, f"{len(row)} cells where the header has {len(keys)}")
        for line, row in rows
        if len(row) > len(keys)
    )
    sources = tuple(
        RawSource(line, tuple((key, cell.strip()) for key, cell in zip(keys, row, strict=False)))  # short rows are fine
        for line, row in rows
    )
    return RawList(sources, errors)
