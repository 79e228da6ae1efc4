"""The sink: parts merged into files, files published together, with the manifest last.

Beam's own Avro sinks lose or double records where bundles are retried or windows meet (see
docs/decisions/0002-own-sink.md).  Here every step can be repeated: what is merged is sorted, names come from content,
and a reader of ``articles/`` sees whole files of whole runs.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.codec import decode, to_row, write_container
from schemas.hops import EncodedRecord, Run
from schemas.outcome import Outcome
from schemas.registry import ARTICLE, OUTCOME
from transforms.clock import Clock
from transforms.core.duplicates import Copy
from transforms.core.layout import RunLayout
from transforms.core.merging import merge_articles, merge_outcomes
from transforms.core.secrets import masked_row
from transforms.filesystem import create, join, sha256_of
from transforms.parts import AppendToParts, outcome_record, read_parts
from transforms.state.shards import StateConfig, known_articles

METRICS_NAMESPACE = "newsbeam"


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a run writes.  ``output`` is a folder of any Beam filesystem; ``file_bytes`` is about how large a file may
    grow before the next is begun, counted before compression."""

    output: str
    run: Run
    clock: Clock
    shards: int = 1
    file_bytes: int = 512 * 1024 * 1024

    @property
    def layout(self) -> RunLayout:
        """The run's paths below ``output``."""
        return RunLayout(self.run.run_id, self.run.now)

    def path(self, relative: str) -> str:
        """The whole path of a place in the layout."""
        return join(self.output, relative)


@dataclass(frozen=True, slots=True)
class MergedFile:
    """A whole file that waits for publication; ``counts`` pairs ``stage/outcome`` with rows, for outcomes."""

    schema: str
    path: str
    records: int
    size: int
    sha256: str
    counts: tuple[tuple[str, int], ...] = ()


class MergedAll(NamedTuple):
    """Files that wait for publication, the outcomes that the merge decided, and what the index of articles learnt."""

    files: beam.PCollection
    decided: beam.PCollection
    articles: beam.PCollection


class Parts(NamedTuple):
    """(shard, path) pairs of both schemas."""

    articles: beam.PCollection
    outcomes: beam.PCollection


@dataclass(eq=False)
class KeepRecords(beam.PTransform):
    """Appends encoded articles to parts."""

    sink: Sink

    def expand(self, records: beam.PCollection) -> beam.PCollection:
        return records | AppendToParts(self.sink.path(self.sink.layout.parts), self.sink.shards)


@dataclass(eq=False)
class KeepOutcomes(beam.PTransform):
    """Appends outcomes, payloads included, to parts."""

    sink: Sink

    def expand(self, outcomes: beam.PCollection) -> beam.PCollection:
        return (
            outcomes
            | "Encode" >> beam.Map(outcome_record).with_output_types(EncodedRecord)
            | "Append" >> AppendToParts(self.sink.path(self.sink.layout.parts), self.sink.shards)
        )


@dataclass(eq=False)
class MergeAll(beam.PTransform):
    """Parts in, merged files out.  What the merge of articles decides joins the outcomes.

    ``state`` holds the index of articles that earlier runs wrote; None where every run stands alone.  ``copies`` are
    (shard, `Copy`) pairs for articles that are copies of others.
    """

    sink: Sink
    state: StateConfig | None = None
    copies: beam.PCollection | None = None

    def expand(self, parts: Parts) -> MergedAll:
        step = beam.ParDo(_MergeArticles(self.sink, self.state))
        merged = (
            self._with_copies(parts.articles)
            | "Gather articles" >> beam.GroupByKey()
            | "Merge articles" >> step.with_outputs("outcomes", "articles", main="files")
        )
        decided = merged.outcomes | "Keep decided" >> KeepOutcomes(self.sink)
        outcome_files = (
            (parts.outcomes, decided)
            | "All outcomes" >> beam.Flatten()
            | "Gather outcomes" >> beam.GroupByKey()
            | "Merge outcomes" >> beam.ParDo(_MergeOutcomes(self.sink))
        )
        files = (merged.files, outcome_files) | "All files" >> beam.Flatten()
        return MergedAll(files, merged.outcomes, merged.articles)

    def _with_copies(self, articles: beam.PCollection) -> beam.PCollection:
        if self.copies is None:
            return articles
        both = (articles, self.copies) | "With copies" >> beam.Flatten()
        return both | "Typed" >> beam.Map(_as_is).with_output_types(tuple[str, Any])


def _as_is(element: Any) -> Any:
    return element


class _MergeArticles(beam.DoFn):
    def __init__(self, sink: Sink, state: StateConfig | None) -> None:
        self._sink = sink
        self._state = state

    def process(self, shard: tuple[str, Iterable[str | Copy]]) -> Iterator[Any]:
        name, given = shard[0], list(shard[1])
        paths = [each for each in given if isinstance(each, str)]
        copies = [each for each in given if isinstance(each, Copy)]
        rows = ((record, decode(ARTICLE, record.data)) for record in read_parts(paths))
        known = known_articles(self._state, int(name.rpartition("/")[2]), self._sink.shards) if self._state else ()
        learnt: list[Any] = []

        def kept() -> Iterator[tuple[int, dict[str, Any]]]:
            for merged in merge_articles(rows, known, copies, run=self._sink.run, at=self._sink.clock.now()):
                learnt.extend(beam.pvalue.TaggedOutput("outcomes", outcome) for outcome in merged.outcomes)
                if merged.state is not None:
                    learnt.append(beam.pvalue.TaggedOutput("articles", merged.state))
                if merged.row is not None:
                    yield len(merged.row["text"] or ""), masked_row(merged.row)

        for file in write_files(self._sink, ARTICLE, kept()):
            yield file
            yield from learnt
            learnt.clear()
        yield from learnt  # of a shard in which nothing has changed there is no file


class _MergeOutcomes(beam.DoFn):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def process(self, shard: tuple[str, Iterable[str]]) -> Iterator[MergedFile]:
        _, paths = shard
        rows = (Outcome(**decode(OUTCOME, record.data)) for record in read_parts(paths))
        counts: Counter[str] = Counter()

        def kept() -> Iterator[tuple[int, dict[str, Any]]]:
            for outcome in merge_outcomes(rows):
                counts[f"{outcome.stage}/{outcome.outcome}"] += 1
                yield len(outcome.payload or b""), masked_row(to_row(outcome))

        for file in write_files(self._sink, OUTCOME, kept()):
            yield replace(file, counts=tuple(sorted(counts.items())))
            for name, count in counts.items():
                Metrics.counter(METRICS_NAMESPACE, name).inc(count)
            counts.clear()


def write_files(sink: Sink, schema: str, rows: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[MergedFile]:
    """Writes (size in bytes, row) pairs into files of about ``sink.file_bytes``; empty input gives no file."""
    iterator = iter(rows)
    for first in iterator:
        path = sink.path(f"{sink.layout.merged}/{schema}/{uuid.uuid4().hex}.avro")
        records = 0

        def one_file(start: tuple[int, dict[str, Any]]) -> Iterator[dict[str, Any]]:
            nonlocal records
            size = 0
            for length, row in chain([start], iterator):
                records += 1
                size += length
                yield row
                if size >= sink.file_bytes:
                    return

        with create(path) as file:
            write_container(file, schema, one_file(first))
        digest, size = sha256_of(path)
        yield MergedFile(schema, path, records, size, digest)
