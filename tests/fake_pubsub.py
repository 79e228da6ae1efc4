"""A Pub/Sub on loopback: the part of its gRPC interface that newsbeam meets, in one process and few lines.

Topics and subscriptions; messages with attributes and ordering keys; unary pull, acknowledge, and deadlines that can
be changed and that pass; a dead letter policy.  Everything that is asked for is in `Broker.log`, in order.

    with pubsub_on_air() as broker:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", broker.address)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Condition
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

PULL_WAITS_SECONDS = 1.0
"""How long a pull waits for a first message; the real service waits longer."""

MAX_REQUEST_BYTES = 10_000_000
"""The limit of the real service."""

ATTEMPTS = 5
"""Deliveries after which a dead letter policy applies, where it names no number."""


@dataclass(frozen=True)
class Operation:
    """Something that was asked for: ``kind`` is publish, pull, acknowledge, extend, nack or forward.

    ``at`` is `time.time_ns`, ``subject`` a topic or subscription, ``messages`` are message ids.
    """

    at: int
    kind: str
    subject: str
    messages: tuple[str, ...]


@dataclass
class Held:
    """A message in a subscription; ``leased_until`` is 0 where it waits to be delivered."""

    number: int
    message: Any
    leased_until: float = 0.0
    ack_id: str = ""
    attempts: int = 0


@dataclass
class Queue:
    """A subscription."""

    settings: Any
    messages: dict[int, Held] = field(default_factory=dict)


class Broker:
    """What is published and delivered.

    Set ``is_away`` to let every request fail as if the service was gone.  ``on_acknowledge`` is called with the ids of
    messages just before they are forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.address = ""
        self.is_away = False
        self.on_acknowledge: Callable[[tuple[str, ...]], None] = lambda _: None
        self.log: list[Operation] = []
        self.topics: dict[str, list[Any]] = {}
        self.queues: dict[str, Queue] = {}
        self.changed = Condition()
        self._clock = clock
        self._numbers = count(1)

    # --- for tests

    def create(self, topic: str, *subscriptions: str, ack_seconds: int = 10, **settings: Any) -> None:
        """Makes a topic and its subscriptions, named whole: ``projects/P/topics/T``."""
        self.create_topic(types.Topic.pb()(name=topic))
        for name in subscriptions:
            self.create_subscription(
                types.Subscription.pb(
                    types.Subscription(name=name, topic=topic, ack_deadline_seconds=ack_seconds, **settings)
                )
            )

    def send(self, topic: str, *bodies: bytes, ordering_key: str = "", **attributes: str) -> list[str]:
        """Publishes and gives the message ids."""
        messages = [
            types.PubsubMessage.pb(types.PubsubMessage(data=body, attributes=attributes, ordering_key=ordering_key))
            for body in bodies
        ]
        return list(self.publish(types.PublishRequest.pb()(topic=topic, messages=messages)).message_ids)

    def published(self, topic: str) -> list[tuple[bytes, Mapping[str, str], str]]:
        """(data, attributes, ordering key) of everything that was published to ``topic``."""
        with self.changed:
            return [(each.data, dict(each.attributes), each.ordering_key) for each in self.topics[topic]]

    def waiting(self, subscription: str) -> int:
        """Messages that were not acknowledged."""
        with self.changed:
            return len(self.queues[subscription].messages)

    def operations(self, *kinds: str) -> list[Operation]:
        """The log, or the part of it that is of ``kinds``."""
        with self.changed:
            return [each for each in self.log if not kinds or each.kind in kinds]

    # --- what is asked over gRPC

    def create_topic(self, topic: Any) -> Any:
        with self.changed:
            _refuse_if(topic.name in self.topics, grpc.StatusCode.ALREADY_EXISTS, topic.name)
            self.topics[topic.name] = []
        return topic

    def get_topic(self, request: Any) -> Any:
        _refuse_if(request.topic not in self.topics, grpc.StatusCode.NOT_FOUND, request.topic)
        return types.Topic.pb()(name=request.topic)

    def create_subscription(self, settings: Any) -> Any:
        with self.changed:
            _refuse_if(settings.name in self.queues, grpc.StatusCode.ALREADY_EXISTS, settings.name)
            _refuse_if(settings.topic not in self.topics, grpc.StatusCode.NOT_FOUND, settings.topic)
            self.queues[settings.name] = Queue(settings)
        return settings

    def get_subscription(self, request: Any) -> Any:
        return self._queue(request.subscription).settings

    def publish(self, request: Any) -> Any:
        with self.changed:
            _refuse_if(request.topic not in self.topics, grpc.StatusCode.NOT_FOUND, request.topic)
            ids = tuple(self._publish(request.topic, message) for message in request.messages)
            self._note("publish", request.topic, ids)
            self.changed.notify_all()
        return types.PublishResponse.pb()(message_ids=ids)

    def pull(self, request: Any) -> Any:
        """Waits a moment for a first message, as the service does unless it is told to return at once."""
        queue, limit = self._queue(request.subscription), time.monotonic() + PULL_WAITS_SECONDS
        with self.changed:
            while not (found := self._deliverable(queue)):
                left = limit - time.monotonic()
                if left <= 0 or request.return_immediately or self.is_away:
                    break
                self.changed.wait(min(left, 0.05))
            delivered = [self._deliver(queue, held) for held in found[: request.max_messages]]
            if delivered:
                ids = tuple(each.message.message_id for each in delivered)
                self._note("pull", request.subscription, ids)
        return types.PullResponse.pb()(received_messages=delivered)

    def acknowledge(self, request: Any) -> Empty:
        with self.changed:
            queue = self._queue(request.subscription)
            found = self._leased(queue, request.ack_ids)
            self.on_acknowledge(_ids(found))
            for held in found:
                del queue.messages[held.number]
            self._note("acknowledge", request.subscription, _ids(found))
        return Empty()

    def modify_ack_deadline(self, request: Any) -> Empty:
        with self.changed:
            queue = self._queue(request.subscription)
            found = self._leased(queue, request.ack_ids)
            seconds = request.ack_deadline_seconds
            for held in found:
                held.leased_until = self._clock() + seconds if seconds else 0.0
            self._note("extend" if seconds else "nack", request.subscription, _ids(found))
            if not seconds:
                for held in found:
                    self._give_back(queue, held)
            self.changed.notify_all()
        return Empty()

    # --- inside

    def _queue(self, name: str) -> Queue:
        _refuse_if(name not in self.queues, grpc.StatusCode.NOT_FOUND, name)
        return self.queues[name]

    def _note(self, kind: str, subject: str, messages: tuple[str, ...]) -> None:
        self.log.append(Operation(time.time_ns(), kind, subject, messages))

    def _publish(self, topic: str, message: Any) -> str:
        number = next(self._numbers)
        kept = types.PubsubMessage.pb()()
        kept.CopyFrom(message)
        kept.message_id = str(number)
        kept.publish_time.GetCurrentTime()
        self.topics[topic].append(kept)
        for queue in self.queues.values():
            if queue.settings.topic == topic:
                queue.messages[number] = Held(number, kept)
        return kept.message_id

    def _deliverable(self, queue: Queue) -> list[Held]:
        """What waits, in the order of publication, after the deadlines that have passed."""
        now = self._clock()
        for held in list(queue.messages.values()):
            if held.leased_until and held.leased_until <= now:
                self._give_back(queue, held)
        waiting = [held for held in queue.messages.values() if not held.leased_until]
        return sorted(waiting, key=lambda held: held.number)

    def _deliver(self, queue: Queue, held: Held) -> Any:
        held.attempts += 1
        held.ack_id = f"{held.number}-{held.attempts}"
        held.leased_until = self._clock() + (queue.settings.ack_deadline_seconds or 10)
        attempt = held.attempts if queue.settings.dead_letter_policy.dead_letter_topic else 0
        return types.ReceivedMessage.pb()(ack_id=held.ack_id, message=held.message, delivery_attempt=attempt)

    def _give_back(self, queue: Queue, held: Held) -> None:
        """It will be delivered again, with those of its ordering key that came later; or goes to the dead letters."""
        held.leased_until, held.ack_id = 0.0, ""
        policy = queue.settings.dead_letter_policy
        if policy.dead_letter_topic and held.attempts >= (policy.max_delivery_attempts or ATTEMPTS):
            del queue.messages[held.number]
            self._publish(policy.dead_letter_topic, held.message)
            self._note("forward", policy.dead_letter_topic, (held.message.message_id,))
        elif queue.settings.enable_message_ordering and held.message.ordering_key:
            for other in queue.messages.values():
                if other.message.ordering_key == held.message.ordering_key and other.number > held.number:
                    other.leased_until, other.ack_id = 0.0, ""

    def _leased(self, queue: Queue, ack_ids: Any) -> list[Held]:
        """Ids of leases that have passed are passed over, as the service does."""
        wanted, now = set(ack_ids), self._clock()
        return [held for held in queue.messages.values() if held.ack_id in wanted and held.leased_until > now]


class Refused(Exception):
    """An answer with a gRPC status other than OK."""

    def __init__(self, status: grpc.StatusCode, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def _refuse_if(condition: bool, status: grpc.StatusCode, detail: str) -> None:
    if condition:
        raise Refused(status, detail)


def _ids(held: list[Held]) -> tuple[str, ...]:
    return tuple(each.message.message_id for each in held)


METHODS = {
    "Publisher": {
        "CreateTopic": (Broker.create_topic, types.Topic),
        "GetTopic": (Broker.get_topic, types.GetTopicRequest),
        "Publish": (Broker.publish, types.PublishRequest),
    },
    "Subscriber": {
        "CreateSubscription": (Broker.create_subscription, types.Subscription),
        "GetSubscription": (Broker.get_subscription, types.GetSubscriptionRequest),
        "Pull": (Broker.pull, types.PullRequest),
        "Acknowledge": (Broker.acknowledge, types.AcknowledgeRequest),
        "ModifyAckDeadline": (Broker.modify_ack_deadline, types.ModifyAckDeadlineRequest),
    },
}


@contextmanager
def pubsub_on_air() -> Iterator[Broker]:
    """The service at a free port of 127.0.0.1; `Broker.address` is what PUBSUB_EMULATOR_HOST wants."""
    broker = Broker()
    server = grpc.server(ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", MAX_REQUEST_BYTES)])
    for service, methods in METHODS.items():
        handlers = {name: _handler(broker, function, request) for name, (function, request) in methods.items()}
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(f"google.pubsub.v1.{service}", handlers),)
        )
    broker.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield broker
    finally:
        server.stop(None).wait()


def _handler(broker: Broker, function: Callable[..., Any], request: Any) -> Any:
    def answer(asked: Any, context: grpc.ServicerContext) -> Any:
        if broker.is_away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the service is away")
        try:
            return function(broker, asked)
        except Refused as refused:
            context.abort(refused.status, str(refused))

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.pb().FromString, response_serializer=_bytes_of
    )


def _bytes_of(answer: Any) -> bytes:
    return bytes(answer.SerializeToString())
