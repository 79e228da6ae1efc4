"""From the messages of a batch and the feeds that are due to the plan of one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipelines.ingest_pipeline import IngestPlan
from pipelines.running import sink_of
from pipelines.summary import rows
from schemas.hops import FeedRequest, Run
from schemas.outcome import Outcome, OutcomeKind, Problem, Stage
from schemas.registry import OUTCOME
from transforms.clock import Clock
from transforms.core.outcomes import outcome_of
from transforms.core.requested import carried_page, document_of, feed_request, page_request
from transforms.core.requests import (
    Asked,
    Message,
    Request,
    newest_first_of_each,
    request_of,
)
from transforms.core.secrets import masked
from transforms.pubsub.client import Received
from transforms.write import Sink

NO_TIME = f"{Stage.FETCH_FEED}/{OutcomeKind.NOT_DUE}"
"""Of a feed: its host was so slow that it was left for the next run."""


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


def still_asked_for(batch: Batch, sink: Sink, manifest: Mapping[str, Any]) -> frozenset[str]:
    """The ids of messages whose feed the run of ``manifest`` had no time for: no state remembers that it was asked for.
    Pages for which there was no time are in the state, and feeds that are listed are due as before."""
    if not manifest["counts"]["by_stage_and_outcome"].get(NO_TIME):
        return frozenset()
    left = {row["url"] for row in rows(sink, manifest, OUTCOME) if f"{row['stage']}/{row['outcome']}" == NO_TIME}
    feeds = (each for each in batch.requests if each.asked is Asked.FEED)
    return frozenset(each.message.message_id for each in feeds if masked(each.target) in left)


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
