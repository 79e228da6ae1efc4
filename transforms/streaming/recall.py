"""Pages that a feed lists again and again, remembered for a while so that each is not asked for with every poll.

A stream on a cluster has no state of feeds and pages.  What it has is the memory of the worker that owns the domain:
bounded, and gone with the worker, after which a page is asked for once more.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
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
        self._taken: dict[Sight, datetime] = {}
        self._by_message: Counter[str] = Counter()

    def start_bundle(self) -> None:
        """Only now are the pages of the last bundle known: after one that failed Beam makes another DoFn."""
        KNOWN.add(self._taken)
        self._taken = {}
        self._by_message = Counter()

    def process(self, work: Work) -> Iterator[Work]:
        request = work.item
        if not isinstance(request, PageRequest) or request.is_urgent:
            yield work
        else:
            yield from work.becoming([self._left(request, work.message_id) or request])

    def _left(self, request: PageRequest, message_id: str) -> Outcome | None:
        now, sight = self._reporter.clock.now(), _sight(request)
        before = self._taken.get(sight) or KNOWN.when(sight)
        if before is not None and now < before + self._recheck.after:
            return self._not_due(request, f"asked for at {before:%Y-%m-%d %H:%M:%S}, and its feed says nothing new")
        if self._by_message[message_id] >= self._recheck.most:
            return self._not_due(request, f"{self._recheck.most} others of its feed first; the next message takes more")
        self._by_message[message_id] += 1
        self._taken[sight] = now
        return None

    def _not_due(self, request: PageRequest, detail: str) -> Outcome:
        problem = Problem(OutcomeKind.NOT_DUE, detail, attempts=0)
        return self._reporter.outcome(problem, request.url, source_id=request.source.id)


def _sight(request: PageRequest) -> Sight:
    return url_key(request.url), request.discovery.entry_updated_at


class Known:
    """When pages were asked for last: the newest of them, whichever thread did it."""

    def __init__(self, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._at: OrderedDict[Sight, datetime] = OrderedDict()
        self._lock = Lock()

    def add(self, taken: dict[Sight, datetime]) -> None:
        """Remembers these, and forgets as many of the oldest."""
        with self._lock:
            for sight, at in taken.items():
                self._at[sight] = at
                self._at.move_to_end(sight)
            while len(self._at) > self._most:
                self._at.popitem(last=False)

    def when(self, sight: Sight) -> datetime | None:
        """When the page was asked for, as far as that is remembered."""
        with self._lock:
            return self._at.get(sight)


KNOWN = Known()
"""That of this process."""
