"""The source of a stream on Flink: one pull for each of the impulses that Flink sends by itself.

The splittable source of `transforms.streaming.read` defers its rest after each pull.  Flink's runner, up to Beam 2.75
for Java at least, gives each rest a state with a name of its own, which stays for ever: checkpoints and the heap of the
TaskManagers grow with each pull.  Impulses leave nothing behind.  See
docs/decisions/0018-on-flink-impulses-drive-the-pulls.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.flink.flink_streaming_impulse_source import FlinkStreamingImpulseSource
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from transforms.clock import Clock
from transforms.streaming.ending import Ending, Lookout
from transforms.streaming.mailbox import Mailbox
from transforms.streaming.read import pulled
from transforms.streaming.work import Delivery

PULSE_MS = 500
"""Between two impulses in each of Flink's parallel tasks: with 16 messages a pull, 32 a second, more than the pages of
as many messages can be read in."""


@dataclass(eq=False)
class PullRequests(beam.PTransform):
    """`Delivery` of each message, stamped with the time of its pull, without an end: the job is cancelled."""

    mailbox: Mailbox
    ending: Ending
    clock: Clock

    def expand(self, begin: Any) -> beam.PCollection:
        pulses = begin | "Pulses" >> FlinkStreamingImpulseSource().set_interval_ms(PULSE_MS)
        pull = beam.ParDo(_Pull(self.mailbox, self.ending, self.clock))
        return pulses | "Pull" >> pull.with_output_types(Delivery)


class _Pull(beam.DoFn):
    def __init__(self, mailbox: Mailbox, ending: Ending, clock: Clock) -> None:
        self._mailbox = mailbox
        self._ending = ending
        self._clock = clock

    def setup(self) -> None:
        self._lookout = Lookout(self._ending, self._clock)

    def process(self, pulse: bytes) -> Iterator[TimestampedValue]:  # noqa: ARG002 - all pulses are alike
        """One pull; none once the ending has come."""
        if not self._lookout.has_come():
            now = Timestamp.from_utc_datetime(self._clock.now())
            yield from (TimestampedValue(delivery, now) for delivery in pulled(self._mailbox.desk()))
