"""How long until a feed is asked again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.hops import PollingHints

MIN_SECONDS = 5 * 60
MAX_SECONDS = 24 * 3600
"""The range in which feed readers stay (Miniflux: 5 minutes to 24 hours)."""

DEFAULT_SECONDS = 3600
"""Where nothing is known of how often a feed changes."""

SECONDS_A_DAY = 86_400.0

WINDOW_SHARE = 0.5
"""A feed is asked again before more than this share of its window can have turned over."""

SOFT_RETRY_SECONDS = 600
HARD_RETRY_SECONDS = 3600
"""First wait after a failure that passes (a time-out, 5xx) and after one that a person must mend (404, no feed)."""

MAX_SILENCE_SECONDS = 7 * 86_400
JITTER = 0.1
"""Failing feeds come back spread over this share of their wait, not all in one run."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Seconds until the next poll, and why, in words for a person.

    ``at_most`` is how long it may become where the feed wants to be left alone for hours or days; None: no matter.
    """

    seconds: int
    reason: str
    at_most: int | None = None


def next_interval(
    *,
    per_day: float | None,
    window: int,
    listed: int | None,
    hints: PollingHints,
    cache_seconds: float | None,
    overran: bool,
    before: int | None,
) -> Interval:
    """The time until a feed that works is asked again.

    ``per_day`` is its pace in entries a day and ``window`` how many it shows at a time; ``listed`` is the interval of
    the source list, ``before`` the last one, in seconds.  The time is shared out over the entries
    that come in it, as Miniflux does; what publisher and server ask for can only lengthen that, and no wish makes the
    wait so long that entries could be missed.
    """
    interval = _own(per_day, listed)
    for seconds, name in ((hints.seconds, "the feed's ttl"), (cache_seconds, "the server's cache time")):
        if seconds and seconds > interval.seconds:
            interval = Interval(int(seconds), name)
    turnover = _turnover(per_day, window)
    if turnover is not None and interval.seconds > turnover:
        interval = Interval(int(turnover), "its window turns over fast")
    if overran and before and interval.seconds > before / 2:
        interval = Interval(int(before / 2), "its window had overrun")
    seconds = min(max(interval.seconds, _least(listed)), MAX_SECONDS)
    return Interval(seconds, interval.reason, None if turnover is None else int(max(turnover, seconds)))


def index_interval(listed: int | None) -> Interval:
    """The time until a list of sitemaps is asked again, whose own pace says nothing of the pace of what it lists."""
    seconds = min(max(listed or DEFAULT_SECONDS, _least(listed)), MAX_SECONDS)
    return Interval(seconds, "a list of sitemaps" if listed is None else "as the source list asks")


def retry_interval(
    streak: int, *, passing: bool, retry_after: float | None, key: str, before: int | None = None
) -> Interval:
    """The time until a feed that failed ``streak`` times in a row is asked again: doubled each time, at most a day.

    ``retry_after``, in seconds, is obeyed up to a week.  ``key`` spreads feeds that failed together.  ``before`` is
    the interval while the feed worked: after one failure a fast feed comes back as fast as ever.
    """
    wait = min(_first_retry(passing, before if streak == 1 else None) * 2 ** min(streak - 1, 16), MAX_SECONDS)
    wait = wait * (1 + JITTER * _share(key, streak))
    if retry_after and retry_after > wait:
        return Interval(int(min(retry_after, MAX_SILENCE_SECONDS)), "Retry-After")
    times = "once" if streak == 1 else f"{streak} times in a row"
    return Interval(int(wait), f"failed {times}")


def due_time(at: datetime, interval: Interval, hints: PollingHints) -> datetime:
    """When the interval after ``at`` ends; later where the feed wants to be left alone in that hour or on that day,
    but not so late that entries could be missed."""
    moment = at + timedelta(seconds=interval.seconds)
    for _ in range(7 * 24 + 1):
        if moment.hour not in hints.skip_hours and moment.weekday() not in hints.skip_days:
            return _not_after(moment, at, interval.at_most)
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at + timedelta(seconds=interval.seconds)  # every hour is skipped: no wish that can be granted


def _not_after(moment: datetime, at: datetime, seconds: int | None) -> datetime:
    return moment if seconds is None or (moment - at).total_seconds() <= seconds else at + timedelta(seconds=seconds)


def _first_retry(passing: bool, before: int | None) -> int:
    first = SOFT_RETRY_SECONDS if passing else HARD_RETRY_SECONDS
    return first if before is None else min(first, max(before, MIN_SECONDS))


def _own(per_day: float | None, listed: int | None) -> Interval:
    if listed is not None:
        return Interval(listed, "as the source list asks")
    if per_day is None:
        return Interval(DEFAULT_SECONDS, "nothing is known of its pace yet")
    seconds = SECONDS_A_DAY / per_day if per_day > 0 else MAX_SECONDS
    return Interval(int(min(max(seconds, MIN_SECONDS), MAX_SECONDS)), f"about {per_day:.1f} entries a day")


def _turnover(per_day: float | None, window: int) -> float | None:
    if not per_day or not window:
        return None
    return window / per_day * SECONDS_A_DAY * WINDOW_SHARE


def _least(listed: int | None) -> int:
    return min(listed, MIN_SECONDS) if listed else MIN_SECONDS


def _share(key: str, streak: int) -> float:
    """A number from 0 to 1 that is the same on every machine."""
    return hashlib.sha256(f"{key} {streak}".encode("utf-8", "replace")).digest()[0] / 255
