"""Messages in hand: their leases are extended in the background until they are acknowledged or given back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Protocol, Self

from transforms.pubsub.client import Received

LEASE_SECONDS = 60
"""What each extension asks for: a process that was killed holds its messages back for no longer than this."""

EVERY_SECONDS = 20.0
"""Between two extensions: two may fail before a lease passes."""

logger = logging.getLogger("newsbeam")


class Queue(Protocol):
    """What leases need: `transforms.pubsub.client.Subscriber` is one."""

    def acknowledge(self, ack_ids: Sequence[str]) -> None: ...

    def extend(self, ack_ids: Sequence[str], seconds: int) -> None: ...

    def nack(self, ack_ids: Sequence[str]) -> None: ...


class Leases:
    """Holds messages while they are in work.  A context manager; what is still in hand at its end is given back."""

    def __init__(
        self, queue: Queue, *, lease_seconds: int = LEASE_SECONDS, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._queue = queue
        self._lease_seconds = lease_seconds
        self._every_seconds = every_seconds
        self._held: dict[str, Received] = {}
        self._lock = Lock()
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="newsbeam-leases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.give_back(self.held())

    def held(self) -> list[Received]:
        """What is in hand, the oldest first."""
        with self._lock:
            return list(self._held.values())

    def hold(self, received: Iterable[Received]) -> None:
        """Keeps these, from now on."""
        new = {each.ack_id: each for each in received}
        with self._lock:
            self._held.update(new)
        self._extend(list(new))

    def acknowledge(self, done: Iterable[Received]) -> None:
        """These are done with.  Raises OSError where the service could not be told; they are not held any longer."""
        ids = self._let_go(done)
        if ids:
            self._queue.acknowledge(ids)

    def give_back(self, received: Iterable[Received]) -> None:
        """These are for another try.  Where the service cannot be told, they come again when their leases pass."""
        ids = self._let_go(received)
        try:
            if ids:
                self._queue.nack(ids)
        except OSError as error:
            logger.warning("%d messages come again only after %d s: %s", len(ids), self._lease_seconds, error)

    def leave(self, received: Iterable[Received]) -> None:
        """These are for others to keep; where nobody does they come again when their leases pass."""
        self._let_go(received)

    def _let_go(self, received: Iterable[Received]) -> list[str]:
        with self._lock:
            return [each.ack_id for each in received if self._held.pop(each.ack_id, None)]

    def _keep(self) -> None:
        while not self._ended.wait(self._every_seconds):
            with self._lock:
                ids = list(self._held)
            self._extend(ids)

    def _extend(self, ids: list[str]) -> None:
        try:
            if ids:
                self._queue.extend(ids, self._lease_seconds)
        except OSError as error:
            logger.warning(
                "the leases of %d messages could not be extended, and will be tried again: %s", len(ids), error
            )
