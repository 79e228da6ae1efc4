"""Which host is asked next, and for what."""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

from schemas.outcome import OutcomeKind, Problem
from transforms.core.pacing import HostTimes, Pace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready(Generic[T]):
    """Ask for ``item`` now, and tell ``finished`` when done."""

    host: str
    item: T


@dataclass(frozen=True, slots=True)
class TurnedAway(Generic[T]):
    """``item`` will not be asked for; ``problem`` says why."""

    host: str
    item: T
    problem: Problem


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be asked for during ``seconds``; infinity means: until a request is finished or added."""

    seconds: float


@dataclass(slots=True)
class _Line(Generic[T]):
    """What waits for one host; ``resumed`` goes first."""

    items: deque[T] = field(default_factory=deque)
    resumed: deque[T] = field(default_factory=deque)
    added: int = 0
    is_asking: bool = False
    is_queued: bool = False

    def __len__(self) -> int:
        return len(self.items) + len(self.resumed)

    def pop(self) -> T:
        return self.resumed.popleft() if self.resumed else self.items.popleft()


class HostQueue(Generic[T]):
    """Requests waiting for their hosts.  Not for several threads at once.

    Among hosts that may be asked the one that has waited longest comes first, so a host that answers slowly or has
    thousands of pages holds up no other.  Requests to one host keep their order.  The clock is a parameter: seconds of
    any monotonic clock.
    """

    def __init__(self, pace: Pace | None = None, times: HostTimes | None = None) -> None:
        """Queues that share ``times`` share its turns too."""
        self._pace = pace or Pace()
        self._times = HostTimes() if times is None else times
        self._lines: dict[str, _Line[T]] = {}
        self._turns: list[tuple[float, int, str]] = []
        self._turn_numbers: Iterator[int] = count()
        self._over_limit: deque[tuple[str, T]] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        """How many requests wait; those being asked for do not count."""
        return self._waiting

    def add(self, host: str, item: T, now: float) -> None:
        """Let ``item`` wait for ``host``."""
        self._waiting += 1
        line = self._line(host)
        line.added += 1
        limit = self._pace.max_pages_per_host
        if limit is not None and line.added > limit:
            self._over_limit.append((host, item))
            return
        line.items.append(item)
        self._queue(host, line, now)

    def resume(self, host: str, item: T, now: float) -> None:
        """Let ``item``, which was begun and takes another request, wait for ``host`` before all that is new there.

        It does not count as a page of the host.
        """
        self._waiting += 1
        line = self._line(host)
        line.resumed.append(item)
        self._queue(host, line, now)

    def next_ready(self, now: float) -> Ready[T] | TurnedAway[T] | Wait | None:
        """Take the next request; ``Wait`` where none may start yet, None where none waits."""
        if self._over_limit:
            return self._turn_away_over_limit()
        while self._turns and self._turns[0][0] <= now:
            host = heapq.heappop(self._turns)[2]
            line = self._lines[host]
            line.is_queued = False
            if not line:
                self._forget(host, now)
            elif self._times.silence(host, now):
                return self._turn_away_from_silent(host, line, now)
            elif self._times.turn(host, now) > now:  # another queue has asked meanwhile
                self._queue(host, line, now)
            else:
                return self._start(host, line, now)
        if not self._waiting:
            return None
        return Wait(self._turns[0][0] - now if self._turns else math.inf)

    def given_up(self, problem: Problem, now: float) -> TurnedAway[T] | None:
        """Take any request that waits, never to be made because of ``problem``; None where none waits, apart from those
        of hosts that are being asked."""
        while self._turns:
            host = self._turns[0][2]
            line = self._lines[host]
            if line:
                self._waiting -= 1
                return TurnedAway(host, line.pop(), problem)
            heapq.heappop(self._turns)
            line.is_queued = False
            self._forget(host, now)
        return None

    def finished(self, host: str, now: float, retry_after: float | None = None) -> None:
        """Free ``host`` after its gap, or after the ``retry_after`` seconds that it asked for."""
        self._times.finished(host, now, self._pace, retry_after)
        self._end_turn(host, now)

    def returned(self, host: str, now: float) -> None:
        """Free ``host`` at once: what was ready took no request."""
        self._times.returned(host, now)
        self._end_turn(host, now)

    def slow_down(self, host: str, crawl_delay: float, now: float) -> None:
        """Widen the gap of ``host`` to the seconds that its robots.txt asks for, as far as the pace grants them."""
        self._times.slow_down(host, crawl_delay, now, self._pace)

    def _line(self, host: str) -> _Line[T]:
        return self._lines.setdefault(host, _Line())

    def _queue(self, host: str, line: _Line[T], now: float) -> None:
        is_silent = self._times.silence(host, now) > 0
        if line.is_queued or line.is_asking or (is_silent and not line):
            return
        line.is_queued = True
        turn = now if is_silent else self._times.turn(host, now)  # who is turned away need not wait for it
        heapq.heappush(self._turns, (turn, next(self._turn_numbers), host))

    def _start(self, host: str, line: _Line[T], now: float) -> Ready[T]:
        self._waiting -= 1
        self._times.started(host, now)
        line.is_asking = True
        return Ready(host, line.pop())

    def _end_turn(self, host: str, now: float) -> None:
        line = self._lines[host]
        line.is_asking = False
        self._queue(host, line, now)

    def _turn_away_from_silent(self, host: str, line: _Line[T], now: float) -> TurnedAway[T]:
        self._waiting -= 1
        seconds = math.ceil(self._times.silence(host, now))
        item = line.pop()
        self._queue(host, line, now)
        problem = Problem(OutcomeKind.UNREACHABLE, f"not asked: {host} wants {seconds} s of silence", attempts=0)
        return TurnedAway(host, item, problem)

    def _turn_away_over_limit(self) -> TurnedAway[T]:
        self._waiting -= 1
        host, item = self._over_limit.popleft()
        limit = self._pace.max_pages_per_host
        return TurnedAway(host, item, Problem(OutcomeKind.FILTERED, f"more than {limit} pages of {host}", attempts=0))

    def _forget(self, host: str, now: float) -> None:
        """Drop a host for which nothing waits.  How much it got is remembered where that is limited."""
        self._times.forget(host, now)
        if self._pace.max_pages_per_host is None:
            del self._lines[host]
