"""Requests from a runner that has a source of Pub/Sub of its own, and acknowledges when its first stage is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.io.gcp.pubsub import PubsubMessage, ReadFromPubSub, WriteToPubSub

from transforms.core.requests import Message
from transforms.pubsub.dead_letters import dead_letter
from transforms.streaming.mailbox import Mailbox
from transforms.streaming.understand import UnderstandRequests
from transforms.streaming.work import Delivery, Refused, Work

LETTERS = "letters"
"""The name of an output: dead letters, as they are published."""


@dataclass(eq=False)
class ReadManaged(beam.PTransform):
    """(owner, `Work`) for each message, without receipts.

    Dataflow acknowledges a message when the stage that read it is done; what fails later is tried again from what that
    stage gave, not from Pub/Sub.  So the dead letters leave in that stage, before anything is shuffled.
    """

    mailbox: Mailbox
    understand: UnderstandRequests

    def expand(self, begin: Any) -> beam.PCollection:
        mailbox = self.mailbox
        messages = begin | "Pull" >> ReadFromPubSub(subscription=mailbox.subscription, with_attributes=True)
        deliveries = messages | "As deliveries" >> beam.Map(_delivery, mailbox.subscription)
        parting = beam.ParDo(_PartLetters(mailbox)).with_outputs(LETTERS, main="owned")
        parted = deliveries | "Understand" >> self.understand | "Part letters" >> parting
        if mailbox.dead_letter_topic:
            _ = parted[LETTERS] | "Bury" >> WriteToPubSub(mailbox.dead_letter_topic, with_attributes=True)
        return parted.owned | "Typed" >> beam.Map(_as_is).with_output_types(tuple[str, Work])


def _as_is(owned: tuple[str, Work]) -> tuple[str, Work]:
    return owned


def _delivery(found: PubsubMessage, subscription: str) -> Delivery:
    published = found.publish_time
    return Delivery(
        Message(
            data=found.data,
            origin=f"pubsub:{subscription}/{found.message_id}",
            message_id=found.message_id,
            published_at=published.replace(tzinfo=UTC) if published else datetime.now(UTC),
            attributes=tuple(sorted(found.attributes.items())),
            ordering_key=found.ordering_key or "",
        )
    )


class _PartLetters(beam.DoFn):
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def process(self, owned: tuple[str, Work]) -> Iterator[Any]:
        owner, work = owned
        if not isinstance(work.item, Refused):
            yield owned
            return
        letter = work.item.letter
        mailbox = self._mailbox
        sent = dead_letter(letter.message, letter.problem, subscription=mailbox.subscription, run_id=mailbox.run_id)
        yield beam.pvalue.TaggedOutput(LETTERS, PubsubMessage(sent.data, dict(sent.attributes)))
        yield owner, replace(work, item=work.item.outcome)
