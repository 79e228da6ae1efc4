"""What several test files need: captures of the demo edition, and a view of what a run left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import fastavro

from pipelines.demo.publishers import load_publishers

NOW = "2026-11-15T21:00:00Z"

Capture = tuple[str, bytes, str]
"""(address, body, content type)"""


def edition_captures() -> list[Capture]:
    """Every page of the demo edition that a run should write, as if it stood at an address of its own."""
    found = []
    for publisher in load_publishers():
        origin = f"https://{publisher.key}.example"
        for file in publisher.files:
            if file.name.startswith("written--"):
                body = file.body.replace(b"{{base}}", origin.encode())
                found.append((origin + file.path, body, file.content_type))
    return found


class Output:
    """What a run left in its output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The rows below ``kind``, ``articles`` or ``outcomes``."""
        found: list[dict[str, Any]] = []
        for path in sorted(self.folder.glob(f"{kind}/date=*/*.avro")):
            with path.open("rb") as file:
                rows: Any = fastavro.reader(file)
                found.extend(rows)
        return found

    def outcomes(self) -> Mapping[str, str]:
        """URL to outcome; fails where a URL has two."""
        rows = self.rows("outcomes")
        assert len({row["url"] for row in rows}) == len(rows)
        return {row["url"]: row["outcome"] for row in rows}

    def manifest(self) -> dict[str, Any]:
        """The one manifest."""
        (path,) = self.folder.glob("runs/*.json")
        return dict(json.loads(path.read_text()))

    def bytes_by_name(self) -> dict[str, bytes]:
        """Every file, hidden ones included."""
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}


def texts_in(value: object) -> Iterator[str]:
    """Every text in a record or a row, at any depth.  (Its ``repr`` would hide what cannot be written.)"""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)
    elif is_dataclass(value):
        yield from texts_in(vars_of(value))


def vars_of(record: object) -> dict[str, object]:
    """The fields of a frozen record, with slots or without."""
    return {field.name: getattr(record, field.name) for field in fields(record)}  # type: ignore[arg-type]
