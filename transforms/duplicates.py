"""Which articles of a run are copies of others, of the run or of the runs before it.

A fingerprint has eight blocks, and two copies share two of them.  So an article is sent to seven groups, one for each
block that can be the first of the two, and meets there those that share that block; the second block is looked up
inside the group.  Nothing is compared with everything.  What meets waits in part files, sorted by group, as articles
do: only paths are shuffled, and a group at a time is in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

import apache_beam as beam

from schemas.codec import from_row
from schemas.hops import EncodedRecord
from schemas.state import ArticleState
from transforms.core.duplicates import (
    Copy,
    Print,
    copies_in,
    copy_from_bytes,
    copy_to_bytes,
    group_keys,
    print_from_bytes,
    print_of_state,
    print_to_bytes,
)
from transforms.core.snapshot import ARTICLES
from transforms.parts import AppendToParts, Shard, read_parts
from transforms.state.shards import StateConfig, read_shard

PRINT, COPY = "print", "copy"
"""What records of these kinds are called among the parts."""

REMEMBERED = timedelta(days=30)
"""How far back originals are looked for: copies of a story come within days of it."""


@dataclass(eq=False)
class FindCopies(beam.PTransform):
    """`Print` records of a run's articles in, (shard, path) of parts with `Copy` records out, for `MergeAll`.

    ``folder`` is where parts wait, ``shards`` over how many they are spread.
    """

    folder: str
    shards: int
    state: StateConfig | None = None

    def expand(self, prints: beam.PCollection) -> beam.PCollection:
        compared = prints
        if self.state is not None:
            keys = prints | "Keys of the run" >> beam.FlatMap(group_keys) | "Each key once" >> beam.Distinct()
            earlier = (
                prints.pipeline
                | "Every shard" >> beam.Create(list(range(self.state.shards)))
                | "Of earlier runs" >> beam.FlatMap(_of_earlier_runs, self.state, beam.pvalue.AsIter(keys))
            )
            compared = (prints, earlier) | "With earlier ones" >> beam.Flatten()
        return (
            compared
            | "To groups" >> beam.FlatMap(_waiting_prints).with_output_types(EncodedRecord)
            | "Keep prints" >> AppendToParts(self.folder, self.shards)
            | "Gather prints" >> beam.GroupByKey()
            | "Compare" >> beam.FlatMapTuple(_waiting_copies).with_output_types(EncodedRecord)
            | "Keep copies" >> AppendToParts(self.folder, self.shards)
        )


def _waiting_prints(one: Print) -> Iterator[EncodedRecord]:
    """The print once for each of its groups; keys sort by group."""
    data = print_to_bytes(one)
    return (EncodedRecord(PRINT, group, f"{group} {one.article_id}", data) for group in group_keys(one))


def _waiting_copies(_shard: Shard, paths: Iterable[str]) -> Iterator[EncodedRecord]:
    for group, records in groupby(read_parts(paths), key=lambda record: record.group):
        for copy in copies_in(group, (print_from_bytes(record.data) for record in records)):
            yield EncodedRecord(COPY, copy.article_id, copy.article_id, copy_to_bytes(copy))


def read_copies(paths: Iterable[str]) -> Iterator[Copy]:
    """The copies in several parts, sorted by article."""
    return (copy_from_bytes(record.data) for record in read_parts(paths))


def _of_earlier_runs(shard: int, state: StateConfig, keys: Iterable[str]) -> Iterator[Print]:
    """Articles of the index, not too old, that fall into a group of the run."""
    wanted, oldest = set(keys), state.run.now - REMEMBERED
    for row in read_shard(state, ARTICLES, shard):
        if row["first_seen_at"] >= oldest and not row["is_deleted"]:
            one = print_of_state(from_row(ArticleState, row))
            if not wanted.isdisjoint(group_keys(one)):
                yield one
