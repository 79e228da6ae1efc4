"""One worker for each domain, and from there to the file in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.coders import VarIntCoder
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec

from transforms.streaming.mailbox import Mailbox
from transforms.streaming.work import Refused, Work

OWNER = beam.DoFn.StateParam(ReadModifyWriteStateSpec("owner", VarIntCoder()))
"""A state makes every runner send a key to one worker; Flink's Reshuffle looks at no key.  Nothing is kept in it."""


@dataclass(eq=False)
class GoToOwner(beam.PTransform):
    """(owner, `Work`) in, `Work` out, each on the worker of its owner, which holds its message from then on.

    ``mailbox`` is None where the runner acknowledges.
    """

    mailbox: Mailbox | None

    def expand(self, owned: beam.PCollection) -> beam.PCollection:
        return owned | beam.ParDo(_AtOwner(self.mailbox)).with_output_types(Work)


class _AtOwner(beam.DoFn):
    def __init__(self, mailbox: Mailbox | None) -> None:
        self._mailbox = mailbox

    def process(self, owned: tuple[str, Work], _owner: Any = OWNER) -> Iterator[Work]:
        work = owned[1]
        if self._mailbox is not None and work.receipt is not None:
            self._mailbox.desk().hold([work.receipt])
        if isinstance(work.item, Refused):
            yield from work.becoming([work.item.outcome, work.item.letter])
        else:
            yield work
