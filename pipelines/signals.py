"""SIGTERM and SIGINT stop a command at once and cleanly."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import Any


class Stopped(KeyboardInterrupt):
    """A signal asked the command to stop.  A KeyboardInterrupt, so that no ``except Exception`` keeps it."""


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raises `Stopped` where the process is asked to end: Beam's local runner ends on SIGTERM without a clean-up."""

    def stop(number: int, _frame: Any) -> None:
        raise Stopped(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
