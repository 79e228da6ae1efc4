"""Which articles of a run are copies of others, of the run or of the runs before it.

A fingerprint has eight blocks, and two copies share two of them.  So an article is sent to seven groups, one for each
block that can be the first of the two, and meets there those that share that block; the second block is looked up
inside the group.  Nothing is compared with everything, and what is shuffled is a few numbers, seven times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import apache_beam as beam

from schemas.codec import from_row
from schemas.state import ArticleState
from transforms.core.duplicates import Copy, Print, copies_in, group_keys, print_of_state
from transforms.core.identity import shard_of
from transforms.core.snapshot import ARTICLES
from transforms.parts import Shard, article_shard
from transforms.state.shards import StateConfig, read_shard

REMEMBERED = timedelta(days=30)
"""How far back originals are looked for: copies of a story come within days of it."""


@dataclass(eq=False)
class FindCopies(beam.PTransform):
    """`Print` records of a run's articles in, (shard, `Copy`) pairs out, for `MergeAll`."""

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
            | "To groups" >> beam.FlatMap(_with_keys).with_output_types(tuple[str, Any])
            | "Gather group" >> beam.GroupByKey()
            | "Compare" >> beam.FlatMapTuple(copies_in)
            | "To shards" >> beam.Map(_with_shard, self.shards).with_output_types(tuple[Shard, Any])
        )


def _with_keys(one: Print) -> Iterator[tuple[str, Print]]:
    return ((key, one) for key in group_keys(one))


def _with_shard(copy: Copy, shards: int) -> tuple[Shard, Copy]:
    return article_shard(shard_of(copy.article_id, shards)), copy


def _of_earlier_runs(shard: int, state: StateConfig, keys: Iterable[str]) -> Iterator[Print]:
    """Articles of the index, not too old, that fall into a group of the run."""
    wanted, oldest = set(keys), state.run.now - REMEMBERED
    for row in read_shard(state, ARTICLES, shard):
        if row["first_seen_at"] >= oldest and not row["is_deleted"]:
            one = print_of_state(from_row(ArticleState, row))
            if not wanted.isdisjoint(group_keys(one)):
                yield one
