"""The window that a feed shows at one time, and what may have slipped past between two looks."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.hops import Feed, FeedEntry
from schemas.state import FeedState
from transforms.core.urls import url_key

DIGEST_BYTES = 8
"""Four of the entry's id and four of its link: an entry is known by either, whatever becomes of the other.  Among the
thousand of a largest window two agree by chance in one poll of some thousand; then one entry counts as seen."""

MAX_REMEMBERED = 1000
"""Entries: as many as the largest sitemap that is read shows; feeds show half."""

KEPT_WINDOWS = 3
MIN_REMEMBERED = 100
"""Entries come back after they were dropped; what is remembered longer only makes the state large."""

MEAN_OVER = timedelta(days=1)
"""The running mean forgets a poll to 1/e in this time: it follows a day's news and outlives a quiet night."""

SECONDS_A_DAY = 86_400.0

FIRST_GUESS = 24.0
"""Entries a day of a feed that prints no dates: one for each default interval."""

FIRST_MOST = 300.0
"""Entries a day that the dates of a first look are believed up to, as the largest newsrooms have them: twenty entries
with one date may be a day's edition as well as a minute's news."""

FRESH = timedelta(days=7)
"""A newest entry further from now than this tells of a feed that sleeps or of a clock that is wrong."""

MOST_PRINTED = 1440.0
"""Entries a day that the dates of a window are believed up to, one a minute."""


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
    marks = list(dict.fromkeys(_mark(entry) for entry in feed.entries[:MAX_REMEMBERED]))
    if known is None or known.last_changed_at is None:
        return Window(len(marks), len(marks), _first_pace(feed, at), None, 0, _remembered(marks, []))
    before = digests_in(known.seen)
    new, lost = _counted(feed, marks, before, known, at)
    return Window(
        size=len(marks),
        new=new,
        per_day=_mean(known, new + lost, at),
        expected=_expected(known, at),
        lost=lost,
        seen=_remembered(marks, before),
    )


def quiet_mean(known: FeedState, at: datetime) -> float | None:
    """The running mean after a poll that showed nothing new."""
    return _mean(known, 0, at)


def digests_in(seen: bytes) -> list[bytes]:
    """The digests of `FeedState.seen`, the newest first."""
    return [seen[start : start + DIGEST_BYTES] for start in range(0, len(seen), DIGEST_BYTES)]


def _counted(
    feed: Feed, marks: Sequence[bytes], before: Sequence[bytes], known: FeedState, at: datetime
) -> tuple[int, int]:
    """(entries that are new, entries that may be lost).

    Without overlap the window overran, unless its dates reach back beyond the last look: then ids and links have
    changed, and the dates tell what is new.  Only differences of dates count, so that a wrong clock does no harm.
    """
    new = _unseen(marks, before)
    if not before or new < len(marks) or not marks:
        return new, 0
    dates, between = _dates(feed), at - (known.last_ok_at or at)
    if len(dates) < 2:
        return new, max(math.ceil(_expected(known, at) or 0.0) - new, 1)
    reach = dates[-1] - dates[0]
    if reach >= between:
        return sum(date > dates[-1] - between for date in dates), 0
    gap = (between - reach).total_seconds() / SECONDS_A_DAY
    return new, max(math.ceil(gap * _believed_pace(dates, known)), 1)


def _unseen(marks: Sequence[bytes], before: Iterable[bytes]) -> int:
    """How many of ``marks`` are new.  An id or a link that several entries share tells nothing of any of them."""
    known = {part for digest in before for part in _parts(digest)}
    shared = Counter(part for digest in marks for part in _parts(digest))
    return sum(not any(shared[part] == 1 and part in known for part in _parts(digest)) for digest in marks)


def _parts(digest: bytes) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("id", digest[: DIGEST_BYTES // 2]), ("link", digest[DIGEST_BYTES // 2 :])


def _remembered(marks: Sequence[bytes], before: Iterable[bytes]) -> bytes:
    most = min(max(KEPT_WINDOWS * len(marks), MIN_REMEMBERED), MAX_REMEMBERED)
    return b"".join(list(dict.fromkeys([*marks, *before]))[:most])


def _expected(known: FeedState, at: datetime) -> float | None:
    return None if known.entries_per_day is None else known.entries_per_day * _between(known, at)


def _mean(known: FeedState, new: int, at: datetime) -> float | None:
    """A mean whose weight grows with the time since the last look (an exponential window over uneven steps)."""
    days = _between(known, at)
    if days <= 0:
        return known.entries_per_day
    before = FIRST_GUESS if known.entries_per_day is None else known.entries_per_day
    weight = 1 - math.exp(-days * SECONDS_A_DAY / MEAN_OVER.total_seconds())
    return before * (1 - weight) + new / days * weight


def _between(known: FeedState, at: datetime) -> float:
    """Days since the window was last seen; failures in between were no looks."""
    if known.last_ok_at is None:
        return 0.0
    return max((at - known.last_ok_at).total_seconds(), 0.0) / SECONDS_A_DAY


def _first_pace(feed: Feed, at: datetime) -> float | None:
    """Entries a day by the dates of a feed that is seen for the first time; None where it prints too few."""
    dates = _dates(feed)
    if len(dates) < 2:
        return None
    if abs(at - dates[-1]) <= FRESH:  # zones are got wrong by hours, either way
        return min(_pace(dates[0], max(at, dates[-1]), len(dates)), FIRST_MOST)
    return min(_pace(dates[0], dates[-1], len(dates)), FIRST_GUESS)


def _believed_pace(dates: Sequence[datetime], known: FeedState) -> float:
    """Entries a day while nobody looked: midway, by ratio, between what is usual for the feed and what its window
    shows, which may be a burst or a new pace."""
    usual = FIRST_GUESS if known.entries_per_day is None else max(known.entries_per_day, 1.0)
    return math.sqrt(usual * min(_pace(dates[0], dates[-1], len(dates)), MOST_PRINTED))


def _pace(first: datetime, last: datetime, entries: int) -> float:
    days = (last - first).total_seconds() / SECONDS_A_DAY
    return (entries - 1) / days if days > 0 else math.inf


def _dates(feed: Feed) -> list[datetime]:
    return sorted(date for entry in feed.entries if (date := entry.published_at or entry.updated_at))


def _mark(entry: FeedEntry) -> bytes:
    """Without dates to check it by, the title stands in for the id, which some feeds make anew each time."""
    link = url_key(entry.url)
    has_date = entry.published_at or entry.updated_at
    return _half((entry.entry_id if has_date else entry.title) or entry.entry_id or link) + _half(link)


def _half(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[: DIGEST_BYTES // 2]
