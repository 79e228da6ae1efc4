"""Hosts that do not answer: they are asked a few times in a run, not once for each of their pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from schemas.outcome import OutcomeKind
from transforms.core.urls import ANY_PORT, check_url, split_url
from transforms.fetcher import FetchProblem

MAX_IN_A_ROW = 4
"""Requests that may end without an answer.  At 30 s each, a host can hold up the end of a run for two minutes."""

PAUSE_SECONDS = 300.0
"""How long a host is left alone then."""

_NO_ANSWER = (OutcomeKind.TIMEOUT, OutcomeKind.UNREACHABLE)


@dataclass(slots=True)
class _Row:
    failures: int = 0
    last_at: float = 0.0


class Outages:
    """Counts by origin the requests that ended without an answer, one after the other.  Threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds since any moment."""
        self._clock = clock
        self._rows: dict[str, _Row] = {}
        self._lock = threading.Lock()

    def problem(self, url: str) -> FetchProblem | None:
        """Why ``url`` is not asked for, where its host has given no answer lately."""
        with self._lock:
            row = self._rows.get(_origin(url))
            if row is None or row.failures < MAX_IN_A_ROW or self._clock() - row.last_at >= PAUSE_SECONDS:
                return None
            detail = f"not asked: the last {row.failures} requests to its host had no answer"
        return FetchProblem(OutcomeKind.UNREACHABLE, detail, attempts=0)

    def note(self, url: str, result: object) -> None:
        """What came of asking for ``url``."""
        with self._lock:
            if isinstance(result, FetchProblem) and result.kind in _NO_ANSWER:
                row = self._rows.setdefault(_origin(url), _Row())
                row.failures, row.last_at = row.failures + 1, self._clock()
            else:
                self._rows.pop(_origin(url), None)


def _origin(url: str) -> str:
    return url if check_url(url, ANY_PORT) else split_url(url).origin
