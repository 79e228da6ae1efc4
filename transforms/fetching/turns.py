"""The turns of hosts in one process.

Politeness is owed by a process as a whole: its steps ask from pools of their own, and pages found by one step lie on
hosts that another has just asked.  So the pools of one run share one table, behind one lock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from transforms.core.pacing import HostTimes

MAX_RUNS = 4
"""Runs whose tables are kept; a process seldom works on more than one."""


@dataclass(frozen=True, slots=True)
class Turns:
    """When hosts may be asked, and the lock to hold while looking."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    times: HostTimes = field(default_factory=HostTimes)


class TurnsByRun:
    """The tables of the runs that this process has worked on lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: OrderedDict[str, Turns] = OrderedDict()

    def of(self, run: str) -> Turns:
        """The table of ``run``, the same for all who ask."""
        with self._lock:
            turns = self._turns.setdefault(run, Turns())
            self._turns.move_to_end(run)
            while len(self._turns) > MAX_RUNS:
                self._turns.popitem(last=False)
            return turns


PROCESS_TURNS = TurnsByRun()
"""The one of this process.  Beam makes and ends steps as it likes: only the process outlives them."""
