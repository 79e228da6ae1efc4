"""Messages that ask for nothing that can be done: where they go, with the reason, their bytes as they came."""

from __future__ import annotations

from schemas.outcome import Problem
from transforms.core.requests import Message
from transforms.pubsub.client import Outgoing

MAX_ATTRIBUTES = 100
"""Pub/Sub's limit for one message."""

MAX_VALUE_BYTES = 1024
"""Pub/Sub's limit for the value of an attribute."""


def dead_letter(message: Message, problem: Problem, *, subscription: str, run_id: str) -> Outgoing:
    """The message for the dead letter topic: the same bytes and attributes, and what is known of it in more of them.

    Attributes of the sender beyond the limit give way to those that are added.
    """
    said = {
        "newsbeam_outcome": problem.kind.value,
        "newsbeam_reason": problem.detail,
        "newsbeam_subscription": subscription,
        "newsbeam_message_id": message.message_id,
        "newsbeam_published_at": message.published_at.isoformat(),
        "newsbeam_ordering_key": message.ordering_key,
        "newsbeam_run_id": run_id,
    }
    ours = {name: _cut(value) for name, value in said.items() if value}
    theirs = [(name, value) for name, value in message.attributes if name not in ours]
    return Outgoing(message.data, {**dict(theirs[: MAX_ATTRIBUTES - len(ours)]), **ours})


def _cut(text: str) -> str:
    return text.encode()[:MAX_VALUE_BYTES].decode("utf-8", "ignore")
