"""A sign of life on long work: a log line now and then, never one for each element."""

from __future__ import annotations

import logging
import time

EVERY_SECONDS = 5.0

logger = logging.getLogger("newsbeam")


class Heartbeat:
    """Counts what a step has done and logs it at most every few seconds."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = 0
        self._started = self._logged = time.monotonic()

    def beat(self) -> None:
        """One more is done."""
        self._done += 1
        now = time.monotonic()
        if now - self._logged >= EVERY_SECONDS:
            self._logged = now
            logger.info("%s: %d, %.1f a second", self._what, self._done, self._done / (now - self._started))
