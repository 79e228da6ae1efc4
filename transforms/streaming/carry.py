"""A step of the batch pipeline at work on what messages led to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import apache_beam as beam

from schemas.state import FeedState
from transforms.clock import Clock
from transforms.core.duplicates import Print
from transforms.core.revisits import PageNote
from transforms.streaming.work import Work
from transforms.windows import Place, placed

FOR_OTHERS = (FeedState, PageNote, Print)
"""Outputs that only a state, or the search for copies within one run, has a use for."""

Ended = Iterable[tuple[Any, Iterator[Any]]]
"""(tag, outputs) of elements whose work has ended."""


class Worker(Protocol):
    """What a step of the batch pipeline does on a worker; its methods are called as Beam calls those of a DoFn."""

    def setup(self) -> None: ...
    def teardown(self) -> None: ...
    def start_bundle(self) -> None: ...
    def date(self, now: datetime) -> None: ...
    def take(self, element: Any, tag: Any) -> Ended: ...
    def drain(self) -> Ended: ...


class Step(Protocol):
    """A composite of the batch pipeline."""

    def work(self) -> Worker: ...


@dataclass(eq=False)
class Carry(beam.PTransform):
    """`Work` in, `Work` out: items of the type ``takes`` become what ``step`` makes of them, others pass.

    One output, so that a chain of these stays one stage, and all that comes of a message one bundle: a Flatten parts
    bundles on some runners.
    """

    step: Step
    takes: type
    clock: Clock

    def expand(self, works: beam.PCollection) -> beam.PCollection:
        return works | beam.ParDo(_Carry(self.step.work(), self.takes, self.clock)).with_output_types(Work)


class _Carry(beam.DoFn):
    def __init__(self, worker: Worker, takes: type, clock: Clock) -> None:
        self._worker = worker
        self._takes = takes
        self._clock = clock

    def setup(self) -> None:
        self._worker.setup()

    def teardown(self) -> None:
        self._worker.teardown()

    def start_bundle(self) -> None:
        self._worker.date(self._clock.now().replace(microsecond=0))
        self._worker.start_bundle()

    def process(
        self, work: Work, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> Iterator[Any]:
        """Yields what has ended meanwhile, which may be of other elements, with their own time and window."""
        place = (timestamp, window)
        if isinstance(work.item, self._takes):
            yield from _carried(self._worker.take(work.item, (work, place)))
        else:
            yield placed(work, place)

    def finish_bundle(self) -> Iterator[Any]:
        yield from _carried(self._worker.drain())


def _carried(ended: Ended) -> Iterator[Any]:
    for (work, place), outputs in ended:
        items = [item for item in map(_untagged, outputs) if not isinstance(item, FOR_OTHERS)]
        yield from _all_placed(work.becoming(items), place)


def _all_placed(works: Iterable[Work], place: Place) -> Iterator[Any]:
    return (placed(work, place) for work in works)


def _untagged(output: Any) -> Any:
    return output.value if isinstance(output, beam.pvalue.TaggedOutput) else output
