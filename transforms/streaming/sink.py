"""The sink of a stream: when a bundle ends other sinks have its rows, then its files are put in place, and then its
messages are acknowledged."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.window import IntervalWindow
from apache_beam.utils.timestamp import Timestamp

from schemas.hops import EncodedRecord
from schemas.outcome import Outcome
from transforms.core.manifest import RunFacts
from transforms.parts import outcome_record
from transforms.sinks.destination import Destination, SinkFailed
from transforms.streaming import recall
from transforms.streaming.files import Kept, PublishedBundle, publish_bundle
from transforms.streaming.mailbox import Mailbox
from transforms.streaming.work import DeadLetter, Work
from transforms.windows import placed
from transforms.write import METRICS_NAMESPACE, Sink

HELD_BYTES = 64 * 1024 * 1024
"""Encoded bytes that wait in memory for the end of a bundle; beyond, files are published before it."""

logger = logging.getLogger("newsbeam")


@dataclass(eq=False)
class PublishBundles(beam.PTransform):
    """`Work` in fixed windows in; paths of manifests out, each in the window of what it names.

    ``mailbox`` is None where the runner acknowledges.  ``destinations`` are additional sinks: they take the rows of a
    bundle before its files are in place.  Where anything fails nothing is acknowledged.
    """

    sink: Sink
    facts: RunFacts
    mailbox: Mailbox | None = None
    destinations: tuple[Destination, ...] = ()

    def expand(self, works: beam.PCollection) -> beam.PCollection:
        step = beam.ParDo(_PublishBundle(self.sink, self.facts, self.mailbox, self.destinations))
        return works | step.with_output_types(str)


class _PublishBundle(beam.DoFn):
    """Nothing may stand between the fetching steps and this: all that comes of a message must be in one bundle."""

    def __init__(
        self, sink: Sink, facts: RunFacts, mailbox: Mailbox | None, destinations: tuple[Destination, ...] = ()
    ) -> None:
        self._sink = sink
        self._facts = facts
        self._mailbox = mailbox
        self._destinations = destinations
        self.start_bundle()

    def start_bundle(self) -> None:
        self._kept: dict[IntervalWindow, list[Kept]] = defaultdict(list)
        self._bytes = 0
        self._letters: list[DeadLetter] = []
        self._shares: dict[str, Fraction] = defaultdict(Fraction)
        self._messages: set[str] = set()

    def process(self, work: Work, window: Any = beam.DoFn.WindowParam) -> Iterator[Any]:
        """Holds what comes; yields the manifest of a part of the bundle where that has grown large."""
        if isinstance(work.item, DeadLetter):
            self._letters.append(work.item)
        elif work.item is not None:
            self._keep(work, window)
        self._messages.add(work.message_id)
        if work.receipt is not None:
            self._shares[work.receipt] += work.share
        if self._bytes >= HELD_BYTES:
            with self._given_back_on_failure():
                yield from self._publish()

    def finish_bundle(self) -> Iterator[Any]:
        with self._given_back_on_failure():
            yield from self._publish()
            self._bury()
        self._acknowledge()
        recall.KNOWN.settle(self._messages)

    def _keep(self, work: Work, window: IntervalWindow) -> None:
        record = _record_of(work.item)
        self._kept[window].append(Kept(work.message_id, record))
        self._bytes += len(record.data)

    def _publish(self) -> Iterator[Any]:
        for window, kept in sorted(self._kept.items(), key=lambda each: each[0].start):
            published = publish_bundle(self._sink, self._facts, _utc(window.start), kept, self._destinations)
            _count(published)
            yield placed(published.manifest, (window.max_timestamp(), window))
        self._kept = defaultdict(list)
        self._bytes = 0

    @contextmanager
    def _given_back_on_failure(self) -> Iterator[None]:
        """This process may live on and keep its messages, which nobody works on any more."""
        try:
            yield
        except (SinkFailed, OSError):
            if self._mailbox is not None:
                self._mailbox.desk().give_back(list(self._shares))
            raise

    def _bury(self) -> None:
        if self._mailbox is not None and self._letters:
            self._mailbox.desk().bury(self._letters)

    def _acknowledge(self) -> None:
        """Raises RuntimeError where a runner has parted what comes of a message: nothing may be acknowledged then."""
        if self._mailbox is None or not self._shares:
            return
        if parted := [receipt for receipt, share in self._shares.items() if share.denominator != 1]:
            raise RuntimeError(f"{len(parted)} messages were parted over bundles: this runner does not fuse the steps")
        try:
            self._mailbox.desk().acknowledge(list(self._shares))
        except OSError as error:
            logger.warning("%d messages that are done with will come again: %s", len(self._shares), error)


def _record_of(item: Any) -> EncodedRecord:
    if isinstance(item, Outcome):
        return outcome_record(item)
    if isinstance(item, EncodedRecord):
        return item
    raise TypeError(f"no step took a {type(item).__name__}")


def _utc(moment: Timestamp) -> datetime:
    return datetime.fromtimestamp(moment.micros / 1_000_000, UTC)


def _count(published: PublishedBundle) -> None:
    for name, count in published.counts:
        Metrics.counter(METRICS_NAMESPACE, name).inc(count)
