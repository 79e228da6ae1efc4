"""Reading what failed: rows of ``outcomes`` with their payloads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam

from schemas.codec import read_container
from schemas.hops import Page, Run
from transforms.core.replay import Failure, failure_of, stored_page
from transforms.filesystem import open_bytes


@dataclass(frozen=True, slots=True)
class StoredPages:
    """Rows of one file that carry pages: ``places`` are counted from 0, ascending."""

    path: str
    places: tuple[int, ...]


def read_failures(paths: Iterable[str]) -> Iterator[Failure]:
    """Every row of the files, without payloads.  Raises ValueError for a file that holds no outcomes."""
    for path in paths:
        with open_bytes(path) as file:
            try:
                for place, row in enumerate(read_container(file)):
                    yield failure_of(row, path, place)
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}: not an Avro file of outcomes ({type(error).__name__}: {error})") from error


@dataclass(eq=False)
class ReadStoredPages(beam.PTransform):
    """`StoredPages` in, pages out: each file is read where its pages are worked on, so that no page is shuffled."""

    run: Run

    def expand(self, stored: beam.PCollection) -> beam.PCollection:
        return stored | "Spread" >> beam.Reshuffle() | "Read" >> beam.FlatMap(read_stored_pages, self.run)


def read_stored_pages(stored: StoredPages, run: Run) -> Iterator[Page]:
    """The pages of one file."""
    wanted = frozenset(stored.places)
    with open_bytes(stored.path) as file:
        for place, row in enumerate(read_container(file)):
            if place in wanted:
                yield stored_page(row, now=run.now)
