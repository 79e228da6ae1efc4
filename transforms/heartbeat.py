"""A sign of life on long work: log records with numbers now and then, never one for each element.

Who shows them decides how: as lines, as JSON, or as bars on a terminal (`pipelines.logs`, `pipelines.progress`).
"""

from __future__ import annotations

import logging
import time

FACTS = "facts"
"""The attribute of a log record that holds its numbers: ``step``, and ``done`` and ``per_second``, or ``expected``."""

EVERY_SECONDS = 0.5
"""Often enough for a bar that moves; lines are let through more sparingly."""

logger = logging.getLogger("newsbeam")


class Heartbeat:
    """Counts what a step has done and tells it at most every half second."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = 0
        self._started = self._told = time.monotonic()

    def beat(self) -> None:
        """One more is done."""
        self._done += 1
        now = time.monotonic()
        if now - self._told >= EVERY_SECONDS:
            self._told = now
            rate = self._done / (now - self._started)
            tell(self._what, f"{self._done}, {rate:.1f} a second", done=self._done, per_second=round(rate, 1))


def tell(step: str, words: str, **numbers: float) -> None:
    """Logs ``words`` on a step, with its numbers beside them."""
    logger.info("%s: %s", step, words, extra={FACTS: {"step": step, **numbers}})
