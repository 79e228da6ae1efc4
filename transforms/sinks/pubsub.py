"""A topic of Google's Pub/Sub: a message a row, the versions of an article in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from transforms.core.layout import RunLayout
from transforms.core.messages import AVRO, LARGEST_BYTES, RowMessage, message_of
from transforms.pubsub.client import Outgoing, Publisher, PubsubAway, PubsubRefused
from transforms.sinks.destination import Delivered, SinkFailed, SinkFile, one_by_one, rows_of

THREADS = 16
"""Requests under way at once.  All messages of a request have one ordering key, as the service asks, and an article has
one row in a run: so a request carries one article."""

BATCH_MESSAGES = 500
"""Messages in a request, where several may share one."""

PATIENCE_SECONDS = 120.0
"""How long a request is repeated while the service is away."""

Batch = list[RowMessage]


@dataclass(frozen=True)
class PubSubTopic:
    """``topic`` is its whole name, ``projects/P/topics/T``; ``encoding`` of bodies ``avro`` or ``json``."""

    schema: str
    topic: str
    encoding: str = AVRO
    patience_seconds: float = PATIENCE_SECONDS

    def __str__(self) -> str:
        return f"pubsub:{self.topic}" + ("" if self.encoding == AVRO else f"?encoding={self.encoding}")

    def problem(self) -> str | None:
        """Asks for the topic."""
        _, project, _, name = self.topic.split("/")
        try:
            with self._publisher() as publisher:
                publisher.check()
        except PubsubRefused as error:
            return f"{error} (gcloud pubsub topics create {name} --project {project} makes it)"
        except PubsubAway as error:
            raise SinkFailed(f"{self}: {error}") from error
        return None

    def portions(self, files: Sequence[SinkFile]) -> list[tuple[SinkFile, ...]]:
        """Each file for itself."""
        return one_by_one(files)

    def deliver(self, portion: Sequence[SinkFile], layout: RunLayout) -> Delivered:  # noqa: ARG002 - asked of all
        """Publishes the rows, and waits until the service has each of them."""
        sent = bodiless = 0
        rows = ((file, row) for file in portion for row in rows_of(file))
        messages = (message_of(self.schema, row, self.encoding, file.published) for file, row in rows)
        try:
            with self._publisher() as publisher, ThreadPoolExecutor(THREADS) as pool:
                for batch in in_order(pool, lambda each: self._publish(publisher, each), batches(messages)):
                    sent += len(batch)
                    bodiless += sum(not message.is_whole for message in batch)
        except (PubsubRefused, PubsubAway) as error:
            raise SinkFailed(f"{self}: {error}") from error
        return Delivered(str(self), self.schema, sent, bodiless)

    def settle(self, delivered: Sequence[Delivered], layout: RunLayout) -> None:
        """Nothing waits."""

    def discard(self, layout: RunLayout) -> None:
        """What was published stays so."""

    def _publish(self, publisher: Publisher, batch: Batch) -> None:
        outgoing = [Outgoing(each.data, each.attributes, each.ordering_key) for each in batch]
        give_up = time.monotonic() + self.patience_seconds
        while True:
            try:
                publisher.publish(outgoing)
                return
            except PubsubAway:
                if time.monotonic() >= give_up:
                    raise
                time.sleep(1.0)  # the client itself has waited, but not for every failure

    @contextmanager
    def _publisher(self) -> Iterator[Publisher]:
        publisher = Publisher(self.topic)
        try:
            yield publisher
        finally:
            publisher.close()


def batches(messages: Iterable[RowMessage]) -> Iterator[Batch]:
    """Messages by the request, each of one ordering key."""
    batch: Batch = []
    size = 0
    for message in messages:
        length = len(message.data)
        is_full = len(batch) >= BATCH_MESSAGES or size + length > LARGEST_BYTES // 2
        if batch and (is_full or message.ordering_key != batch[0].ordering_key):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def in_order(pool: ThreadPoolExecutor, publish: Callable[[Batch], None], batched: Iterable[Batch]) -> Iterator[Batch]:
    """Publishes batches, some at a time, and gives each when it is out; those of one key go one after the other.

    The first failure is raised, when what is under way has ended.
    """
    under_way: dict[Future[None], Batch] = {}
    for batch in batched:
        key = batch[0].ordering_key
        while len(under_way) >= THREADS or (key and any(each[0].ordering_key == key for each in under_way.values())):
            yield from _ended(under_way)
        under_way[pool.submit(publish, batch)] = batch
    while under_way:
        yield from _ended(under_way)


def _ended(under_way: dict[Future[None], Batch]) -> Iterator[Batch]:
    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
        batch = under_way.pop(future)
        future.result()
        yield batch
