"""The sink: parts merged into files, files published together, with the manifest last.

Beam's own Avro sinks lose or double records where bundles are retried or windows meet (see
docs/decisions/0002-own-sink.md).  Here every step can be repeated: what is merged is sorted, names come from content,
and a reader of ``articles/`` sees whole files of whole runs.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.codec import ContainerWriter, decode, to_row
from schemas.hops import EncodedRecord, Run
from schemas.outcome import Outcome
from schemas.registry import ARTICLE, OUTCOME
from transforms.clock import Clock
from transforms.core.layout import RunLayout
from transforms.core.merging import merge_articles, merge_outcomes
from transforms.core.secrets import masked_row
from transforms.duplicates import COPY, read_copies
from transforms.filesystem import create, join, sha256_of
from transforms.parts import AppendToParts, Shard, outcome_record, read_parts, schema_of_part, shard_number
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

    @property
    def parts(self) -> str:
        """The folder in which records of the run wait."""
        return self.path(self.layout.parts)

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
        return records | AppendToParts(self.sink.parts, self.sink.shards)


@dataclass(eq=False)
class KeepOutcomes(beam.PTransform):
    """Appends outcomes, payloads included, to parts."""

    sink: Sink

    def expand(self, outcomes: beam.PCollection) -> beam.PCollection:
        return (
            outcomes
            | "Encode" >> beam.Map(outcome_record).with_output_types(EncodedRecord)
            | "Append" >> AppendToParts(self.sink.parts, self.sink.shards)
        )


@dataclass(eq=False)
class MergeAll(beam.PTransform):
    """Parts in, merged files out.  What the merge of articles decides joins the outcomes.

    ``state`` holds the index of articles that earlier runs wrote; None where every run stands alone.  ``copies`` are
    (shard, path) pairs of the parts that `FindCopies` made.
    """

    sink: Sink
    state: StateConfig | None = None
    copies: beam.PCollection | None = None

    def expand(self, parts: Parts) -> MergedAll:
        step = beam.ParDo(_MergeArticles(self.sink, self.state))
        merged = (
            self._with_copies(parts.articles)
            | "By number" >> beam.MapTuple(_by_number).with_output_types(tuple[int, str])
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
        return articles if self.copies is None else (articles, self.copies) | "With copies" >> beam.Flatten()


def _by_number(shard: Shard, path: str) -> tuple[int, str]:
    """Articles and what is said of them meet by the number of their shard."""
    return shard_number(shard), path


class _MergeArticles(beam.DoFn):
    def __init__(self, sink: Sink, state: StateConfig | None) -> None:
        self._sink = sink
        self._state = state

    def process(self, shard: tuple[int, Iterable[str]]) -> Iterator[Any]:
        number, paths = shard[0], list(shard[1])
        articles = [path for path in paths if schema_of_part(path) == ARTICLE]
        copies = read_copies(path for path in paths if schema_of_part(path) == COPY)
        rows = ((record, decode(ARTICLE, record.data)) for record in read_parts(articles))
        known = known_articles(self._state, number, self._sink.shards) if self._state else ()
        with MergedFiles(self._sink, ARTICLE) as files:
            for merged in merge_articles(rows, known, copies, run=self._sink.run, at=self._sink.clock.now()):
                yield from (beam.pvalue.TaggedOutput("outcomes", outcome) for outcome in merged.outcomes)
                if merged.state is not None:
                    yield beam.pvalue.TaggedOutput("articles", merged.state)
                if row := merged.published:
                    yield from files.write(row, len(row["text"] or ""))
            yield from files.finish()


class _MergeOutcomes(beam.DoFn):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def process(self, shard: tuple[str, Iterable[str]]) -> Iterator[MergedFile]:
        rows = (Outcome(**decode(OUTCOME, record.data)) for record in read_parts(shard[1]))
        with MergedFiles(self._sink, OUTCOME) as files:
            for outcome in merge_outcomes(rows):
                name = f"{outcome.stage}/{outcome.outcome}"
                Metrics.counter(METRICS_NAMESPACE, name).inc()
                yield from files.write(masked_row(to_row(outcome)), len(outcome.payload or b""), count=name)
            yield from files.finish()


class MergedFiles:
    """Writes rows into files of about ``sink.file_bytes``, and gives each that is whole; without rows there is none."""

    def __init__(self, sink: Sink, schema: str) -> None:
        self._sink = sink
        self._schema = schema
        self._open = ExitStack()
        self._path: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def write(self, row: dict[str, Any], size: int, *, count: str | None = None) -> Iterator[MergedFile]:
        """Adds a row of about ``size`` bytes, counted under ``count``."""
        if self._path is None:
            self._begin()
        self._writer.write(row)
        self._rows += 1
        self._size += size
        self._counts.update([count] if count else [])
        if self._size >= self._sink.file_bytes:
            yield from self.finish()

    def finish(self) -> Iterator[MergedFile]:
        """Ends the file that is open, if one is."""
        if self._path is not None:
            self._writer.flush()
            self._open.close()
            digest, size = sha256_of(self._path)
            yield MergedFile(self._schema, self._path, self._rows, size, digest, tuple(sorted(self._counts.items())))
            self._path = None

    def _begin(self) -> None:
        self._path = self._sink.path(f"{self._sink.layout.merged}/{self._schema}/{uuid.uuid4().hex}.avro")
        self._writer = ContainerWriter(self._open.enter_context(create(self._path)), self._schema)
        self._rows, self._size = 0, 0
        self._counts: Counter[str] = Counter()
