"""The clock as a parameter: pinned by ``--now`` for replays and tests, else the system's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time.  A pinned clock stands still: no duration is known under it, and the same input gives the same
    bytes."""

    pinned: datetime | None = None

    def now(self) -> datetime:
        """The time, UTC."""
        return self.pinned or datetime.now(UTC)

    def milliseconds(self, seconds: float) -> int | None:
        """A measured duration as rows carry it; None under a pinned clock."""
        return None if self.pinned else round(seconds * 1000)
