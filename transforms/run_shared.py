"""What the steps of one run share inside a process.

Politeness is owed by a process as a whole: its steps ask from pools of their own, and pages found by one step lie on
hosts that another has just asked.  So they share the turns of hosts, and what is known of hosts.  Beam makes and
ends steps as it likes: only the process outlives them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from transforms.fetching.turns import Turns
from transforms.outages import Outages
from transforms.robots_cache import RobotsCache

MAX_RUNS = 4
"""Runs of which something is kept; a process seldom works on more than one."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The turns of hosts, their robots.txt files, and which of them do not answer."""

    turns: Turns = field(default_factory=Turns)
    robots: RobotsCache = field(default_factory=RobotsCache)
    outages: Outages = field(default_factory=Outages)


class SharedByRun:
    """What is shared by each of the runs that this process has worked on lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[str, Shared] = OrderedDict()

    def of(self, run: str) -> Shared:
        """The same for all who name the same ``run``; something new where it is empty."""
        if not run:
            return Shared()
        with self._lock:
            shared = self._runs.setdefault(run, Shared())
            self._runs.move_to_end(run)
            while len(self._runs) > MAX_RUNS:
                self._runs.popitem(last=False)
            return shared


PROCESS = SharedByRun()
"""The one of this process."""
