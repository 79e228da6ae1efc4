"""Part files: where records wait, encoded and sorted, until the whole of their shard is there.

Local runners hold what passes through a shuffle in memory, several times over.  So records go to disk in the step that
made them, and only the paths of the parts are shuffled.  A bundle that is tried again leaves parts that nobody hears
of; they go with the run's work folder.
"""

from __future__ import annotations

import heapq
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import Any

import apache_beam as beam
import fastavro
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from schemas.article import Article
from schemas.codec import encode
from schemas.hops import EncodedRecord
from schemas.outcome import Outcome
from schemas.registry import ARTICLE, OUTCOME
from transforms.core.identity import shard_of
from transforms.core.merging import outcome_key
from transforms.filesystem import create, folder_of, join, open_bytes

PART_BYTES = 4 * 1024 * 1024
"""Bytes that a step holds in memory before they become a part."""

RECORD_BYTES = 350
"""What a record takes in memory besides its data: itself, two keys of 100 letters, its place in a list and in the heap
(`sys.getsizeof`, Python 3.11)."""

MAX_OPEN = 64
"""Parts that are read side by side, a shard of more in rounds: the merge reads two kinds at once, and the lowest limit
of open files that systems come with is 256 (macOS)."""

PART_SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "newsbeam.Part",
        "fields": [
            {"name": field.name, "type": "bytes" if field.name == "data" else "string"}
            for field in fields(EncodedRecord)
        ],
    }
)

Shard = str
"""``schema/number``: what parts are grouped by."""


@dataclass(eq=False)
class AppendToParts(beam.PTransform):
    """Encoded records in, (shard, path of a part) out.

    ``folder`` is where the parts go; ``shards`` how many files each schema is spread over at least.
    """

    folder: str
    shards: int

    def expand(self, records: beam.PCollection) -> beam.PCollection:
        return records | beam.ParDo(_AppendToParts(self.folder, self.shards))


def shard_name(schema: str, number: int) -> Shard:
    """What the parts of one shard are grouped by."""
    return f"{schema}/{number:05d}"


def schema_of_part(path: str) -> str:
    """What the records of a part are."""
    schema: str = path.replace("\\", "/").split("/")[-3]
    return schema


def shard_number(shard: Shard) -> int:
    """The number of a shard, whatever its schema."""
    return int(shard.rpartition("/")[2])


@beam.typehints.with_output_types(tuple[str, str])
class _AppendToParts(beam.DoFn):
    def __init__(self, folder: str, shards: int) -> None:
        self._folder = folder
        self._shards = shards
        self._held: dict[Shard, list[EncodedRecord]] = {}
        self._bytes = 0

    def start_bundle(self) -> None:
        self._held = defaultdict(list)
        self._bytes = 0

    def process(self, record: EncodedRecord) -> Iterator[tuple[Shard, str]]:
        shard = shard_name(record.schema, shard_of(record.group, self._shards))
        self._held[shard].append(record)
        self._bytes += len(record.data) + RECORD_BYTES
        if self._bytes >= PART_BYTES:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        window = GlobalWindow()
        for part in self._flush():
            yield WindowedValue(part, window.max_timestamp(), [window])

    def _flush(self) -> Iterator[tuple[Shard, str]]:
        for shard, records in self._held.items():
            path = join(self._folder, shard, f"{uuid.uuid4().hex}.part")  # as `schema_of_part` reads it
            write_part(path, sorted(records, key=_order))
            yield shard, path
        self.start_bundle()


def write_part(path: str, records: Iterable[EncodedRecord]) -> None:
    """Writes records, sorted by key, as one part."""
    rows = ({field.name: getattr(record, field.name) for field in fields(record)} for record in records)
    with create(path) as file:
        fastavro.writer(file, PART_SCHEMA, rows)


def read_parts(paths: Iterable[str]) -> Iterator[EncodedRecord]:
    """The records of several parts in the order of their keys, read block by block."""
    few = sorted(paths)
    while len(few) > MAX_OPEN:
        few = [_as_one_part(few[begin : begin + MAX_OPEN]) for begin in range(0, len(few), MAX_OPEN)]
    yield from _merged(few)


def _as_one_part(paths: list[str]) -> str:
    """The path of a new part that holds what several do.  These stay: a bundle may be tried again."""
    path = join(folder_of(paths[0]), f"{uuid.uuid4().hex}.part")
    write_part(path, _merged(paths))
    return path


def _merged(paths: list[str]) -> Iterator[EncodedRecord]:
    with ExitStack() as stack:
        readers = [_read_part(stack.enter_context(open_bytes(path))) for path in paths]
        yield from heapq.merge(*readers, key=_order)


def _read_part(file: Any) -> Iterator[EncodedRecord]:
    rows: Iterator[Any] = fastavro.reader(file)
    for row in rows:
        yield EncodedRecord(**row)


def _order(record: EncodedRecord) -> tuple[str, bytes]:
    """By key; rows of one key by their bytes, so that the order in which they were made never matters."""
    return record.key, record.data


def withdrawal_record(article: Article) -> EncodedRecord:
    """The row that takes an article back, encoded alone; it sorts behind every copy that is still there."""
    return EncodedRecord(ARTICLE, article.article_id, f"{article.article_id} 9 {article.url}", encode(article))


def outcome_record(outcome: Outcome) -> EncodedRecord:
    """``outcome`` encoded alone.  `transforms.core.outcomes` makes only rows that can be."""
    return EncodedRecord(OUTCOME, outcome.url, outcome_key(outcome), encode(outcome))
