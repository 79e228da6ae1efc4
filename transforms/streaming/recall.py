"""Pages that a feed lists again and again, remembered for a while so that each is not asked for with every poll.

A stream on a cluster has no state of feeds and pages.  What it has is the memory of the worker that owns the domain:
bounded, and gone with the worker, after which a page is asked for once more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import apache_beam as beam

from schemas.hops import PageRequest, Run
from schemas.outcome import Outcome, OutcomeKind, Problem, Stage
from transforms.clock import Clock
from transforms.core.urls import url_key
from transforms.outcomes import Reporter
from transforms.streaming.work import Work

MAX_REMEMBERED = 200_000
"""Pages that one process remembers, at about 200 bytes each."""

MAX_BEGUN = 10_000
"""Messages in work at once, at most: those of bundles that failed are among them."""

Sight = tuple[str, datetime | None]
"""(key of a page, when its feed says that it was changed): a page that its feed says is new is not a known one."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """How often listed pages are asked for: not again for ``after``, and ``most`` for each message."""

    after: timedelta = timedelta(hours=1)
    most: int = 100


@dataclass(eq=False)
class LeaveKnown(beam.PTransform):
    """`Work` in, `Work` out: pages that feeds list and that were asked for lately become outcomes."""

    run: Run
    clock: Clock
    recheck: Recheck

    def expand(self, works: beam.PCollection) -> beam.PCollection:
        step = beam.ParDo(_LeaveKnown(Reporter(self.run, self.clock, Stage.DISCOVER), self.recheck))
        return works | step.with_output_types(Work)


class _LeaveKnown(beam.DoFn):
    def __init__(self, reporter: Reporter, recheck: Recheck) -> None:
        self._reporter = reporter
        self._recheck = recheck
        self.start_bundle()

    def start_bundle(self) -> None:
        """What a bundle takes it takes once: all of it is durable together, or tried again."""
        self._taken: dict[str, dict[Sight, datetime]] = {}

    def process(self, work: Work) -> Iterator[Work]:
        request = work.item
        if not isinstance(request, PageRequest) or request.is_urgent:
            yield work
        else:
            yield from work.becoming([self._left(request, work.message_id) or request])

    def finish_bundle(self) -> None:
        KNOWN.begin(self._taken)

    def _left(self, request: PageRequest, message_id: str) -> Outcome | None:
        """The outcome of a page that is not asked for now."""
        now, sight = self._reporter.clock.now(), _sight(request)
        before = next((taken[sight] for taken in self._taken.values() if sight in taken), None) or KNOWN.when(sight)
        if before is not None and now < before + self._recheck.after:
            return self._not_due(request, f"asked for at {before:%Y-%m-%d %H:%M:%S}, and its feed says nothing new")
        taken = self._taken.setdefault(message_id, {})
        if len(taken) >= self._recheck.most:
            return self._not_due(request, f"{self._recheck.most} others of its feed first; the next message takes more")
        taken[sight] = now
        return None

    def _not_due(self, request: PageRequest, detail: str) -> Outcome:
        problem = Problem(OutcomeKind.NOT_DUE, detail, attempts=0)
        return self._reporter.outcome(problem, request.url, source_id=request.source.id)


def _sight(request: PageRequest) -> Sight:
    return url_key(request.url), request.discovery.entry_updated_at


class Known:
    """When pages were asked for last.  What a message led to counts once it is durable: else it would be passed over
    when the message comes again.  Threads share it."""

    def __init__(self, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._at: OrderedDict[Sight, datetime] = OrderedDict()
        self._begun: OrderedDict[str, dict[Sight, datetime]] = OrderedDict()
        self._lock = Lock()

    def begin(self, taken: dict[str, dict[Sight, datetime]]) -> None:
        """What messages, by their ids, led to; what they led to at an earlier try is forgotten."""
        with self._lock:
            self._begun.update(taken)
            while len(self._begun) > MAX_BEGUN:
                self._begun.popitem(last=False)

    def settle(self, message_ids: Iterable[str]) -> None:
        """What these led to is durable.  The oldest is forgotten where there is too much."""
        with self._lock:
            for message_id in message_ids:
                self._at.update(self._begun.pop(message_id, {}))
            while len(self._at) > self._most:
                self._at.popitem(last=False)

    def when(self, sight: Sight) -> datetime | None:
        """When the page was asked for, as far as that is remembered."""
        with self._lock:
            return self._at.get(sight)


KNOWN = Known()
"""That of this process."""
