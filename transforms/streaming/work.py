"""What flows in a stream: each thing with the message that it came of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from schemas.outcome import Outcome, Problem
from transforms.core.requests import Message

WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it was pulled.

    ``receipt`` is what acknowledges this delivery of it; None where the runner sees to that.
    """

    message: Message
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that asks for nothing that can be done here, and why."""

    message: Message
    problem: Problem


@dataclass(frozen=True, slots=True)
class Refused:
    """Both things that are said of such a message; one item, since nothing may part what comes of it on its way to the
    worker that owns it."""

    outcome: Outcome
    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class Work:
    """Something on its way from a message to a file: a request, a page, a record, an outcome; None where all is said.

    The ``share`` of all that came of one delivery add up to 1, so that whoever has them all knows that it has.
    """

    item: Any
    message_id: str
    receipt: str | None = None
    share: Fraction = WHOLE

    def becoming(self, items: Sequence[Any]) -> Iterator[Work]:
        """What came of it, with its share in equal parts."""
        return self.parted(items or [None], max(1, len(items)))

    def parted(self, items: Iterable[Any], count: int) -> Iterator[Work]:
        """The same of ``count`` items that come one by one; there has to be one at least."""
        share = self.share / count
        return (replace(self, item=item, share=share) for item in items)
