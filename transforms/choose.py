"""One request for each page, however many sources list it.

What is listed waits in part files, as articles do, until all who list a page have spoken: only paths are shuffled.
Local runners hold what they shuffle until the run ends, in several copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.hops import Capture, EncodedRecord, Run
from schemas.outcome import Stage
from transforms.clock import Clock
from transforms.core.discovery import (
    Candidate,
    candidate_from_bytes,
    candidate_order,
    candidate_to_bytes,
    choose_candidate,
    request_of,
)
from transforms.core.urls import url_key
from transforms.outcomes import OUTCOMES, Reporter
from transforms.parts import AppendToParts, Shard, read_parts

CAPTURES = "captures"

CANDIDATE = "candidate"
"""What records of this kind are called among the parts."""

SHARDS = 16
"""Among so many tasks the choice is dealt out on a cluster; a candidate costs 0.1 ms."""


class Chosen(NamedTuple):
    """Pages to ask for, pages to read from archives, and what became of the URLs that are not needed."""

    requests: beam.PCollection
    captures: beam.PCollection
    outcomes: beam.PCollection


@dataclass(eq=False)
class ChoosePages(beam.PTransform):
    """Candidates from every source in, one for each page out; ``folder`` is where they wait."""

    run: Run
    clock: Clock
    folder: str

    def expand(self, candidates: tuple[beam.PCollection, ...]) -> Chosen:
        reporter = Reporter(self.run, self.clock, Stage.DISCOVER)
        parts = [each | f"Keep candidates {number}" >> self._keep() for number, each in enumerate(candidates)]
        chosen = (
            parts
            | "All candidates" >> beam.Flatten()
            | "Gather candidates" >> beam.GroupByKey()
            | "Choose" >> beam.ParDo(_Choose(reporter)).with_outputs(OUTCOMES, main="pages")
        )
        split = chosen.pages | "Split" >> _split()
        return Chosen(split.requests, split[CAPTURES], chosen[OUTCOMES])

    def _keep(self) -> beam.PTransform:
        encode = beam.Map(candidate_record).with_output_types(EncodedRecord)
        return "Encode" >> encode | "Append" >> AppendToParts(self.folder, SHARDS)


class Limited(NamedTuple):
    """Pages to ask for and pages to read from archives, few enough."""

    requests: beam.PCollection
    captures: beam.PCollection


@dataclass(eq=False)
class LimitPages(beam.PTransform):
    """At most ``limit`` of the chosen pages, those listed first; None takes all."""

    limit: int | None

    def expand(self, chosen: tuple[beam.PCollection, beam.PCollection]) -> Limited:
        if self.limit is None:
            return Limited(*chosen)
        first = beam.combiners.Top.Smallest(self.limit, key=candidate_order)
        split = (
            chosen | "All" >> beam.Flatten() | "Take" >> first | "Spread" >> beam.FlatMap(list) | "Split" >> _split()
        )
        return Limited(split.requests, split[CAPTURES])


class _Choose(beam.DoFn):
    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def process(self, shard: tuple[Shard, Iterable[str]]) -> Iterator[Any]:
        for _, records in groupby(read_parts(shard[1]), key=lambda record: record.group):
            candidate, passed = choose_candidate(candidate_from_bytes(record.data) for record in records)
            yield candidate
            for other in passed:
                yield self._reporter.tagged(other.problem, other.url, source_id=other.source_id)


class _Split(beam.DoFn):
    def process(self, candidate: Candidate) -> Iterator[Any]:
        yield beam.pvalue.TaggedOutput(CAPTURES, candidate) if isinstance(candidate, Capture) else candidate


def _split() -> beam.PTransform:
    return beam.ParDo(_Split()).with_outputs(CAPTURES, main="requests")


def candidate_record(candidate: Candidate) -> EncodedRecord:
    """``candidate`` on its way to those for the same page."""
    key = url_key(request_of(candidate).url)
    return EncodedRecord(CANDIDATE, key, key, candidate_to_bytes(candidate))
