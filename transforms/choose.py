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
    """Candidates from every source in, one for each page out."""

    run: Run
    clock: Clock

    def expand(self, candidates: tuple[beam.PCollection, ...]) -> Chosen:
        reporter = Reporter(self.run, self.clock, Stage.DISCOVER)
        chosen = (
            candidates
            | "All candidates" >> beam.Flatten()
            | "Key by page" >> beam.Map(_with_key).with_output_types(tuple[str, Candidate])
            | "Gather page" >> beam.GroupByKey()
            | "Choose" >> beam.ParDo(_Choose(reporter)).with_outputs(OUTCOMES, main="pages")
        )
        split = chosen.pages | "Split" >> _split()
        return Chosen(split.requests, split[CAPTURES], chosen[OUTCOMES])


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

    def process(self, page: tuple[str, Iterable[Candidate]]) -> Iterator[Any]:
        candidate, passed = choose_candidate(page[1])
        yield candidate
        for other in passed:
            yield self._reporter.tagged(other.problem, other.url, source_id=other.source_id)


class _Split(beam.DoFn):
    def process(self, candidate: Candidate) -> Iterator[Any]:
        yield beam.pvalue.TaggedOutput(CAPTURES, candidate) if isinstance(candidate, Capture) else candidate


def _split() -> beam.PTransform:
    return beam.ParDo(_Split()).with_outputs(CAPTURES, main="requests")


def _with_key(candidate: Candidate) -> tuple[str, Candidate]:
    return url_key(request_of(candidate).url), candidate
