"""Of an archive that holds several versions of an article, which one is the last: only that is annotated anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.article import Article
from schemas.codec import read_container
from schemas.hops import Document, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.articles import asked_url
from transforms.clock import Clock
from transforms.filesystem import open_bytes
from transforms.outcomes import OUTCOMES, Reporter

ID_AND_VERSION = {
    "type": "record",
    "name": "Article",
    "fields": [{"name": "article_id", "type": "string"}, {"name": "version", "type": "int"}],
}
"""All that is read of a row here."""


class LastVersions(NamedTuple):
    """Texts and last versions, and what became of the versions before."""

    documents: beam.PCollection
    outcomes: beam.PCollection


@dataclass(eq=False)
class KeepLastVersions(beam.PTransform):
    """Documents and articles in; articles of which a later version is in the same files are left out.

    ``paths`` are the files: they are read once more, ids and versions alone, so that no article is shuffled.
    """

    paths: beam.PCollection
    run: Run
    clock: Clock

    def expand(self, documents: beam.PCollection) -> LastVersions:
        last = (
            self.paths
            | "Read versions" >> beam.FlatMap(versions_in)
            | "Gather versions" >> beam.CombinePerKey(_Several())
            | "Several versions" >> beam.Filter(_is_several)
            | "Last version" >> beam.MapTuple(_last)
        )
        step = beam.ParDo(_KeepLast(Reporter(self.run, self.clock, Stage.WRITE)), beam.pvalue.AsDict(last))
        return LastVersions(*(documents | "Keep last" >> step.with_outputs(OUTCOMES, main="documents")))


def versions_in(path: str) -> Iterator[tuple[str, int]]:
    """(article id, version) of each row; none of a file that is no Avro file of articles, which its reader reports."""
    if not path.lower().endswith(".avro"):
        return
    with open_bytes(path) as file:
        try:
            for row in read_container(file, ID_AND_VERSION):
                yield row["article_id"], row["version"]
        except (ValueError, KeyError, TypeError, EOFError):
            return


class _Several(beam.CombineFn):
    """(lowest, highest) of the versions of an article."""

    def create_accumulator(self) -> tuple[int, int] | None:
        return None

    def add_input(self, accumulator: tuple[int, int] | None, version: int) -> tuple[int, int]:
        return _span(accumulator, (version, version))

    def merge_accumulators(self, accumulators: Any) -> tuple[int, int] | None:
        merged = None
        for accumulator in accumulators:
            merged = _span(merged, accumulator) if accumulator else merged
        return merged

    def extract_output(self, accumulator: tuple[int, int] | None) -> tuple[int, int]:
        return accumulator or (0, 0)


def _span(one: tuple[int, int] | None, other: tuple[int, int]) -> tuple[int, int]:
    return other if one is None else (min(one[0], other[0]), max(one[1], other[1]))


def _is_several(item: tuple[str, tuple[int, int]]) -> bool:
    return item[1][0] < item[1][1]


def _last(article_id: str, versions: tuple[int, int]) -> tuple[str, int]:
    return article_id, versions[1]


class _KeepLast(beam.DoFn):
    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def process(self, element: Document | Article, last: Mapping[str, int]) -> Iterator[Any]:
        newest = last.get(element.article_id) if isinstance(element, Article) else None
        if isinstance(element, Article) and newest is not None and element.version < newest:
            problem = Problem(OutcomeKind.DUPLICATE, f"version {element.version}: version {newest} is in the input too")
            yield self._reporter.tagged(problem, asked_url(element), article_id=element.article_id)
        else:
            yield element
