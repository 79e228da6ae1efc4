"""The loop: gather, run, publish, commit, acknowledge; and what happens where one of these goes wrong.

Each batch is a run of the bounded pipeline, whole with manifest and state.  A message is acknowledged when the run is
published and its state is in place, never before; where anything goes wrong it is given back and comes again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.errors import RunFailed, UsageError
from pipelines.ingest_pipeline import IngestPlan, build
from pipelines.local_stream.batches import Batch, Refused, batch_of, run_plan, still_asked_for, with_work
from pipelines.local_stream.health import Health
from pipelines.local_stream.intake import Intake
from pipelines.local_stream.stopping import Stop
from pipelines.running import run_and_publish
from pipelines.stateful import OpenState, open_state
from pipelines.summary import read_manifest
from transforms.core.snapshot import StateDamaged
from transforms.filesystem import exists
from transforms.pubsub.client import Outgoing, PubsubRefused, Received
from transforms.pubsub.dead_letters import dead_letter
from transforms.state.agenda import NEVER, Agenda, Planner
from transforms.state.shards import StateConfig
from transforms.state.store import StateBusy

LONGEST_WAIT_SECONDS = 60.0
"""Between two looks at the agenda, and between two tries."""

MAX_FAILURES = 10
"""Batches in a row that fail before the process gives up: about four minutes of waits between them."""

MOST_CARRIED = 500
"""Messages of slow hosts that are in hand from one batch to the next, before no more are pulled."""

logger = logging.getLogger("newsbeam")

DeadLetters = Callable[[Sequence[Outgoing]], object]


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """Everything that shapes a stream on one machine.

    ``base`` is what its runs have in common, with all feeds; ``name`` begins their ids.  ``window`` is the least time
    between two runs for feeds.  ``archives_below`` are the places of archives that messages may ask for.
    """

    base: IngestPlan
    options: PipelineOptions
    name: str
    state: str | None = None
    subscription: str | None = None
    window: timedelta = timedelta(seconds=60)
    run_for: timedelta | None = None
    archives_below: tuple[str, ...] = ()
    max_failures: int = MAX_FAILURES


class Stream:
    """The stream on one machine.  ``dead_letters`` publishes messages that ask for nothing; None drops them when
    their outcomes are written.  ``clock`` tells the time, UTC."""

    def __init__(
        self,
        plan: StreamPlan,
        intake: Intake,
        stop: Stop,
        health: Health,
        *,
        clock: Callable[[], datetime],
        dead_letters: DeadLetters | None = None,
    ) -> None:
        self._plan = plan
        self._intake = intake
        self._stop = stop
        self._health = health
        self._clock = clock
        self._dead_letters = dead_letters
        self._planner = Planner(plan.base.feeds)
        self._wake = clock() if plan.state else NEVER  # when feeds or pages are due; now, to look what is planned
        self._end = clock() + plan.run_for if plan.run_for else NEVER
        self._carried: list[Received] = []  # in hand for the next batch too
        self._number = 0
        self._failures = 0
        self._published = 0

    def run(self) -> None:
        """Works until it is asked to stop or its time is over.

        Raises `UsageError` where the very first batch shows that the call was wrong, `RunFailed` where batch after
        batch fails; an exception that is a bug passes at once.
        """
        while not self._stop.is_asked and self._clock() < self._end:
            try:
                self._step()
            except (OSError, RunFailed, UsageError) as error:
                self._failed(error)
            else:
                self._failures = 0
        logger.info("the stream ends: %d runs published", self._published)

    def _step(self) -> None:
        """One batch, if there is work for one."""
        self._health.beat(self._carried)
        came = self._gathered()
        if self._stop.is_asked or not (came or self._wake <= self._clock()):
            self._intake.give_back(came)
            return
        messages, self._carried = [*self._carried, *came], []
        try:
            self._carried = self._work(messages)
            if self._carried:
                self._wake = min(self._wake, self._clock() + self._plan.window)
        finally:
            kept = {each.ack_id for each in self._carried}
            self._intake.give_back([each for each in messages if each.ack_id not in kept])

    def _gathered(self) -> list[Received]:
        """More messages, unless so many are carried that these come first."""
        seconds = self._seconds_to_wait()
        if len(self._carried) < MOST_CARRIED:
            return self._intake.gather(seconds, self._stop)
        self._stop.wait(seconds)
        return []

    def _seconds_to_wait(self) -> float:
        now = self._clock()
        return min(max((min(self._wake, self._end) - now).total_seconds(), 0.0), LONGEST_WAIT_SECONDS)

    def _work(self, messages: list[Received]) -> list[Received]:
        """One run, and what is owed to its messages then; gives those that are for the next run too."""
        batch = batch_of(messages, self._plan.archives_below)
        self._health.begin(messages)
        started = time.monotonic()
        plan = self._next_run()
        manifest = self._published_run(plan, batch)
        waiting = still_asked_for(batch, plan.sink, manifest) if manifest else frozenset()
        done = [each for each in messages if each.message.message_id not in waiting]
        if manifest:
            self._published += 1
            self._health.published(manifest, time.monotonic() - started, done)
        self._settle(done, batch.refused, plan.run.run_id)
        return [each for each in messages if each.message.message_id in waiting]

    def _published_run(self, plan: IngestPlan, batch: Batch) -> Mapping[str, Any] | None:
        """The manifest of the run; None where there was nothing to do."""
        if self._plan.state is None:
            self._run(with_work(plan, batch, ()))
        elif not self._run_with_state(plan, batch, self._plan.state):
            return None
        return read_manifest(plan.sink)

    def _next_run(self) -> IngestPlan:
        """The plan of the next run.  A number that an earlier process used, with the same name, is passed over."""
        while True:
            self._number += 1
            plan = run_plan(self._plan.base, f"{self._plan.name}-{self._number:06d}", self._clock())
            if not exists(plan.sink.path(plan.sink.layout.manifest)):
                return plan

    def _run_with_state(self, plan: IngestPlan, batch: Batch, uri: str) -> bool:
        """Runs if there is anything to do, and gives whether there was."""
        now = plan.run.now
        with open_state(uri, plan.sink, force=False) as state:
            due = self._agenda(state.config)
            has_work = bool(batch.requests or batch.passed or batch.refused) or due.is_due(now)
            if has_work:
                self._run(with_work(replace(plan, state=state.config), batch, due.due_feeds(now)))
                state.commit()
                due = self._agenda(self._after(state))
        self._wake = max(due.next_at(now), now + self._plan.window)
        return has_work

    def _agenda(self, config: StateConfig) -> Agenda:
        agenda = self._planner.agenda(config)
        self._health.planned(agenda)
        return agenda

    def _after(self, state: OpenState) -> StateConfig:
        return replace(state.config, manifest=state.store.manifest(None))

    def _run(self, plan: IngestPlan) -> None:
        run_and_publish(lambda pipeline: build(pipeline, plan), self._plan.options, plan.sink, plan.destinations)

    def _settle(self, messages: list[Received], refused: Sequence[Refused], run_id: str) -> None:
        """Acknowledges what is durable; a refused message only once it is among the dead letters."""
        turned_away = {each.received.ack_id for each in refused}
        self._acknowledge([each for each in messages if each.ack_id not in turned_away])
        if refused and self._dead_letters:
            self._dead_letters([self._letter(each, run_id) for each in refused])
        self._acknowledge([each.received for each in refused])

    def _letter(self, refused: Refused, run_id: str) -> Outgoing:
        subscription = self._plan.subscription or ""
        return dead_letter(refused.received.message, refused.problem, subscription=subscription, run_id=run_id)

    def _acknowledge(self, messages: list[Received]) -> None:
        try:
            self._intake.acknowledge(messages)
        except OSError as error:  # the work is done: that they come again costs time and no row
            logger.warning("%d messages will come again, and be found done: %s", len(messages), error)

    def _failed(self, error: Exception) -> None:
        """Waits before the next try, or raises."""
        if isinstance(error, PubsubRefused) and not self._published:
            raise UsageError(f"--subscription {error}") from error
        if isinstance(error.__cause__, StateDamaged) or (isinstance(error, UsageError) and not self._published):
            raise error
        if not isinstance(error.__cause__, StateBusy):  # another run goes first, however long it takes
            self._failures += 1
        self._health.failed(str(error))
        if self._failures >= self._plan.max_failures:
            raise RunFailed(f"{self._failures} batches in a row failed, the last so: {error}") from error
        wait = min(2.0 ** max(self._failures - 1, 0), LONGEST_WAIT_SECONDS)
        logger.warning("a batch failed, and will be tried again in %.0f s: %s", wait, error)
        self._stop.wait(wait)
