"""Messages from a subscription, gathered into batches."""

from __future__ import annotations

import time
from typing import Protocol

from pipelines.local_stream.stopping import Stop
from transforms.pubsub.client import Received
from transforms.pubsub.leases import Leases

SLICE_SECONDS = 5.0
"""The longest that one pull waits: an order to stop is heard after it at the latest."""

MAX_BATCH_BYTES = 16 * 1024 * 1024
"""Of the messages of one batch: Beam's local runner holds them several times over."""

MESSAGES_PER_PULL = 500
"""The service seldom gives more at a time."""


class Intake(Protocol):
    """Where messages come from."""

    def gather(self, seconds: float, stop: Stop) -> list[Received]:
        """The messages of a batch; none where none came in ``seconds`` or the stream is to end.

        They are in hand until they are acknowledged or given back.  Raises OSError where they cannot be asked for.
        """

    def acknowledge(self, messages: list[Received]) -> None:
        """They are done with.  Raises OSError."""

    def give_back(self, messages: list[Received]) -> None:
        """They are for another try."""


class NoMessages:
    """The `Intake` of a stream that has feeds alone."""

    def gather(self, seconds: float, stop: Stop) -> list[Received]:
        stop.wait(seconds)
        return []

    def acknowledge(self, messages: list[Received]) -> None:
        """There are none."""

    def give_back(self, messages: list[Received]) -> None:
        """There are none."""


class Pulls(Protocol):
    """What gives messages: `transforms.pubsub.client.Subscriber` is one."""

    def pull(self, most: int, wait_seconds: float) -> list[Received]: ...


class Subscription:
    """The `Intake` of a subscription: at most ``max_batch`` messages a batch, gathered for ``max_wait`` seconds from
    the first.  No message is pulled before the batch before it is done with: that is the flow control."""

    def __init__(self, source: Pulls, leases: Leases, *, max_batch: int, max_wait: float) -> None:
        self._source = source
        self._leases = leases
        self._max_batch = max_batch
        self._max_wait = max_wait

    def gather(self, seconds: float, stop: Stop) -> list[Received]:
        until = time.monotonic() + seconds
        found: list[Received] = []
        size = 0
        while not stop.is_asked and len(found) < self._max_batch and size < MAX_BATCH_BYTES:
            left = until - time.monotonic()
            if left <= 0:
                break
            came = self._pull(self._max_batch - len(found), left)
            if came and not found:
                until = time.monotonic() + self._max_wait
            found += came
            size += sum(len(each.message.data) for each in came)
        if stop.is_asked:
            self.give_back(found)
            return []
        return found

    def acknowledge(self, messages: list[Received]) -> None:
        self._leases.acknowledge(messages)

    def give_back(self, messages: list[Received]) -> None:
        self._leases.give_back(messages)

    def _pull(self, most: int, seconds: float) -> list[Received]:
        came = self._source.pull(min(most, MESSAGES_PER_PULL), min(seconds, SLICE_SECONDS))
        if came:
            self._leases.hold(came)
        return came
