"""The one module that knows Google's client of Pub/Sub.

``PUBSUB_EMULATOR_HOST`` is heard, as by every client of Google's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any, TypeVar

from google.api_core import exceptions as api
from google.api_core.retry import Retry
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1 import PublisherClient as PublisherCalls
from google.pubsub_v1.types import PublishRequest, PubsubMessage

from transforms.core.requests import Message

IDS_PER_REQUEST = 1_000
"""A request to acknowledge may have 512 KiB; an ack id has about 200 bytes."""

LONGEST_PULL_SECONDS = 20.0
"""How long one request waits for messages: a signal to stop is heard at its end at the latest."""

RETRY_SECONDS = 15.0
"""How long an acknowledgement or a publication is tried again by the client itself."""

MESSAGES_PER_REQUEST = 1_000
"""The service's limit for one request to publish."""

BYTES_PER_REQUEST = 9_000_000
"""A little below the service's limit of 10 MB."""

_PASSING = (
    api.ServiceUnavailable,
    api.InternalServerError,
    api.GatewayTimeout,  # DeadlineExceeded is one
    api.TooManyRequests,  # ResourceExhausted is one
    api.Aborted,
    api.Cancelled,
    api.Unknown,
    api.RetryError,
)
_REFUSED = (api.ClientError, DefaultCredentialsError)

T = TypeVar("T")


class PubsubAway(OSError):
    """The service cannot be reached, or asks to be left alone: the same may succeed later."""


class PubsubRefused(OSError):
    """The service says no: a name that it does not know, a right that is missing.  Asking again is no use."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message in hand.  ``ack_id`` is good for this delivery alone; ``attempt`` is 0 where nobody counts."""

    ack_id: str
    message: Message
    attempt: int = 0


class Subscriber:
    """A subscription, ``projects/P/subscriptions/S``.  Threads may share it."""

    def __init__(self, subscription: str) -> None:
        """Connects with the first request.  Raises `PubsubRefused` where there are no credentials."""
        self.subscription = subscription
        with _plain_errors(subscription):
            self._client = SubscriberClient()

    def pull(self, most: int, wait_seconds: float) -> list[Received]:
        """At most ``most`` messages, none where none came in ``wait_seconds`` or a little less."""
        wait = min(wait_seconds, LONGEST_PULL_SECONDS)
        try:
            with _plain_errors(self.subscription):
                answer = self._client.pull(
                    subscription=self.subscription, max_messages=most, timeout=max(wait, 0.1), retry=None
                )
        except PubsubAway as away:
            if isinstance(away.__cause__, api.DeadlineExceeded):
                return []
            raise
        return [self._received(each) for each in answer.received_messages]

    def acknowledge(self, ack_ids: Sequence[str]) -> None:
        """The messages are done with.  One whose lease has passed comes again all the same."""
        self._each_part(self._client.acknowledge, ack_ids)

    def extend(self, ack_ids: Sequence[str], seconds: int) -> None:
        """Keeps the messages in hand for ``seconds`` from now, 10 to 600."""
        self._each_part(self._client.modify_ack_deadline, ack_ids, ack_deadline_seconds=seconds)

    def nack(self, ack_ids: Sequence[str]) -> None:
        """Gives the messages back: they are delivered again, here or elsewhere."""
        self._each_part(self._client.modify_ack_deadline, ack_ids, ack_deadline_seconds=0)

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def _received(self, received: Any) -> Received:
        found = received.message
        message = Message(
            data=bytes(found.data),
            origin=f"pubsub:{self.subscription}/{found.message_id}",
            message_id=found.message_id,
            published_at=found.publish_time.replace(tzinfo=UTC),
            attributes=tuple(sorted(found.attributes.items())),
            ordering_key=found.ordering_key,
        )
        return Received(received.ack_id, message, received.delivery_attempt or 0)

    def _each_part(self, ask: Callable[..., object], ack_ids: Sequence[str], **settings: Any) -> None:
        for part in _parts(ack_ids, IDS_PER_REQUEST):
            with _plain_errors(self.subscription):
                ask(
                    subscription=self.subscription,
                    ack_ids=part,
                    retry=Retry(predicate=_is_passing, initial=0.1, timeout=RETRY_SECONDS),
                    timeout=RETRY_SECONDS,
                    **settings,
                )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; attributes have at most 256 bytes a name, 1,024 a value, and are at most 100."""

    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str = ""


class Publisher:
    """A topic, ``projects/P/topics/T``.  Threads may share it.

    Messages of one ordering key are delivered in the order of publication to subscriptions that ask for it.
    """

    def __init__(self, topic: str) -> None:
        """Connects with the first message.  Raises `PubsubRefused` where there are no credentials."""
        self.topic = topic
        with _plain_errors(topic):
            self._client = PublisherClient()

    def publish(self, messages: Iterable[Outgoing]) -> list[str]:
        """Publishes all, in order, and gives their ids once the service has them.

        Raises where some could not be published; those before them were.
        """
        return [id_ for part in _requests(messages) for id_ in self._publish(part)]

    def check(self) -> None:
        """Asks for the topic.  Raises `PubsubRefused` where there is none; who may only publish is not told, and is
        believed."""
        try:
            with _plain_errors(self.topic):
                PublisherCalls.get_topic(self._client, topic=self.topic, retry=None, timeout=RETRY_SECONDS)
        except PubsubRefused as refused:
            if not isinstance(refused.__cause__, api.PermissionDenied):
                raise

    def close(self) -> None:
        """Ends the connection."""
        self._client.transport.close()

    def _publish(self, part: list[Outgoing]) -> list[str]:
        """One request, by the call that takes messages as they are: the client's own takes attributes as arguments, so
        that none may be named ``topic`` or ``data``, and gathers messages in threads."""
        sent = [
            PubsubMessage(data=each.data, attributes=dict(each.attributes), ordering_key=each.ordering_key)
            for each in part
        ]
        with _plain_errors(self.topic):
            answer = PublisherCalls.publish(
                self._client,
                request=PublishRequest(topic=self.topic, messages=sent),
                retry=Retry(predicate=_is_passing, initial=0.1, timeout=RETRY_SECONDS),
                timeout=RETRY_SECONDS,
            )
        return list(answer.message_ids)


def _requests(messages: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """As few requests as the limits of the service allow."""
    part: list[Outgoing] = []
    size = 0
    for message in messages:
        length = len(message.data) + sum(len(name) + len(value.encode()) for name, value in message.attributes.items())
        if part and (len(part) >= MESSAGES_PER_REQUEST or size + length > BYTES_PER_REQUEST):
            yield part
            part, size = [], 0
        part.append(message)
        size += length
    if part:
        yield part


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, _PASSING)


def _parts(found: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]


@contextmanager
def _plain_errors(subject: str) -> Iterator[None]:
    """Raises `PubsubAway` and `PubsubRefused` in place of the client's own errors."""
    try:
        yield
    except _PASSING as error:
        raise PubsubAway(f"{subject}: Pub/Sub does not answer: {_reason(error)}") from error
    except _REFUSED as error:
        raise PubsubRefused(f"{subject}: {_reason(error)}") from error
    except (api.GoogleAPICallError, GoogleAuthError) as error:
        raise PubsubAway(f"{subject}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return " ".join((getattr(error, "message", None) or str(error)).split())
