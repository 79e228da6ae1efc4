"""Threads that ask many hosts at once and each host politely."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Generic, Self, TypeVar

from transforms.core.pacing import HostQueue, Pace, Ready, TurnedAway
from transforms.fetcher import FetchProblem

T = TypeVar("T")
R = TypeVar("R")


class FetchPool(Generic[T, R]):
    """Runs ``fetch`` for submitted items in threads, one item of a host at a time, and hands the results back.

    ``fetch`` runs in any of ``threads`` threads; what it returns for an item goes to the consumer, who calls all the
    methods here from one thread.  An exception out of ``fetch`` is a bug: it stops the pool and is raised in the
    consumer's thread.  Items that politeness turns away come back with a ``FetchProblem`` and without being fetched.

    At most ``threads`` plus ``buffer`` results are in memory: when ``buffer`` wait to be taken, threads stop asking.
    Retry-After of an answer is obeyed for its whole host.
    """

    def __init__(
        self,
        fetch: Callable[[T], R],
        host_of: Callable[[T], str],
        *,
        threads: int = 32,
        gap_seconds: float = 1.0,
        buffer: int = 64,
        pace: Pace | None = None,
    ) -> None:
        """Set the pool up; threads start with the first items.  ``pace`` overrides ``gap_seconds`` where given."""
        self._fetch = fetch
        self._host_of = host_of
        self._max_threads = threads
        self._buffer = buffer
        self._queue: HostQueue[T] = HostQueue(pace or Pace(gap_seconds=gap_seconds))
        self._threads: list[threading.Thread] = []
        self._results: deque[tuple[T, R | FetchProblem]] = deque()
        self._unfinished = 0
        self._failure: BaseException | None = None
        self._is_closed = False
        self._next_wake = math.inf
        lock = threading.Lock()
        self._work = threading.Condition(lock)
        self._space = threading.Condition(lock)
        self._arrived = threading.Condition(lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, item: T) -> None:
        """Have ``item`` fetched when its host may be asked.  Never waits."""
        host = self._host_of(item)
        with self._work:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            self._queue.add(host, item, time.monotonic())
            self._unfinished += 1
            if len(self._threads) < self._max_threads:
                self._start_thread()
            self._work.notify()

    def slow_down(self, item: T, crawl_delay: float) -> None:
        """Widen the gap of the host of ``item`` to ``crawl_delay`` seconds; ``fetch`` may call it."""
        with self._work:
            self._queue.slow_down(self._host_of(item), crawl_delay, time.monotonic())

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
        self._space.notify_all()
        return taken

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._run, name=f"fetch-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        try:
            while (ready := self._next_item()) is not None:
                self._finish(ready, self._fetch(ready.item))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the consumer's thread raises it
            with self._work:
                self._failure = self._failure or error
                self._wake_everyone()

    def _next_item(self) -> Ready[T] | None:
        with self._work:
            while not self._is_closed and self._failure is None:
                decision = self._queue.next_ready(time.monotonic())
                if isinstance(decision, Ready):
                    self._work.notify()  # another thread watches the clock now
                    return decision
                if isinstance(decision, TurnedAway):
                    self._deliver(decision.item, FetchProblem(decision.problem.kind, decision.problem.detail))
                else:
                    self._wait_for_work(math.inf if decision is None else decision.seconds)
            return None

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

    def _finish(self, ready: Ready[T], result: R) -> None:
        with self._work:
            self._queue.finished(ready.host, time.monotonic(), _silence_wanted(result))
            self._work.notify()
            self._deliver(ready.item, result)

    def _deliver(self, item: T, result: R | FetchProblem) -> None:
        while len(self._results) >= self._buffer and not self._is_closed and self._failure is None:
            self._space.wait()
        self._results.append((item, result))
        self._arrived.notify()

    def _wake_everyone(self) -> None:
        for condition in (self._work, self._space, self._arrived):
            condition.notify_all()


def _silence_wanted(result: object) -> float | None:
    """Seconds for which the host wants to be left alone."""
    return result.retry_after_seconds(datetime.now(UTC)) if isinstance(result, FetchProblem) else None
