"""Threads that ask many hosts at once and each host politely."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from transforms.core.host_queue import HostQueue, Ready, TurnedAway
from transforms.core.pacing import Pace
from transforms.core.urls import registrable_domain
from transforms.fetching.courses import Course
from transforms.fetching.records import FetchProblem
from transforms.fetching.steps import PUT_OFF, Done, Onward, Task, make_request, silence_wanted, turn_away
from transforms.fetching.turns import Turns

DEFAULT_THREADS = 64
"""At 200 hosts that take 100 ms to answer, with a gap of a second, 18 are busy at any time (bench/fetch.py); the others
are for hosts that let a request run into its deadline."""

LATENESS = 0.01
"""A busy server notes the end of its answer some milliseconds after we have it.  For the gap to pass by its clock too,
this part of it is added."""

T = TypeVar("T")
R = TypeVar("R")


def _weightless(_result: object) -> int:
    return 0


class FetchPool(Generic[T, R]):
    """Runs the courses of submitted items in threads, one request to a domain at a time, and hands the results back.

    ``fetch`` begins the course of an item, whose first request should go to ``url_of(item)``; courses run in any of
    ``threads`` threads, one turn at a time.  What a course returns goes to the consumer, who calls ``submit``,
    ``ready``, ``drain`` and ``close`` from one thread.  An exception out of a course is a bug: it stops the pool and is
    raised in the consumer's thread.  Items that politeness turns away before they are begun come back with a
    ``FetchProblem``; courses are sent it, and decide.

    At most ``threads`` plus ``buffer`` results are in memory: when ``buffer`` wait to be taken, threads stop asking.
    Where a result may have ``largest`` bytes (``weigh`` tells how many it has), what is asked for and what waits have
    together no more than ``threads`` times as many: the more waits, the fewer requests are begun.
    Retry-After of the problem that a course ends with is obeyed for the host that it asked last.

    Where there are ``seconds``, no request is made when they have passed since the first item of a batch, one that ends
    with nothing in work: what still waits comes back as ``PUT_OFF``, what was begun and has to ask once more too.
    """

    def __init__(
        self,
        fetch: Callable[[T], Course[R]],
        url_of: Callable[[T], str],
        *,
        threads: int = DEFAULT_THREADS,
        gap_seconds: float = 1.0,
        buffer: int = 64,
        largest: int = 0,
        weigh: Callable[[R | FetchProblem], int] = _weightless,
        pace: Pace | None = None,
        turns: Turns | None = None,
        seconds: float = math.inf,
    ) -> None:
        """Set the pool up; threads start with the first items.

        ``pace`` overrides ``gap_seconds`` where given.  Pools that are given the same ``turns`` ask no host at once.
        """
        turns = turns or Turns()
        pace = pace or Pace(gap_seconds=gap_seconds)
        self._lateness = LATENESS * pace.gap_seconds
        self._fetch = fetch
        self._url_of = url_of
        self._max_threads = threads
        self._buffer = buffer
        self._largest = largest
        self._weigh = weigh
        self._under_way = 0
        self._waiting_bytes = 0
        self._queue: HostQueue[Task[T, R]] = HostQueue(pace, turns.times)
        self._threads: list[threading.Thread] = []
        self._results: deque[tuple[T, R | FetchProblem]] = deque()
        self._unfinished = 0
        self._seconds = seconds
        self._until = math.inf
        self._failure: BaseException | None = None
        self._is_closed = False
        self._next_wake = math.inf
        self._work = threading.Condition(turns.lock)
        self._space = threading.Condition(turns.lock)
        self._arrived = threading.Condition(turns.lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, item: T) -> None:
        """Have ``item`` fetched when its host may be asked.  Never waits."""
        host = registrable_domain(self._url_of(item))
        with self._work:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            now = time.monotonic()
            if not self._unfinished:
                self._until = now + self._seconds
            self._queue.add(host, Task(item), now)
            self._unfinished += 1
            if len(self._threads) < self._max_threads:
                self._start_thread()
            self._work.notify()

    def slow_down(self, url: str, crawl_delay: float) -> None:
        """Widen the gap of the domain of ``url`` to ``crawl_delay`` seconds; courses may call it."""
        host = registrable_domain(url)
        with self._work:
            self._queue.slow_down(host, crawl_delay, time.monotonic())

    def ready(self) -> list[tuple[T, R | FetchProblem]]:
        """Take what is finished so far, without waiting."""
        with self._arrived:
            return self._take_results()

    def drain(self) -> Iterator[tuple[T, R | FetchProblem]]:
        """Hand out results as they come, until every submitted item has come back."""
        while batch := self._wait_for_results():
            yield from batch

    def close(self) -> None:
        """Stop asking and wait for the requests under way to end; results that were not taken are dropped."""
        with self._work:
            self._is_closed = True
            self._wake_everyone()
        for thread in self._threads:
            thread.join()

    def _wait_for_results(self) -> list[tuple[T, R | FetchProblem]]:
        with self._arrived:
            while not self._results and self._unfinished and self._failure is None and not self._is_closed:
                self._arrived.wait()
            return self._take_results()

    def _take_results(self) -> list[tuple[T, R | FetchProblem]]:
        if self._failure is not None:
            raise self._failure
        taken = list(self._results)
        self._results.clear()
        self._unfinished -= len(taken)
        self._waiting_bytes -= sum(self._weigh(result) for _, result in taken)
        self._space.notify_all()
        self._work.notify_all()
        return taken

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._run, name=f"fetch-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        try:
            while (decision := self._next_decision()) is not None:
                step = self._take_turn(decision) if isinstance(decision, Ready) else turn_away(decision)
                self._settle(decision.item, step)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the consumer's thread raises it
            with self._work:
                self._failure = self._failure or error
                self._wake_everyone()

    def _next_decision(self) -> Ready[Task[T, R]] | TurnedAway[Task[T, R]] | None:
        with self._work:
            while not self._is_closed and self._failure is None:
                if not self._has_room():
                    self._work.wait()
                    continue
                now = time.monotonic()
                is_over = now >= self._until
                decision = (self._queue.given_up(PUT_OFF, now) if is_over else None) or self._queue.next_ready(now)
                if isinstance(decision, Ready | TurnedAway):
                    self._under_way += 1
                    self._work.notify()  # another thread watches the clock now
                    return decision
                seconds = math.inf if decision is None else decision.seconds
                self._wait_for_work(seconds if is_over else min(seconds, self._until - now))
            return None

    def _has_room(self) -> bool:
        """Whether one more answer could be held, if each under way were as large as can be."""
        return self._waiting_bytes + (self._under_way + 1) * self._largest <= self._max_threads * self._largest

    def _wait_for_work(self, seconds: float) -> None:
        """Sleep until there is something to decide; only the thread with the earliest hour sets an alarm."""
        hour = time.monotonic() + seconds
        if hour >= self._next_wake:
            self._work.wait()
            return
        self._next_wake = hour
        self._work.wait(seconds)
        if self._next_wake == hour:
            self._next_wake = math.inf

    def _take_turn(self, turn: Ready[Task[T, R]]) -> Onward | Done[R]:
        step = None
        try:
            step = make_request(turn, self._fetch)
        finally:  # also after a bug: other pools share these turns
            self._end_turn(turn.host, step)
        return step

    def _end_turn(self, host: str, step: Onward | Done[R] | None) -> None:
        with self._work:
            if step is None or step.used_turn:
                self._queue.finished(host, time.monotonic() + self._lateness, silence_wanted(step))
            else:
                self._queue.returned(host, time.monotonic())
            self._work.notify()

    def _settle(self, task: Task[T, R], step: Onward | Done[R]) -> None:
        if isinstance(step, Done):
            with self._work:
                self._under_way -= 1
                self._waiting_bytes += self._weigh(step.result)
                self._work.notify()
                self._deliver(task.item, step.result)
            return
        host = registrable_domain(step.url)
        with self._work:
            self._under_way -= 1
            self._queue.resume(host, task, time.monotonic())
            self._work.notify()

    def _deliver(self, item: T, result: R | FetchProblem) -> None:
        while len(self._results) >= self._buffer and not self._is_closed and self._failure is None:
            self._space.wait()
        self._results.append((item, result))
        self._arrived.notify()

    def _wake_everyone(self) -> None:
        for condition in (self._work, self._space, self._arrived):
            condition.notify_all()
