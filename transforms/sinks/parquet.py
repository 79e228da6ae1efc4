"""The same rows in columns: Parquet files in the same partitions, nested as the rows are, times in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet as pq

from schemas.article import SCHEMA_VERSION
from schemas.registry import schema_fingerprint, schema_source
from transforms.core.layout import FOLDERS, NAME_DIGITS, WORK_FOLDER, RunLayout
from transforms.filesystem import create, join, list_files, move, problem_with, remove
from transforms.sinks.destination import Delivered, SinkFailed, SinkFile, one_by_one, rows_of

COMPRESSION = "snappy"
"""What every reader of Parquet has."""

GROUP_ROWS = 5_000
GROUP_BYTES = 64 * 1024 * 1024
"""A row group ends at so many rows, or at about so many bytes of text: one group is held in memory."""

PLAIN_TYPES = {
    "string": pa.string(),
    "bytes": pa.binary(),
    "int": pa.int32(),
    "long": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
}
LOGICAL_TYPES = {"timestamp-micros": pa.timestamp("us", tz="UTC"), "date": pa.date32()}


@dataclass(frozen=True)
class ParquetFolder:
    """Parquet files below ``base``, in folders like those of OUTPUT."""

    schema: str
    base: str

    def __str__(self) -> str:
        return f"parquet:{self.base}"

    def problem(self) -> str | None:
        """Whether a file can be written there is tried."""
        if problem := problem_with(self.base):
            return problem
        probe = join(self.base, WORK_FOLDER, "probe")
        try:
            with create(probe):
                pass
            remove([probe])
        except (OSError, ValueError) as error:
            return f"cannot be written: {getattr(error, 'strerror', None) or error}"
        return None

    def portions(self, files: Sequence[SinkFile]) -> list[tuple[SinkFile, ...]]:
        """Each file becomes one."""
        return one_by_one(files)

    def deliver(self, portion: Sequence[SinkFile], layout: RunLayout) -> Delivered:
        """Writes the files aside."""
        drafts = tuple(self._write(file, layout) for file in portion)
        return Delivered(str(self), self.schema, sum(file.records for file in portion), drafts=drafts)

    def settle(self, delivered: Sequence[Delivered], layout: RunLayout) -> None:
        """Moves the files to where readers look, and removes those of an earlier try of the same run."""
        drafts = [draft for each in delivered for draft in each.drafts]
        for draft, final in drafts:
            move(draft, final)
        keep = {final for _, final in drafts}
        there = list_files(join(self.base, layout.folder(self.schema), f"{layout.run_id}-*.parquet"))
        remove([path for path in there if path not in keep and layout.owns(path)])
        self.discard(layout)

    def discard(self, layout: RunLayout) -> None:
        """Removes what was written aside."""
        remove([self._drafts(layout)])

    def _drafts(self, layout: RunLayout) -> str:
        """Each schema has a folder of its own: two sinks may share a base."""
        return join(self.base, f"{layout.work}-{FOLDERS[self.schema]}")

    def _write(self, file: SinkFile, layout: RunLayout) -> tuple[str, str]:
        """(where the file waits, where readers will look).  The name comes from the rows: the same have the same."""
        name = f"{layout.run_id}-{file.sha256[:NAME_DIGITS]}.parquet"
        draft = join(self._drafts(layout), name)
        try:
            with create(draft) as handle:
                write_parquet(handle, self.schema, rows_of(file))
        except OSError as error:
            raise SinkFailed(f"{self}: {error}") from error
        return draft, join(self.base, layout.folder(self.schema), name)


def write_parquet(file: IO[bytes], name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Writes ``rows`` of schema ``name`` as one Parquet file."""
    schema = arrow_schema(name)
    with pq.ParquetWriter(file, schema, compression=COMPRESSION) as writer:
        for group in groups(rows):
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema), row_group_size=GROUP_ROWS)


def groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows by the group."""
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row.get("text") or "") + len(row.get("payload") or b"")
        if len(group) >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


@cache
def arrow_schema(name: str) -> pa.Schema:
    """The Avro schema ``name`` as Arrow has it; which version it is stands in the file's own metadata."""
    fields = [_field(field) for field in schema_source(name)["fields"]]
    marks = {"newsbeam.schema": name, "newsbeam.schema_version": SCHEMA_VERSION}
    return pa.schema(fields, metadata={**marks, "newsbeam.schema_fingerprint": schema_fingerprint(name)})


def _field(field: dict[str, Any]) -> pa.Field:
    """A field; the only union is that of null with one type."""
    kind = field["type"]
    nullable = isinstance(kind, list)
    return pa.field(field["name"], _type(kind[1] if nullable else kind), nullable=nullable)


def _type(kind: Any) -> pa.DataType:
    if isinstance(kind, str):
        return PLAIN_TYPES[kind]
    if "logicalType" in kind:
        return LOGICAL_TYPES[kind["logicalType"]]
    if kind["type"] == "array":
        return pa.list_(pa.field("item", _type(kind["items"]), nullable=False))
    if kind["type"] == "record":
        return pa.struct([_field(field) for field in kind["fields"]])
    return _type(kind["type"])
