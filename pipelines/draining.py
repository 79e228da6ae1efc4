"""How the command that started a stream on a cluster ends it: sources are told, what is in work is waited for."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from apache_beam.runners.runner import PipelineResult

from pipelines.running import cancel
from transforms.clock import Clock
from transforms.streaming.ending import Ending, Lookout
from transforms.streaming.tally import in_hand

QUIET_SECONDS = 10.0
"""How long nothing has to be in hand: a source looks for the ending every two seconds, and tells as often."""

LOOK_SECONDS = 1.0

logger = logging.getLogger("newsbeam")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drain:
    """Ends the job of a stream whose runner has no end of its own, ``limit_seconds`` after the ending came at most."""

    ending: Ending
    limit_seconds: float

    @contextmanager
    def watch(self, result: PipelineResult) -> Iterator[Callable[[], bool]]:
        """Watches for the ending in the background; what it gives says whether the job was cancelled for that."""
        left, cancelled = threading.Event(), threading.Event()

        def end() -> None:
            if self._has_come(left) and self._is_empty(left):
                cancelled.set()
                cancel(result)

        thread = threading.Thread(target=end, name="newsbeam-drain", daemon=True)
        thread.start()
        try:
            yield cancelled.is_set
        finally:
            left.set()
            thread.join()

    def _has_come(self, left: threading.Event) -> bool:
        lookout = Lookout(self.ending, Clock())
        while not self._answer(lookout.has_come):
            if left.wait(LOOK_SECONDS):
                return False
        return True

    def _is_empty(self, left: threading.Event) -> bool:
        """Waits until nothing is in hand, or for too long; False where the job has ended meanwhile."""
        limit, quiet_since = time.monotonic() + self.limit_seconds, time.monotonic()
        while time.monotonic() < limit and time.monotonic() < quiet_since + QUIET_SECONDS:
            if left.wait(LOOK_SECONDS):
                return False
            if self._in_hand() != 0:
                quiet_since = time.monotonic()
        if rest := self._in_hand():
            logger.warning("%d messages were in work for too long to be waited for: they come again", rest)
        return True

    def _in_hand(self) -> int | None:
        return self._answer(lambda: in_hand(self.ending))

    def _answer(self, ask: Callable[[], T]) -> T | None:
        """None where the storage is away, which passes: without this thread nobody would end the job."""
        try:
            return ask()
        except OSError as error:
            logger.warning("%s: cannot be asked for the end of the stream: %s", self.ending.mark, error)
            return None


@contextmanager
def ended_by_signals(ending: Ending) -> Iterator[None]:
    """SIGTERM and SIGINT call for the ending; a second one leaves at once, and the job goes on."""
    asked: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        if asked:
            os._exit(128 + number)  # the cluster goes on by itself: nothing is lost
        asked.append(number)
        logger.info("the stream stops pulling and finishes what is in work; a second signal leaves it at once")
        ending.call()

    before = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
