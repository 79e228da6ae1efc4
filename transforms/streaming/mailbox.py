"""A subscription as workers see it: each process has one connection, and keeps what it has in hand from others."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from transforms.core.requests import Message
from transforms.pubsub.client import Publisher, Received, Subscriber
from transforms.pubsub.dead_letters import dead_letter
from transforms.pubsub.leases import EVERY_SECONDS, LEASE_SECONDS, Leases
from transforms.streaming.ending import Ending
from transforms.streaming.tally import Tally, begin_telling
from transforms.streaming.work import DeadLetter, Delivery

PULL_SECONDS = 1.0
"""How long a pull waits for a first message: meanwhile a runner that has one thread does nothing else."""

HOLD_SECONDS = 1800.0
"""How long the worker of a message keeps it.  One that is in work for longer comes twice."""

QUEUE_SECONDS = 600.0
"""How long the process that pulled a message keeps it: until its worker does, which may be another process.  It is not
told when that is done with it, or gone."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where messages come from: ``projects/P/subscriptions/S``.  It goes to workers by pickle.

    ``dead_letter_topic``, ``projects/P/topics/T``, is told of messages that cannot be done; without one they are only
    in the outcomes.  Processes tell what they have in hand when the ``ending`` has come; without one nobody asks.
    """

    subscription: str
    run_id: str
    dead_letter_topic: str | None = None
    ending: Ending | None = None
    hold_seconds: float = HOLD_SECONDS
    queue_seconds: float = QUEUE_SECONDS
    lease_seconds: int = LEASE_SECONDS
    extend_every_seconds: float = EVERY_SECONDS

    def desk(self) -> Desk:
        """The one of this process.  Threads that ask at once get the same: one desk would not know what another has."""
        with _MAKING:
            return _desk_of(self, os.getpid())


class Desk:
    """The messages that this process has in hand.  Threads share it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._subscriber = Subscriber(mailbox.subscription)
        self._leases = Leases(
            self._subscriber, lease_seconds=mailbox.lease_seconds, every_seconds=mailbox.extend_every_seconds
        )
        self._leases.__enter__()  # for as long as the process lives; what it holds then comes again
        self._until: dict[str, float] = {}
        self._tally = Tally()
        self._lock = Lock()
        if mailbox.ending is not None:
            begin_telling(mailbox.ending, self.tally)

    def pull(self, most: int) -> list[Delivery]:
        """Up to ``most`` messages, kept for this process; none where none came within a second."""
        received = self._subscriber.pull(most, PULL_SECONDS)
        self._keep([each.ack_id for each in received], self._mailbox.queue_seconds)
        self._count(pulled=len(received))
        return [Delivery(each.message, each.ack_id) for each in received]

    def hold(self, receipts: Sequence[str]) -> None:
        """Keeps these for their worker in this process, wherever they were pulled."""
        self._keep(receipts, self._mailbox.hold_seconds)

    def _keep(self, receipts: Sequence[str], seconds: float) -> None:
        self._leave_the_old()
        until = time.monotonic() + seconds
        with self._lock:
            new = [receipt for receipt in receipts if receipt not in self._until]
            self._until.update(dict.fromkeys(receipts, until))
        if new:
            self._leases.hold(map(_in_hand, new))

    def acknowledge(self, receipts: Sequence[str]) -> None:
        """They are done with, those too that another process pulled.  Raises OSError where Pub/Sub is away."""
        self.hold(receipts)
        self._forget(receipts)
        self._count(settled=len(receipts))
        self._leases.acknowledge(map(_in_hand, receipts))

    def give_back(self, receipts: Sequence[str]) -> None:
        """They are for another to work on."""
        self._forget(receipts)
        self._count(settled=len(receipts))
        self._leases.give_back(map(_in_hand, receipts))

    def tally(self) -> Tally:
        """What went through this process since it began."""
        return self._tally

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Publishes dead letters, where there is a topic for them.  Raises OSError where that cannot be done."""
        mailbox = self._mailbox
        if letters and mailbox.dead_letter_topic:
            self._publisher(mailbox.dead_letter_topic).publish(
                dead_letter(each.message, each.problem, subscription=mailbox.subscription, run_id=mailbox.run_id)
                for each in letters
            )

    @functools.cache  # noqa: B019 - desks live as long as their process
    def _publisher(self, topic: str) -> Publisher:
        return Publisher(topic)

    def _leave_the_old(self) -> None:
        now = time.monotonic()
        with self._lock:
            old = [receipt for receipt, until in self._until.items() if until < now]
        if old:
            self._forget(old)
            self._leases.leave(map(_in_hand, old))

    def _count(self, *, pulled: int = 0, settled: int = 0) -> None:
        with self._lock:
            self._tally = Tally(self._tally.pulled + pulled, self._tally.settled + settled)

    def _forget(self, receipts: Sequence[str]) -> None:
        with self._lock:
            for receipt in receipts:
                self._until.pop(receipt, None)


NOWHEN = datetime.fromtimestamp(0, UTC)


def _in_hand(receipt: str) -> Received:
    """What leases go by: the message itself is on its way through the pipeline."""
    return Received(receipt, Message(b"", "", "", NOWHEN))


_MAKING = Lock()


@functools.lru_cache(maxsize=8)
def _desk_of(mailbox: Mailbox, pid: int) -> Desk:  # noqa: ARG001 - a forked child must not use its parent's connection
    return Desk(mailbox)
