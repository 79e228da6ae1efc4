"""Messages of a subscription as an unbounded collection, acknowledged by the sink and not before.

Beam's own source exists on Dataflow alone, and a bundle finalizer may run before the next stage has written a thing.
So the receipt travels with the message.  See docs/decisions/0014-acknowledged-by-the-sink.md.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import MIN_TIMESTAMP, Duration, Timestamp

from transforms.clock import Clock
from transforms.pubsub.client import PubsubAway
from transforms.streaming.ending import Ending, Lookout
from transforms.streaming.mailbox import Desk, Mailbox
from transforms.streaming.work import Delivery

MESSAGES_PER_PULL = 16
"""Few: what is pulled is in hand, and is lost time where its worker dies."""

IDLE_SECONDS = 1
"""Between a pull that brought nothing and the next."""

LAST = sys.maxsize - 1
"""The last position of a restriction: whoever claims it is at the end."""

logger = logging.getLogger("newsbeam")

Shard = tuple[str, int]
"""(subscription, number): what is read by one worker at a time.  All shards read the same messages, each some."""


@dataclass(eq=False)
class ReadRequests(beam.PTransform):
    """`Delivery` of each message, stamped with the time at which it was pulled.

    ``shards`` bounds how many workers read at once; there should be several for each.
    """

    mailbox: Mailbox
    ending: Ending
    clock: Clock
    shards: int = 16

    def expand(self, begin: Any) -> beam.PCollection:
        shards = [(self.mailbox.subscription, number) for number in range(self.shards)]
        read = beam.ParDo(_ReadShard(self.mailbox, self.ending, self.clock))
        return begin | "Shards" >> beam.Create(shards, reshuffle=False) | read.with_output_types(Delivery)


class _EndlessTracker(OffsetRestrictionTracker):
    def is_bounded(self) -> bool:
        return False


class _FromNowOn(RestrictionProvider):
    """Positions count what one shard has read: they mean nothing to Pub/Sub."""

    def initial_restriction(self, element: Shard) -> OffsetRange:  # noqa: ARG002 - Beam names the parameters
        return OffsetRange(0, LAST + 1)

    def create_tracker(self, restriction: OffsetRange) -> _EndlessTracker:
        return _EndlessTracker(restriction)

    def restriction_size(self, element: Shard, restriction: OffsetRange) -> int:  # noqa: ARG002
        return 1

    def truncate(self, element: Shard, restriction: OffsetRange) -> None:
        """On a runner's drain nothing more is read: what was not pulled stays with Pub/Sub."""


TRACKER = beam.DoFn.RestrictionParam(_FromNowOn())
WATERMARK = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider())


@beam.DoFn.unbounded_per_element()
class _ReadShard(beam.DoFn):
    def __init__(self, mailbox: Mailbox, ending: Ending, clock: Clock) -> None:
        self._mailbox = mailbox
        self._ending = ending
        self._clock = clock

    def setup(self) -> None:
        self._lookout = Lookout(self._ending, self._clock)

    def process(
        self,
        shard: Shard,  # noqa: ARG002 - all shards are alike
        tracker: Any = TRACKER,
        watermark: Any = WATERMARK,
    ) -> Iterator[TimestampedValue]:
        """One pull; the rest is deferred, so that bundles end and the runner can take a checkpoint."""
        if self._lookout.has_come():
            tracker.try_claim(LAST)
            return
        desk, place = self._mailbox.desk(), tracker.current_restriction().start
        deliveries = pulled(desk)
        now = _not_before(watermark, Timestamp.from_utc_datetime(self._clock.now()))
        for number, delivery in enumerate(deliveries):
            if not tracker.try_claim(place + number):
                desk.give_back([each.receipt for each in deliveries[number:] if each.receipt])
                return
            yield TimestampedValue(delivery, now)
        watermark.set_watermark(now)  # also where nothing came: an idle shard holds nothing up
        tracker.defer_remainder(Duration(0 if deliveries else IDLE_SECONDS))


def pulled(desk: Desk) -> list[Delivery]:
    """One pull; nothing where the service does not answer: that passes, and no work need be begun anew for it."""
    try:
        return desk.pull(MESSAGES_PER_PULL)
    except PubsubAway as away:
        logger.warning("nothing was pulled: %s", away)
        return []


def _not_before(watermark: Any, now: Timestamp) -> Timestamp:
    """The time, or the watermark where a clock has gone back: what comes is never late by itself."""
    current = watermark.current_watermark()
    return max(now, current if current is not None else MIN_TIMESTAMP)
