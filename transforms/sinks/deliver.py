"""Hands a run's files to its additional sinks, before any of them is where readers look.

The order of a run's end: the new state waits → every sink has taken the rows → files in place → manifest → state.  A
sink that fails therefore fails the run with nothing published, and the next run does it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms.core.layout import RunLayout
from transforms.sinks.destination import Delivered, Destination, SinkFailed, SinkFile
from transforms.write import MergedFile, Sink

Portion = tuple[int, tuple[SinkFile, ...]]
"""(which of the destinations, files that it takes at once)"""


@dataclass(eq=False)
class DeliverFiles(beam.PTransform):
    """One element in, `Delivered` out.  ``files`` are the merged files of the run; ``guard`` as for `PublishRun`."""

    sink: Sink
    destinations: tuple[Destination, ...]
    files: beam.PCollection
    guard: Callable[[], None] | None = None

    def expand(self, once: beam.PCollection) -> beam.PCollection:
        return (
            once
            | "Portions" >> beam.ParDo(_Portions(self.sink, self.destinations), files=beam.pvalue.AsList(self.files))
            | "Spread portions" >> beam.Reshuffle()
            | "Deliver" >> beam.ParDo(_Deliver(self.sink, self.destinations, self.guard))
        )


class _Portions(beam.DoFn):
    def __init__(self, sink: Sink, destinations: tuple[Destination, ...]) -> None:
        self._sink = sink
        self._destinations = destinations

    def process(self, _once: Any, files: list[MergedFile]) -> Iterator[Portion]:
        found = sorted((sink_file(self._sink, file) for file in files), key=lambda file: file.published)
        for number, destination in enumerate(self._destinations):
            mine = [file for file in found if file.schema == destination.schema]
            for portion in destination.portions(mine):
                yield number, portion


class _Deliver(beam.DoFn):
    def __init__(
        self, sink: Sink, destinations: tuple[Destination, ...], guard: Callable[[], None] | None = None
    ) -> None:
        self._sink = sink
        self._destinations = destinations
        self._guard = guard

    def process(self, portion: Portion) -> Iterator[Delivered]:
        number, files = portion
        if self._guard is not None:
            self._guard()
        yield self._destinations[number].deliver(files, self._sink.layout)


def sink_file(sink: Sink, file: MergedFile) -> SinkFile:
    """A merged file as destinations see it."""
    return SinkFile(file.schema, file.path, file.records, file.sha256, sink.layout.file(file.schema, file.sha256))


def deliver_all(destinations: Sequence[Destination], files: Sequence[SinkFile], layout: RunLayout) -> list[Delivered]:
    """Hands ``files`` to every sink, here and one after the other; what waits in them still has to be settled.

    Raises `SinkFailed`, when what waits is cleared away.
    """
    try:
        return [
            destination.deliver(portion, layout)
            for destination in destinations
            for portion in destination.portions([file for file in files if file.schema == destination.schema])
        ]
    except SinkFailed:
        for destination in destinations:
            with suppress(OSError, ValueError):  # what failed is said, not this
                destination.discard(layout)
        raise


def settle_all(layout: RunLayout, destinations: Sequence[Destination], delivered: Sequence[Delivered]) -> None:
    """Puts in place what the sinks prepared."""
    for destination in destinations:
        mine = [each for each in delivered if (each.sink, each.schema) == (str(destination), destination.schema)]
        destination.settle(mine, layout)
