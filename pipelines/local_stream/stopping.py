"""How a stream is asked to stop: it ends what is in work; asked again, or when that takes too long, it stops there."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Iterator
from threading import Event
from typing import Any, Protocol

from pipelines.signals import Stopped

AFTER_DRAIN_SECONDS = 10
"""For the clean-up of a run that was broken off; then the process ends without."""

logger = logging.getLogger("newsbeam")


class Stop(Protocol):
    """Whether the stream is to end, and waiting that ends with it."""

    @property
    def is_asked(self) -> bool:
        """Whether the stream was asked to end."""

    def wait(self, seconds: float) -> bool:
        """Waits, at most until the stream is asked to end; gives whether it was."""


class Asked:
    """A `Stop` that something sets."""

    def __init__(self) -> None:
        self._event = Event()

    @property
    def is_asked(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)

    def ask(self) -> None:
        """The stream is to end."""
        self._event.set()


@contextlib.contextmanager
def asked_by_signals(drain_seconds: int) -> Iterator[Asked]:
    """SIGTERM and SIGINT ask the stream to end.  The second ends the process where it stands.

    Where the stream has not ended after ``drain_seconds``, `Stopped` is raised in the main thread.
    """
    asked = Asked()
    names: list[str] = []

    def stop(number: int, _frame: Any) -> None:
        if asked.is_asked:
            _leave_at_once()
        names.append(signal.Signals(number).name)
        asked.ask()
        signal.setitimer(signal.ITIMER_REAL, drain_seconds, AFTER_DRAIN_SECONDS)

    def too_long(_number: int, _frame: Any) -> None:
        if "too long" in names:
            _leave_at_once()
        names.append("too long")
        raise Stopped(f"{names[0]}, and what was in work took longer than {drain_seconds} s")

    wanted = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGALRM: too_long}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield asked
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_at_once() -> None:
    """Ends the process without any clean-up: the next start sees to what is left."""
    sys.stderr.write("newsbeam: stopped at once; what was in work is done again by the next start\n")
    sys.stderr.flush()
    os._exit(1)
