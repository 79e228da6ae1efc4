"""The robots.txt files that were read lately, parsed."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from transforms.core.robots import RobotsRules
from transforms.fetcher import FetchProblem

MAX_KEPT_BYTES = 8 * 1024 * 1024
"""Of robots.txt files in all; parsed they take some 16 times that much memory (measured)."""

MIN_COUNTED_BYTES = 1024
"""What the smallest file counts, so that the number of files is bounded too."""


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: RobotsRules | FetchProblem
    until: float
    size: int


class RobotsCache:
    """By origin what its robots.txt said, or what stood in the way.  Threads share it.

    What was used longest ago goes first when there is too much; an answer counts no longer once it has expired.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds since any moment."""
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._lock = threading.Lock()

    @property
    def kept_bytes(self) -> int:
        """How large the files are that are kept, together."""
        return self._kept_bytes

    def known(self, origin: str) -> RobotsRules | FetchProblem | None:
        """The answer, if it has not expired."""
        with self._lock:
            kept = self._kept.get(origin)
            if kept is None or kept.until <= self._clock():
                return None
            self._kept.move_to_end(origin)
            return kept.answer

    def last(self, origin: str) -> RobotsRules | FetchProblem | None:
        """The answer, also if it has expired meanwhile."""
        with self._lock:
            kept = self._kept.get(origin)
            return kept.answer if kept else None

    def keep(self, origin: str, answer: RobotsRules | FetchProblem, seconds: float, size: int) -> None:
        """Let ``answer``, read from a file of ``size`` bytes, count for ``seconds``."""
        with self._lock:
            self._drop(origin)
            self._kept[origin] = _Kept(answer, self._clock() + seconds, size)
            self._kept_bytes += size
            while self._kept_bytes > MAX_KEPT_BYTES and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def _drop(self, origin: str) -> None:
        dropped = self._kept.pop(origin, None)
        self._kept_bytes -= dropped.size if dropped else 0
