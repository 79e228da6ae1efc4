"""Annotates text that is already there."""

from __future__ import annotations

from dataclasses import dataclass

import apache_beam as beam

from transforms.articles import AnnotateDocuments
from transforms.core.manifest import RunFacts
from transforms.cpu_pool import PoolConfig
from transforms.documents import ReadDocuments
from transforms.last_versions import KeepLastVersions
from transforms.publish import PublishRun
from transforms.sinks.destination import Destination
from transforms.write import KeepOutcomes, KeepRecords, MergeAll, Parts, Sink


@dataclass(frozen=True, slots=True)
class EnrichPlan:
    """Everything that shapes one run of ``enrich``."""

    sink: Sink
    facts: RunFacts
    pool: PoolConfig
    files: tuple[str, ...]
    destinations: tuple[Destination, ...] = ()


def build(pipeline: beam.Pipeline, plan: EnrichPlan) -> beam.PCollection:
    """The steps of a run, top to bottom; gives the path of the manifest."""
    run, clock, sink = plan.sink.run, plan.sink.clock, plan.sink

    files = pipeline | "Files" >> beam.Create(plan.files) | "Spread files" >> beam.Reshuffle()
    documents = files | "Read documents" >> ReadDocuments(run, clock)
    last = documents.documents | "Last versions" >> KeepLastVersions(files, run, clock)
    annotated = last.documents | "Annotate" >> AnnotateDocuments(run, clock, plan.pool)

    unread = documents.outcomes | "Keep unread" >> KeepOutcomes(sink)
    superseded = last.outcomes | "Keep superseded" >> KeepOutcomes(sink)
    failed = annotated.outcomes | "Keep failed" >> KeepOutcomes(sink)
    parts = Parts(
        articles=annotated.records | "Keep articles" >> KeepRecords(sink),
        outcomes=(unread, superseded, failed) | "All outcomes" >> beam.Flatten(),
    )
    merged = parts | "Merge" >> MergeAll(sink)
    return merged.files | "Publish run" >> PublishRun(sink, plan.facts, destinations=plan.destinations)
