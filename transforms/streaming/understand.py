"""From messages to the work that they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apache_beam as beam

from schemas.hops import FeedRequest, PageRequest, Run
from schemas.outcome import Problem, Stage
from transforms.clock import Clock
from transforms.core.requested import carried_page, document_of, feed_request, page_request
from transforms.core.requests import (
    Asked,
    Message,
    Request,
    request_of,
)
from transforms.core.urls import registrable_domain
from transforms.outcomes import Reporter
from transforms.streaming.archives import Archive
from transforms.streaming.work import DeadLetter, Delivery, Refused, Work


@dataclass(eq=False)
class UnderstandRequests(beam.PTransform):
    """`Delivery` in; out (owner, `Work`) where the owner is the domain that is asked, or the message where none is.

    ``archives_below`` as for `transforms.core.requests.request_of`.  A message that asks for nothing that can be done
    leaves an outcome, with its bytes, and a dead letter.
    """

    run: Run
    clock: Clock
    archives_below: tuple[str, ...] = ()

    def expand(self, deliveries: beam.PCollection) -> beam.PCollection:
        reporter = Reporter(self.run, self.clock, Stage.DISCOVER)
        step = beam.ParDo(_Understand(reporter, self.archives_below))
        return deliveries | step.with_output_types(tuple[str, Work])


class _Understand(beam.DoFn):
    def __init__(self, reporter: Reporter, archives_below: Sequence[str]) -> None:
        self._reporter = reporter
        self._archives_below = archives_below

    def process(self, delivery: Delivery) -> Iterator[tuple[str, Work]]:
        work = Work(self._item(delivery), delivery.message.message_id, delivery.receipt)
        yield _owner(work), work

    def _item(self, delivery: Delivery) -> Any:
        message = delivery.message
        request = request_of(message, archives_below=self._archives_below)
        if isinstance(request, Problem):
            return self._refused(message, request, message.origin)
        return _asked_for(request, self._reporter.clock.now().replace(microsecond=0))

    def _refused(self, message: Message, problem: Problem, url: str) -> Refused:
        return Refused(self._reporter.outcome(problem, url, payload=message.data), DeadLetter(message, problem))


def _asked_for(request: Request, now: datetime) -> Any:
    match request.asked:
        case Asked.FEED:
            return feed_request(request)
        case Asked.PAGE:
            return page_request(request, now=now)
        case Asked.HTML:
            return carried_page(request, now=now)
        case Asked.WARC:
            return Archive(request.target, request.message)
        case _:
            return document_of(request)


def _owner(work: Work) -> str:
    """One worker asks a domain, politely; what asks nobody is spread."""
    item = work.item
    if isinstance(item, FeedRequest):
        return registrable_domain(item.target)
    return registrable_domain(item.url) if isinstance(item, PageRequest) else f"message {work.message_id}"
