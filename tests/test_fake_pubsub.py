"""The fake service against the real client: what is proven with it rests on this."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from google.api_core.exceptions import AlreadyExists, NotFound, ServiceUnavailable
from google.cloud import pubsub_v1

from fake_pubsub import Broker, pubsub_on_air

TOPIC, OTHER = "projects/p/topics/t", "projects/p/topics/other"
SUBSCRIPTION = "projects/p/subscriptions/s"


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as found:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", found.address)
        yield found


@pytest.fixture
def client(broker: Broker) -> Iterator[pubsub_v1.SubscriberClient]:
    with pubsub_v1.SubscriberClient() as found:
        yield found


def pull(client, number=10):
    return client.pull(subscription=SUBSCRIPTION, max_messages=number, timeout=5).received_messages


def test_the_client_publishes_and_pulls_what_was_published(broker, client):
    broker.create(TOPIC, SUBSCRIPTION)
    options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    publisher = pubsub_v1.PublisherClient(publisher_options=options)
    sent = publisher.publish(TOPIC, b"one", ordering_key="k", colour="red").result(timeout=5)
    (received,) = pull(client)
    assert (received.message.data, dict(received.message.attributes)) == (b"one", {"colour": "red"})
    assert (received.message.ordering_key, received.message.message_id) == ("k", sent)
    assert received.message.publish_time.timestamp() == pytest.approx(time.time(), abs=60)
    client.acknowledge(subscription=SUBSCRIPTION, ack_ids=[received.ack_id])
    assert broker.waiting(SUBSCRIPTION) == 0
    assert [each.kind for each in broker.operations()] == ["publish", "pull", "acknowledge"]
    assert broker.published(TOPIC) == [(b"one", {"colour": "red"}, "k")]


def test_what_is_in_hand_is_not_delivered_to_another(broker, client):
    broker.create(TOPIC, SUBSCRIPTION)
    broker.send(TOPIC, b"one", b"two", b"three")
    assert [each.message.data for each in pull(client, 2)] == [b"one", b"two"]
    assert [each.message.data for each in pull(client, 2)] == [b"three"]


def test_a_message_given_back_comes_again_at_once(broker, client):
    broker.create(TOPIC, SUBSCRIPTION)
    broker.send(TOPIC, b"one")
    (first,) = pull(client)
    client.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[first.ack_id], ack_deadline_seconds=0)
    (again,) = pull(client)
    assert (again.message.message_id, again.ack_id == first.ack_id) == (first.message.message_id, False)


def test_after_its_deadline_a_message_comes_again_and_its_old_id_counts_no_more():
    now = [0.0]
    broker = Broker(clock=lambda: now[0])
    broker.create(TOPIC, SUBSCRIPTION, ack_seconds=10)
    broker.send(TOPIC, b"one")
    from google.pubsub_v1 import types

    asked = types.PullRequest.pb()(subscription=SUBSCRIPTION, max_messages=1, return_immediately=True)
    (first,) = broker.pull(asked).received_messages
    extend = types.ModifyAckDeadlineRequest.pb()(
        subscription=SUBSCRIPTION, ack_ids=[first.ack_id], ack_deadline_seconds=30
    )
    broker.modify_ack_deadline(extend)
    now[0] = 29.0
    assert not broker.pull(asked).received_messages
    now[0] = 31.0
    (again,) = broker.pull(asked).received_messages
    broker.acknowledge(types.AcknowledgeRequest.pb()(subscription=SUBSCRIPTION, ack_ids=[first.ack_id]))
    assert broker.waiting(SUBSCRIPTION) == 1
    broker.acknowledge(types.AcknowledgeRequest.pb()(subscription=SUBSCRIPTION, ack_ids=[again.ack_id]))
    assert broker.waiting(SUBSCRIPTION) == 0


def test_a_policy_forwards_what_was_delivered_too_often(broker, client):
    broker.create(OTHER)
    policy = {"dead_letter_topic": OTHER, "max_delivery_attempts": 5}
    broker.create(TOPIC, SUBSCRIPTION, dead_letter_policy=policy)
    broker.send(TOPIC, b"one")
    for attempt in range(1, 6):
        (received,) = pull(client)
        assert received.delivery_attempt == attempt
        client.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=[received.ack_id], ack_deadline_seconds=0)
    assert [data for data, _, _ in broker.published(OTHER)] == [b"one"]
    assert broker.waiting(SUBSCRIPTION) == 0


def test_what_is_not_there_and_a_service_that_is_away(broker, client):
    with pytest.raises(NotFound):
        client.pull(subscription=SUBSCRIPTION, max_messages=1, timeout=5)
    broker.create(TOPIC)
    with pytest.raises(AlreadyExists):
        pubsub_v1.PublisherClient().create_topic(name=TOPIC)
    client.create_subscription(name=SUBSCRIPTION, topic=TOPIC)
    assert client.get_subscription(subscription=SUBSCRIPTION).topic == TOPIC
    broker.is_away = True
    with pytest.raises(ServiceUnavailable):
        client.acknowledge(subscription=SUBSCRIPTION, ack_ids=["1-1"], retry=None)
