"""Politeness: which host may be asked next, and when.

One request at a time to a host, a gap after each answer, longer where robots.txt or the host itself asks for it.  The
clock is a parameter everywhere: seconds of any monotonic clock.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Generic, TypeVar

from schemas.outcome import OutcomeKind, Problem

T = TypeVar("T")

MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0
"""No host is believed that asks for more than a week."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How politely hosts are asked.

    ``gap_seconds`` pass between an answer and the next request to its host.  A crawl delay counts up to
    ``max_crawl_delay`` seconds, what Common Crawl's news crawler grants too.  A host that wants more silence than
    ``patience_seconds`` (Retry-After) is given up until then: a scheduled run cannot wait for it, the next run can.
    ``max_pages_per_host`` bounds what one host gets in the life of a queue.
    """

    gap_seconds: float = 1.0
    max_crawl_delay: float = 120.0
    patience_seconds: float = 60.0
    max_pages_per_host: int | None = None


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
class _Host(Generic[T]):
    gap_seconds: float
    free_at: float
    items: deque[T] = field(default_factory=deque)
    added: int = 0
    is_asked: bool = False
    is_queued: bool = False
    silent_until: float = -math.inf


class HostQueue(Generic[T]):
    """Requests waiting for their hosts.  Not for several threads at once.

    Among hosts that may be asked the one that has waited longest comes first, so a host that answers slowly or has
    thousands of pages holds up no other.  Requests to one host keep their order.
    """

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._hosts: dict[str, _Host[T]] = {}
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
        state = self._host(host, now)
        state.added += 1
        limit = self._pace.max_pages_per_host
        if limit is not None and state.added > limit:
            self._over_limit.append((host, item))
            return
        state.items.append(item)
        self._queue(host, state, now)

    def next_ready(self, now: float) -> Ready[T] | TurnedAway[T] | Wait | None:
        """Take the next request; ``Wait`` where none may start yet, None where none waits."""
        if self._over_limit:
            return self._turn_away_over_limit()
        while self._turns and self._turns[0][0] <= now:
            host = heapq.heappop(self._turns)[2]
            state = self._hosts[host]
            state.is_queued = False
            if not state.items:
                self._forget(host, state)
            elif state.silent_until > now:
                return self._turn_away_from_silent(host, state, now)
            else:
                return self._start(host, state)
        if not self._waiting:
            return None
        return Wait(self._turns[0][0] - now if self._turns else math.inf)

    def finished(self, host: str, now: float, retry_after: float | None = None) -> None:
        """Free ``host`` after its gap, or after the ``retry_after`` seconds that it asked for."""
        state = self._hosts[host]
        state.is_asked = False
        silence = min(retry_after or 0.0, MAX_RETRY_AFTER_SECONDS)
        state.free_at = now + max(state.gap_seconds, silence)
        if silence > self._pace.patience_seconds:
            state.silent_until = state.free_at
        self._queue(host, state, now)

    def slow_down(self, host: str, crawl_delay: float, now: float) -> None:
        """Widen the gap of ``host`` to the seconds that its robots.txt asks for, as far as the pace grants them."""
        state = self._host(host, now)
        state.gap_seconds = max(self._pace.gap_seconds, min(crawl_delay, self._pace.max_crawl_delay))

    def _host(self, host: str, now: float) -> _Host[T]:
        return self._hosts.setdefault(host, _Host(self._pace.gap_seconds, free_at=now))

    def _queue(self, host: str, state: _Host[T], now: float) -> None:
        is_silent = state.silent_until > now
        if state.is_queued or state.is_asked or (is_silent and not state.items):
            return
        state.is_queued = True
        turn = now if is_silent else max(state.free_at, now)  # who is turned away need not wait for it
        heapq.heappush(self._turns, (turn, next(self._turn_numbers), host))

    def _start(self, host: str, state: _Host[T]) -> Ready[T]:
        self._waiting -= 1
        state.is_asked = True
        return Ready(host, state.items.popleft())

    def _turn_away_from_silent(self, host: str, state: _Host[T], now: float) -> TurnedAway[T]:
        self._waiting -= 1
        item = state.items.popleft()
        seconds = math.ceil(state.silent_until - now)
        self._queue(host, state, now)
        problem = Problem(OutcomeKind.UNREACHABLE, f"not asked: {host} wants {seconds} s of silence")
        return TurnedAway(host, item, problem)

    def _turn_away_over_limit(self) -> TurnedAway[T]:
        self._waiting -= 1
        host, item = self._over_limit.popleft()
        limit = self._pace.max_pages_per_host
        return TurnedAway(host, item, Problem(OutcomeKind.FILTERED, f"more than {limit} pages of {host}"))

    def _forget(self, host: str, state: _Host[T]) -> None:
        """Drop a host of which nothing needs to be remembered, so that memory does not grow with every host seen."""
        is_plain = state.gap_seconds == self._pace.gap_seconds and self._pace.max_pages_per_host is None
        if is_plain and not state.is_asked:
            del self._hosts[host]


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or a date (RFC 9110 §10.2.3), as seconds from ``now`` (aware, UTC).

    ``now`` should be the Date of the same answer where it has one: a date is then as far off as its server meant,
    whatever its clock shows.  Clamped to 0 and ``MAX_RETRY_AFTER_SECONDS``; None where it is neither.
    """
    text = value.strip()
    seconds = float(text[:12]) if text.isascii() and text.isdigit() else _seconds_until(text, now)
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def http_date(value: str) -> datetime | None:
    """Read a date as HTTP headers have it, without a zone as GMT; None where it is none."""
    try:
        moment = parsedate_to_datetime(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _seconds_until(date: str, now: datetime) -> float | None:
    moment = http_date(date)
    return None if moment is None else (moment - now).total_seconds()
