"""Texts out of files: JSON Lines, or the Avro articles of an earlier run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.article import Article
from schemas.codec import read_container
from schemas.hops import Document, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.clock import Clock
from transforms.core.documents import article_of_row, document_of_line
from transforms.filesystem import open_bytes
from transforms.outcomes import OUTCOMES, Reporter


class Documents(NamedTuple):
    """Texts, and what became of the lines that hold none."""

    documents: beam.PCollection
    outcomes: beam.PCollection


@dataclass(eq=False)
class ReadDocuments(beam.PTransform):
    """Paths of .jsonl and .avro files in, documents and articles out."""

    run: Run
    clock: Clock

    def expand(self, paths: beam.PCollection) -> Documents:
        step = beam.ParDo(_ReadDocuments(Reporter(self.run, self.clock, Stage.DISCOVER)))
        return Documents(*(paths | step.with_outputs(OUTCOMES, main="documents")))


class _ReadDocuments(beam.DoFn):
    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def process(self, path: str) -> Iterator[Any]:
        for origin, payload, found in read_documents(path):
            yield self._reporter.tagged(found, origin, payload=payload) if isinstance(found, Problem) else found


def read_documents(path: str) -> Iterator[tuple[str, bytes | None, Document | Article | Problem]]:
    """(where it stood, the raw line, what it is) for each document in a file."""
    read = _read_articles if path.lower().endswith(".avro") else _read_lines
    with open_bytes(path) as file:
        yield from read(file, path)


def _read_lines(file: Any, path: str) -> Iterator[tuple[str, bytes, Document | Problem]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield f"{path}:{number}", line, document_of_line(line)


def _read_articles(file: Any, path: str) -> Iterator[tuple[str, None, Article | Problem]]:
    try:
        for number, row in enumerate(read_container(file), 1):
            yield f"{path}:{number}", None, article_of_row(row)
    except (ValueError, KeyError, TypeError, EOFError) as error:
        detail = f"not an Avro file of newsbeam articles: {error}"
        yield path, None, Problem(OutcomeKind.MALFORMED, detail, error_type=type(error).__name__)
