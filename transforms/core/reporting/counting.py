"""Counting a stream of any length in bounded memory: what is most frequent, how long things took, what came last."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MOST_KEYS = 100_000
"""Keys that are counted at once: names of a month in a few tens of megabytes."""

LAG_STEP = 1.02
"""Each class of durations is 2 % wider than the one before, so that a percentile is at most 1 % off."""


class TopCounts(Generic[K]):
    """Counts of keys.  Beyond ``most`` keys the rarer half is forgotten: "lossy counting", Manku and Motwani 2002."""

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._counts: Counter[K] = Counter()
        self.shortfall = 0
        """The most that any count may be too low by; 0 as long as nothing was forgotten."""

    def add(self, key: K, times: int = 1) -> None:
        """Counts ``key``."""
        self._counts[key] += times
        if len(self._counts) > self._most:
            self._forget()

    def top(self, count: int, then: Callable[[K], int] | None = None) -> list[tuple[K, int]]:
        """The most frequent; ties by ``then``, the highest first, and by the keys."""
        return sorted(self._counts.items(), key=lambda item: (-item[1], -then(item[0]) if then else 0, str(item[0])))[
            :count
        ]

    def items(self) -> Iterable[tuple[K, int]]:
        """All that is counted, in no order."""
        return self._counts.items()

    def __getitem__(self, key: K) -> int:
        return self._counts[key]

    def _forget(self) -> None:
        floor = sorted(self._counts.values())[len(self._counts) // 2]
        self._counts = Counter({key: count for key, count in self._counts.items() if count > floor})
        self.shortfall += floor


class Lags:
    """Durations, of which percentiles are wanted.  What is not positive counts as no time at all."""

    def __init__(self) -> None:
        self._classes: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Counts one duration."""
        self._classes[_class_of(seconds)] += 1

    def __len__(self) -> int:
        return self._classes.total()

    def percentile(self, percent: float) -> float | None:
        """Seconds below or at which ``percent`` of the durations are, within 1 %; None where there is none."""
        wanted = math.ceil(len(self) * percent / 100)
        passed = 0
        for number in sorted(self._classes):
            passed += self._classes[number]
            if passed >= wanted:
                return _seconds_of(number)
        return None

    def share_within(self, seconds: float) -> float:
        """The share (0 to 1) of durations up to ``seconds``; 0 where there is none."""
        last = _class_of(seconds)
        within = sum(count for number, count in self._classes.items() if number <= last)
        return within / len(self) if len(self) else 0.0


def _class_of(seconds: float) -> int:
    """Durations of less than a second are in class 0."""
    return math.floor(math.log(seconds, LAG_STEP)) + 1 if seconds >= 1 else 0


def _seconds_of(number: int) -> float:
    """The middle of the class (by ratio)."""
    return LAG_STEP ** (number - 0.5) if number else 0.0


class Newest(Generic[T]):
    """The ``most`` things with the highest keys.  Keys are compared, and must differ for a result that is certain."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[Any, int, T]] = []
        self.offered = 0

    def offer(self, key: Any, make: Callable[[], T]) -> None:
        """Keeps what ``make`` gives, if ``key`` is high enough; else ``make`` is not called."""
        self.offered += 1
        if len(self._heap) < self._most:
            heapq.heappush(self._heap, (key, -self.offered, make()))
        elif self._heap and key > self._heap[0][0]:
            heapq.heapreplace(self._heap, (key, -self.offered, make()))

    def __iter__(self) -> Iterator[T]:
        return (kept for _, _, kept in sorted(self._heap, key=lambda item: item[:2], reverse=True))
