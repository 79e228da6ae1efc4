"""From the messages of a batch and the feeds that are due to the plan of one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.ingest_pipeline import IngestPlan
from pipelines.running import sink_of
from schemas.hops import FeedRequest, Run
from schemas.outcome import Outcome, Problem, Stage
from transforms.clock import Clock
from transforms.core.outcomes import outcome_of
from transforms.core.requests import (
    Asked,
    Message,
    Request,
    carried_page,
    document_of,
    feed_request,
    newest_first_of_each,
    page_request,
    request_of,
)
from transforms.pubsub.client import Received


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that asks for nothing that can be done, and why."""

    received: Received
    problem: Problem


@dataclass(frozen=True, slots=True)
class Batch:
    """What the messages of one batch ask for, one request for each thing; ``passed`` are those that others make
    superfluous, ``refused`` those that ask for nothing."""

    requests: tuple[Request, ...] = ()
    passed: tuple[tuple[Request, Problem], ...] = ()
    refused: tuple[Refused, ...] = ()


def batch_of(messages: Sequence[Received], archives_below: Sequence[str]) -> Batch:
    """``messages`` read and sorted out."""
    read = [(each, request_of(each.message, archives_below=archives_below)) for each in messages]
    requests, passed = newest_first_of_each([found for _, found in read if isinstance(found, Request)])
    return Batch(
        tuple(sorted(requests, key=lambda request: request.target)),
        tuple(passed),
        tuple(Refused(each, found) for each, found in read if isinstance(found, Problem)),
    )


def run_plan(base: IngestPlan, run_id: str, now: datetime) -> IngestPlan:
    """``base`` as the plan of one run at ``now``, with nothing to do yet."""
    facts = replace(base.facts, run_id=run_id, now=now)
    sink = sink_of(base.sink.output, facts, shards=base.sink.shards, target_file_mb=1)
    return replace(base, sink=replace(sink, file_bytes=base.sink.file_bytes), facts=facts, feeds=())


def with_work(plan: IngestPlan, batch: Batch, due: Sequence[FeedRequest]) -> IngestPlan:
    """``plan`` with what ``batch`` asks for and the feeds that are ``due``; one that is both is asked for once."""
    asked = _by_kind(batch.requests)
    now = plan.run.now
    feeds = {feed.url: feed for feed in (*map(feed_request, asked[Asked.FEED]), *due)}
    return replace(
        plan,
        feeds=tuple(feeds.values()),
        pages=tuple(page_request(each, now=now, place=place) for place, each in enumerate(asked[Asked.PAGE])),
        archives=tuple(each.target for each in asked[Asked.WARC]),
        carried=tuple(carried_page(each, now=now) for each in asked[Asked.HTML]),
        documents=tuple(map(document_of, asked[Asked.TEXT])),
        said=tuple(_said(batch, plan.run, plan.sink.clock)),
    )


def _by_kind(requests: Sequence[Request]) -> dict[Asked, list[Request]]:
    return {kind: [each for each in requests if each.asked is kind] for kind in Asked}


def _said(batch: Batch, run: Run, clock: Clock) -> Iterator[Outcome]:
    """The outcomes of messages that lead to nothing else: under their own URL, or under what names the message."""
    for request, problem in batch.passed:
        yield _outcome(problem, request.target, request.message, run, clock)
    for refused in batch.refused:
        message = refused.received.message
        yield _outcome(refused.problem, message.origin, message, run, clock)


def _outcome(problem: Problem, url: str, message: Message, run: Run, clock: Clock) -> Outcome:
    return outcome_of(problem, run=run, stage=Stage.DISCOVER, url=url, at=clock.now(), payload=message.data)
