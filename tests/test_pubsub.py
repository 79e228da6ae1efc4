"""The adapter of Pub/Sub: messages in hand, given back, done with; what cannot be used goes to the dead letters."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fake_pubsub import Broker, pubsub_on_air
from schemas.outcome import OutcomeKind, Problem
from transforms.core.requests import Message
from transforms.pubsub.client import (
    BYTES_PER_REQUEST,
    Outgoing,
    Publisher,
    PubsubAway,
    PubsubRefused,
    Subscriber,
)
from transforms.pubsub.dead_letters import MAX_ATTRIBUTES, MAX_VALUE_BYTES, dead_letter
from transforms.pubsub.leases import Leases

TOPIC, SUBSCRIPTION = "projects/p/topics/t", "projects/p/subscriptions/s"
AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
PATIENCE_SECONDS = 30.0


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as found:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", found.address)
        found.create(TOPIC, SUBSCRIPTION)
        yield found


@pytest.fixture
def subscriber(broker: Broker) -> Iterator[Subscriber]:
    found = Subscriber(SUBSCRIPTION)
    yield found
    found.close()


def test_a_message_comes_with_all_that_is_known_of_it(broker, subscriber):
    (sent,) = broker.send(TOPIC, b"one", ordering_key="k", desk="night", area="harbour")
    ((received),) = subscriber.pull(10, 5.0)
    found = received.message
    assert (found.data, found.message_id, found.ordering_key) == (b"one", sent, "k")
    assert found.origin == f"pubsub:{SUBSCRIPTION}/{sent}"
    assert found.attributes == (("area", "harbour"), ("desk", "night"))
    assert found.published_at.tzinfo == UTC


def test_nothing_comes_of_an_empty_subscription(subscriber):
    assert subscriber.pull(10, 0.2) == []


def test_what_is_away_and_what_is_refused_are_told_apart(broker, subscriber):
    with pytest.raises(PubsubRefused, match="projects/p/subscriptions/other"):
        Subscriber("projects/p/subscriptions/other").pull(1, 1.0)
    with pytest.raises(PubsubRefused, match="projects/p/topics/other"):
        Publisher("projects/p/topics/other").publish([Outgoing(b"one", {})])
    broker.is_away = True
    with pytest.raises(PubsubAway, match="does not answer"):
        subscriber.pull(1, 1.0)


def test_leases_keep_what_is_in_work_and_give_back_the_rest(broker, subscriber):
    broker.send(TOPIC, b"one", b"two", b"three")
    with Leases(subscriber, every_seconds=0.05) as leases:
        leases.hold(subscriber.pull(10, 5.0))
        extended_at_once = broker.operations("extend")
        assert [len(each.messages) for each in extended_at_once] == [3]
        one, two, _ = leases.held()
        leases.acknowledge([one])
        leases.acknowledge([one])
        leases.give_back([two])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(broker.operations("extend")) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert broker.operations("extend")[-1].messages == ("3",)
    kinds = [(each.kind, each.messages) for each in broker.operations("acknowledge", "nack")]
    assert kinds == [("acknowledge", ("1",)), ("nack", ("2",)), ("nack", ("3",))]
    assert [each.message.data for each in subscriber.pull(10, 5.0)] == [b"two", b"three"]


class Away:
    """A queue that cannot be reached."""

    def acknowledge(self, ack_ids):
        raise PubsubAway("away")

    extend = nack = lambda self, *_: self.acknowledge(())


def test_leases_outlast_a_service_that_is_away(subscriber, broker):
    broker.send(TOPIC, b"one")
    received = subscriber.pull(1, 5.0)
    with Leases(Away(), every_seconds=0.01) as leases:
        leases.hold(received)
        leases.give_back(received)
        leases.hold(received)
        with pytest.raises(PubsubAway):
            leases.acknowledge(received)
        assert leases.held() == []


def test_messages_are_published_in_order_whatever_their_attributes_are_called(broker):
    publisher = Publisher(TOPIC)
    sent = [Outgoing(b"%d" % number, {"topic": "a", "data": "é"}, ordering_key="k") for number in range(2_500)]
    assert len(publisher.publish(sent)) == 2_500
    found = broker.published(TOPIC)
    assert [data for data, _, _ in found] == [each.data for each in sent]
    assert found[0][1:] == ({"topic": "a", "data": "é"}, "k")
    assert [len(each.messages) for each in broker.operations("publish")] == [1000, 1000, 500]
    assert publisher.publish([]) == []
    publisher.close()


def test_no_request_is_larger_than_the_service_takes(broker):
    large = bytes(BYTES_PER_REQUEST // 2 + 1)
    Publisher(TOPIC).publish([Outgoing(large, {})] * 3)
    assert [len(each.messages) for each in broker.operations("publish")] == [1, 1, 1]


def test_a_dead_letter_has_the_bytes_as_they_came_and_says_why():
    message = Message(b"\xff{", "pubsub:s/7", "7", AT, (("desk", "night"),), "k")
    found = dead_letter(message, Problem(OutcomeKind.MALFORMED, "é" * 1000), subscription=SUBSCRIPTION, run_id="r")
    assert (found.data, found.ordering_key) == (b"\xff{", "")
    reason = found.attributes.pop("newsbeam_reason")
    assert len(reason.encode()) == MAX_VALUE_BYTES
    assert found.attributes == {
        "desk": "night",
        "newsbeam_outcome": "malformed",
        "newsbeam_subscription": SUBSCRIPTION,
        "newsbeam_message_id": "7",
        "newsbeam_published_at": "2026-11-16T08:00:00+00:00",
        "newsbeam_ordering_key": "k",
        "newsbeam_run_id": "r",
    }


def test_a_dead_letter_has_no_more_attributes_than_one_may_have():
    attributes = tuple((f"a{number:03d}", "x") for number in range(100))
    message = Message(b"", "pubsub:s/7", "7", AT, (*attributes, ("newsbeam_outcome", "mine")))
    found = dead_letter(message, Problem(OutcomeKind.MALFORMED, "bad"), subscription=SUBSCRIPTION, run_id="r")
    assert len(found.attributes) == MAX_ATTRIBUTES
    assert found.attributes["newsbeam_outcome"] == "malformed"
