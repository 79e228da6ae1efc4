"""One request for each page, however many sources list it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.hops import Capture, Run
from schemas.outcome import Stage
from transforms.clock import Clock
from transforms.core.discovery import Candidate, candidate_order, choose_candidate, request_of
from transforms.core.urls import url_key
from transforms.outcomes import OUTCOMES, Reporter

CAPTURES = "captures"


class Chosen(NamedTuple):
    """Pages to ask for, pages to read from archives, and what became of the URLs that are not needed."""

    requests: beam.PCollection
    captures: beam.PCollection
    outcomes: beam.PCollection


@dataclass(eq=False)
class ChoosePages(beam.PTransform):
    """Candidates from every source in; at most ``limit`` of them out, those listed first."""

    run: Run
    clock: Clock
    limit: int | None = None

    def expand(self, candidates: tuple[beam.PCollection, ...]) -> Chosen:
        reporter = Reporter(self.run, self.clock, Stage.DISCOVER)
        chosen = (
            candidates
            | "All candidates" >> beam.Flatten()
            | "Key by page" >> beam.Map(_with_key).with_output_types(tuple[str, Candidate])
            | "Gather page" >> beam.GroupByKey()
            | "Choose" >> beam.ParDo(_Choose(reporter)).with_outputs(OUTCOMES, main="pages")
        )
        pages = chosen.pages if self.limit is None else chosen.pages | "Limit" >> _Limit(self.limit)
        split = pages | "Split" >> beam.ParDo(_Split()).with_outputs(CAPTURES, main="requests")
        return Chosen(split.requests, split[CAPTURES], chosen[OUTCOMES])


class _Choose(beam.DoFn):
    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def process(self, page: tuple[str, Iterable[Candidate]]) -> Iterator[Any]:
        candidate, passed = choose_candidate(page[1])
        yield candidate
        for other in passed:
            yield self._reporter.tagged(other.problem, other.url, source_id=other.source_id)


@dataclass(eq=False)
class _Limit(beam.PTransform):
    count: int

    def expand(self, candidates: beam.PCollection) -> beam.PCollection:
        first = beam.combiners.Top.Smallest(self.count, key=candidate_order)
        return candidates | "Take" >> first | "Spread" >> beam.FlatMap(list)


class _Split(beam.DoFn):
    def process(self, candidate: Candidate) -> Iterator[Any]:
        yield beam.pvalue.TaggedOutput(CAPTURES, candidate) if isinstance(candidate, Capture) else candidate


def _with_key(candidate: Candidate) -> tuple[str, Candidate]:
    return url_key(request_of(candidate).url), candidate
