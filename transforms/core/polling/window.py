"""The window that a feed shows at one time, and what may have slipped past between two looks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.hops import Feed, FeedEntry
from schemas.state import FeedState
from transforms.core.urls import url_key

DIGEST_BYTES = 8
MAX_REMEMBERED = 1000
"""Entries: two windows of the largest feed that is read."""

MEAN_OVER = timedelta(days=1)
"""The running mean forgets a poll to 1/e in this time: it follows a day's news and outlives a quiet night."""

SECONDS_A_DAY = 86_400.0

FIRST_GUESS = 24.0
"""Entries a day of a feed that prints no dates: one for each default interval."""


@dataclass(frozen=True, slots=True)
class Window:
    """What one poll showed, against what was known.

    ``expected`` is how many entries should have been new by the feed's own pace; ``lost`` how many may have come and
    gone between two polls: none as long as something is there that was seen before.
    """

    size: int
    new: int
    per_day: float | None
    expected: float | None
    lost: int
    seen: bytes


def window_of(feed: Feed, known: FeedState | None, at: datetime) -> Window:
    """The window of ``feed``, seen at ``at``, after what ``known`` says of earlier polls."""
    digests = list(dict.fromkeys(_digest(entry) for entry in feed.entries))
    before = _parted(known.seen) if known else []
    new = [digest for digest in digests if digest not in set(before)]
    printed = _printed_pace(feed)
    expected = _expected(known, at)
    return Window(
        size=len(digests),
        new=len(new),
        per_day=_mean(known, len(new), at) if before else printed,
        expected=expected,
        lost=_lost(len(digests), before, new, expected, printed, known, at),
        seen=b"".join([*digests, *(digest for digest in before if digest not in set(digests))][:MAX_REMEMBERED]),
    )


def quiet_mean(known: FeedState, at: datetime) -> float | None:
    """The running mean after a poll that showed nothing new."""
    return _mean(known, 0, at)


def _lost(
    size: int,
    before: list[bytes],
    new: list[bytes],
    expected: float | None,
    printed: float | None,
    known: FeedState | None,
    at: datetime,
) -> int:
    """Without overlap the window overran.  The feed's printed dates tell its pace best, else what it did before."""
    if not before or not size or len(new) < size or known is None:
        return 0
    came = max(_between(known, at) * printed if printed else 0.0, expected or 0.0)
    return max(math.ceil(came) - size, 1)


def _expected(known: FeedState | None, at: datetime) -> float | None:
    if known is None or known.entries_per_day is None:
        return None
    return known.entries_per_day * _between(known, at)


def _mean(known: FeedState | None, new: int, at: datetime) -> float | None:
    """A mean whose weight grows with the time since the last look (an exponential window over uneven steps)."""
    days = _between(known, at)
    if known is None or days <= 0:
        return known.entries_per_day if known else None
    before = FIRST_GUESS if known.entries_per_day is None else known.entries_per_day
    weight = 1 - math.exp(-days * SECONDS_A_DAY / MEAN_OVER.total_seconds())
    return before * (1 - weight) + new / days * weight


def _between(known: FeedState | None, at: datetime) -> float:
    """Days since the window was last seen; failures in between were no looks."""
    if known is None or known.last_ok_at is None:
        return 0.0
    return max((at - known.last_ok_at).total_seconds(), 0.0) / SECONDS_A_DAY


def _printed_pace(feed: Feed) -> float | None:
    """Entries a day by the dates that the feed prints; differences only, so that a wrong clock does no harm."""
    dates = sorted(date for entry in feed.entries if (date := entry.published_at or entry.updated_at))
    if len(dates) < 2:
        return None
    days = (dates[-1] - dates[0]).total_seconds() / SECONDS_A_DAY
    return (len(dates) - 1) / days if days > 0 else None


def _digest(entry: FeedEntry) -> bytes:
    named = entry.entry_id or url_key(entry.url)
    return hashlib.sha256(named.encode("utf-8", "replace")).digest()[:DIGEST_BYTES]


def _parted(seen: bytes) -> list[bytes]:
    return [seen[start : start + DIGEST_BYTES] for start in range(0, len(seen), DIGEST_BYTES)]


def digests_in(seen: bytes) -> Iterable[bytes]:
    """The digests of `FeedState.seen`, the newest first."""
    return _parted(seen)
