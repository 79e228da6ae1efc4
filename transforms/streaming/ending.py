"""How a stream on a cluster is told to end: by a file that its sources look for, whatever the runner."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from transforms.clock import Clock
from transforms.filesystem import create, exists

LOOK_EVERY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Ending:
    """A stream ends once there is a file at ``mark``, or when ``until`` has come."""

    mark: str
    until: datetime | None = None

    def call(self) -> None:
        """Ends the stream: sources stop, what is in work is finished."""
        with create(self.mark):
            pass


class Lookout:
    """Looks for the ending, not more often than it costs little.  One for each source on a worker."""

    def __init__(self, ending: Ending, clock: Clock) -> None:
        self._ending = ending
        self._clock = clock
        self._next_look = 0.0
        self._has_come = False

    def has_come(self) -> bool:
        """Whether it is time to end; from then on always."""
        if not self._has_come and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_EVERY_SECONDS
            until = self._ending.until
            self._has_come = (until is not None and self._clock.now() >= until) or exists(self._ending.mark)
        return self._has_come
