"""What came in by the hour, or by the day where the runs lie far apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from transforms.core.reporting.figures import Moment, Timeline
from transforms.core.reporting.stories import clock_time

HOURLY_SPAN = timedelta(hours=72)
"""Longer spans are shown by the day."""

LEAST_SPAN = timedelta(hours=48)
"""What is shown of stories before the last run, where there was one run only."""

MOST_DAYS = 400
"""The newest days that are shown."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Times:
    """Stories by the hour of publication, URLs by the hour at which their fate was decided."""

    def __init__(self) -> None:
        self._published: Counter[datetime] = Counter()
        self._ok: Counter[datetime] = Counter()
        self._failed: Counter[datetime] = Counter()
        self._undated = 0
        self._written: datetime | None = None

    def add_story(self, row: Mapping[str, Any]) -> None:
        """A story."""
        published = clock_time(row)
        if published is None or published > row["ingested_at"]:
            self._undated += 1
        else:
            self._published[_hour(published)] += 1
        self._written = max(self._written or row["ingested_at"], row["ingested_at"])

    def add_outcome(self, row: Mapping[str, Any]) -> None:
        """A row of outcomes."""
        (self._ok if row["ok"] else self._failed)[_hour(row["at"])] += 1

    def figures(self) -> Timeline:
        """Every hour or day from the first to the last, the empty ones too."""
        decided = [*self._ok, *self._failed]
        last = max([*decided, *([_hour(self._written)] if self._written else [])], default=None)
        if last is None:
            return Timeline("hour", (), 0, self._undated)
        first = min([last - LEAST_SPAN + HOUR, *decided])
        by_hour = last - first < HOURLY_SPAN
        start = first if by_hour else max(_day(first), _day(last) - (MOST_DAYS - 1) * DAY)
        moments = tuple(self._moments(start, last, HOUR if by_hour else DAY))
        earlier = sum(count for hour, count in self._published.items() if hour < start)
        return Timeline("hour" if by_hour else "day", moments, earlier, self._undated)

    def _moments(self, start: datetime, last: datetime, step: timedelta) -> Iterator[Moment]:
        floor = _hour if step == HOUR else _day
        counts: list[Counter[datetime]] = [Counter(), Counter(), Counter()]
        for total, hours in zip(counts, (self._published, self._ok, self._failed), strict=True):
            for hour, count in hours.items():
                total[floor(hour)] += count
        published, ok, failed = counts
        while start <= last:
            yield Moment(start, published[start], ok[start], failed[start])
            start += step


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0)
