"""The last step of a run: its files are put where readers look, then the manifest, then the work folder goes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import apache_beam as beam

from schemas.state import FeedState
from transforms.core.layout import FOLDERS, RunLayout
from transforms.core.manifest import PublishedFile, RunFacts, SinkTotals, manifest, to_json
from transforms.core.volumes import Volume, source_of_feed, volume_of
from transforms.filesystem import create, exists, join, list_files, move, open_bytes, remove
from transforms.sinks.deliver import DeliverFiles, settle_all
from transforms.sinks.destination import Delivered, Destination
from transforms.write import MergedFile, Sink


@dataclass(eq=False)
class PublishRun(beam.PTransform):
    """Merged files in, the manifest's path out.  Every part of it can be done again.

    ``after`` is what must be done before anything is published: the new state, written and waiting.  ``feeds`` are
    the new states of the feeds that were polled, from which the manifest tells the volume of each source.  ``guard`` is
    called just before: it raises where this run must not publish.  ``destinations`` are additional sinks: all of them
    have taken the rows before anything is where readers look.
    """

    sink: Sink
    facts: RunFacts
    after: beam.PCollection | None = None
    feeds: beam.PCollection | None = None
    guard: Callable[[], None] | None = None
    destinations: tuple[Destination, ...] = ()

    def expand(self, files: beam.PCollection) -> beam.PCollection:
        started = None if self.sink.clock.pinned else datetime.now(UTC)
        once = files.pipeline | "Once" >> beam.Create([started])
        if self.after is not None:
            once = once | "After" >> beam.Map(_passed_on, beam.pvalue.AsList(self.after))
        volumes = once.pipeline | "No feeds" >> beam.Create([]) if self.feeds is None else self.feeds | _Volumes()
        return once | "Publish" >> beam.ParDo(
            _PublishRun(self.sink, self.facts, self.guard, self.destinations),
            files=beam.pvalue.AsList(files),
            volumes=beam.pvalue.AsList(volumes),
            delivered=beam.pvalue.AsList(self._delivered(once, files)),
        )

    def _delivered(self, once: beam.PCollection, files: beam.PCollection) -> beam.PCollection:
        if not self.destinations:
            return once.pipeline | "No other sinks" >> beam.Create([])
        return once | "Other sinks" >> DeliverFiles(self.sink, self.destinations, files, self.guard)


class _Volumes(beam.PTransform):
    """New states of feeds in, one volume a source out."""

    def expand(self, feeds: beam.PCollection) -> beam.PCollection:
        return (
            feeds
            | "Key by source" >> beam.Map(_with_source).with_output_types(tuple[str, FeedState])
            | "Gather source" >> beam.GroupByKey()
            | "Volume" >> beam.MapTuple(volume_of)
        )


def _with_source(state: FeedState) -> tuple[str, FeedState]:
    return source_of_feed(state), state


class _PublishRun(beam.DoFn):
    def __init__(
        self,
        sink: Sink,
        facts: RunFacts,
        guard: Callable[[], None] | None,
        destinations: tuple[Destination, ...] = (),
    ) -> None:
        self._sink = sink
        self._facts = facts
        self._guard = guard
        self._destinations = destinations

    def process(
        self, started: datetime | None, files: list[MergedFile], volumes: list[Volume], delivered: list[Delivered]
    ) -> Iterator[str]:
        if self._guard is not None:
            self._guard()
        settle_all(self._sink.layout, self._destinations, delivered)
        published = publish_files(self._sink, files)
        remove_stale(self._sink, {file.path for file in published})
        timings = None if started is None else _timings(started, self._sink.clock.now())
        target = self._sink.path(self._sink.layout.manifest)
        write_whole(self._sink, target, to_json(manifest(self._facts, published, timings, volumes, taken(delivered))))
        remove([self._sink.path(self._sink.layout.work)])
        yield target


def taken(delivered: Iterable[Delivered]) -> list[SinkTotals]:
    """What each additional sink took, all its portions together."""
    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in delivered:
        totals[each.schema, each.sink][0] += each.records
        totals[each.schema, each.sink][1] += each.bodiless
    return [SinkTotals(sink, schema, *counts) for (schema, sink), counts in sorted(totals.items())]


def _passed_on(started: datetime | None, _waited_for: list[Any]) -> datetime | None:
    return started


def publish_files(sink: Sink, files: Iterable[MergedFile]) -> list[PublishedFile]:
    """Moves merged files to where readers look."""
    published = []
    for file in files:
        relative = sink.layout.file(file.schema, file.sha256)
        move(file.path, sink.path(relative))
        published.append(PublishedFile(relative, file.schema, file.records, file.size, file.sha256, file.counts))
    return published


def remove_stale(sink: Sink, current: set[str]) -> None:
    """Removes what an earlier try of the same run published and this one did not."""
    keep = {sink.path(path) for path in current}
    for folder in _folders_of_run(sink):
        found = list_files(join(sink.output, folder, f"{sink.run.run_id}-*.avro"))
        remove([path for path in found if sink.layout.owns(path) and path not in keep])


def _folders_of_run(sink: Sink) -> set[str]:
    """Where an earlier try may have put files: the days of its manifest, and this day and the one before, for a try
    that got no further.  Years of other days are not listed."""
    days = (sink.run.now, sink.run.now - timedelta(days=1))
    folders = {RunLayout(sink.run.run_id, day).folder(schema) for schema in FOLDERS for day in days}
    path = sink.path(sink.layout.manifest)
    if exists(path):
        with open_bytes(path) as file:
            folders |= {entry["path"].rpartition("/")[0] for entry in json.loads(file.read())["files"]}
    return folders


def write_whole(sink: Sink, target: str, data: bytes) -> None:
    """Writes ``target`` so that a reader sees all of it or nothing."""
    draft = sink.path(f"{sink.layout.work}/draft.json")
    with create(draft) as file:
        file.write(data)
    move(draft, target)


def _timings(started: datetime, finished: datetime) -> dict[str, Any]:
    return {
        "started_at": started.isoformat(),
        "finished_at": finished.isoformat(),
        "seconds": round((finished - started).total_seconds(), 3),
    }
