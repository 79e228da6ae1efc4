"""How long until a feed is asked again; and a month of polls of feeds of several paces."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from polling import NOW, entry, feed, hours, read, request, same
from schemas.hops import FeedEntry, PollingHints
from schemas.state import FeedState
from transforms.core.polling import Due, Interval, due, next_interval
from transforms.core.polling.interval import (
    DEFAULT_SECONDS,
    HARD_RETRY_SECONDS,
    MAX_SECONDS,
    MAX_SILENCE_SECONDS,
    MIN_SECONDS,
    SOFT_RETRY_SECONDS,
    due_time,
    index_interval,
    retry_interval,
)

NO_HINTS = PollingHints()
SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)


def interval(**given: Any) -> Interval:
    defaults: dict[str, Any] = {
        "per_day": 24.0,
        "window": 20,
        "listed": None,
        "hints": NO_HINTS,
        "cache_seconds": None,
        "overran": False,
        "before": None,
    }
    return next_interval(**{**defaults, **given})


@pytest.mark.parametrize(
    ("given", "seconds", "reason"),
    [
        ({}, 3600, "about 24.0 entries a day"),
        ({"per_day": None}, DEFAULT_SECONDS, "nothing is known of its pace yet"),
        ({"per_day": 0.0}, MAX_SECONDS, "about 0.0 entries a day"),
        ({"per_day": 0.2}, MAX_SECONDS, "about 0.2 entries a day"),
        ({"per_day": 100_000.0}, MIN_SECONDS, "its window turns over fast"),
        ({"per_day": 300.0}, MIN_SECONDS, "about 300.0 entries a day"),
        ({"hints": PollingHints(7200)}, 7200, "the feed's ttl"),
        ({"hints": PollingHints(600)}, 3600, "about 24.0 entries a day"),
        ({"cache_seconds": 7200.0}, 7200, "the server's cache time"),
        ({"cache_seconds": 0.0}, 3600, "about 24.0 entries a day"),
        ({"hints": PollingHints(7200), "cache_seconds": 9000.0}, 9000, "the server's cache time"),
        ({"hints": PollingHints(7 * 86_400), "per_day": 1.0}, MAX_SECONDS, "the feed's ttl"),
        ({"hints": PollingHints(86_400)}, 36_000, "its window turns over fast"),
        ({"hints": PollingHints(86_400), "window": 0}, 86_400, "the feed's ttl"),
        ({"hints": PollingHints(3600), "per_day": 300.0}, 2880, "its window turns over fast"),
        ({"listed": 600}, 600, "as the source list asks"),
        ({"listed": 60}, 60, "as the source list asks"),
        ({"listed": 600, "hints": PollingHints(1800)}, 1800, "the feed's ttl"),
        ({"listed": 30 * 86_400, "window": 0}, MAX_SECONDS, "as the source list asks"),
        ({"overran": True, "before": 3600}, 1800, "its window had overrun"),
        ({"overran": True, "before": 9000}, 3600, "about 24.0 entries a day"),
        ({"overran": True, "before": 400}, MIN_SECONDS, "its window had overrun"),
        ({"overran": True, "before": 0}, 3600, "about 24.0 entries a day"),
    ],
)
def test_time_between_two_polls(given: dict[str, Any], seconds: int, reason: str) -> None:
    found = interval(**given)
    assert (found.seconds, found.reason) == (seconds, reason)


def test_a_list_of_sitemaps_is_asked_every_hour() -> None:
    assert index_interval(None).seconds == DEFAULT_SECONDS
    assert index_interval(600).seconds == 600
    assert index_interval(90 * 86_400).seconds == MAX_SECONDS


def test_failures_double_the_wait_up_to_a_day() -> None:
    soft = [retry_interval(n, passing=True, retry_after=None, key="k").seconds for n in range(1, 30)]
    hard = [retry_interval(n, passing=False, retry_after=None, key="k").seconds for n in range(1, 30)]
    for waits, first in ((soft, SOFT_RETRY_SECONDS), (hard, HARD_RETRY_SECONDS)):
        for streak, wait in enumerate(waits):
            plain = min(first * 2**streak, MAX_SECONDS)
            assert plain <= wait <= plain * 1.1


def test_one_hiccup_does_not_slow_a_fast_feed() -> None:
    assert retry_interval(1, passing=False, retry_after=None, key="k", before=600).seconds <= 660
    assert retry_interval(2, passing=False, retry_after=None, key="k", before=600).seconds >= 7200
    assert retry_interval(1, passing=True, retry_after=None, key="k", before=86_400).seconds <= 660
    assert retry_interval(1, passing=True, retry_after=None, key="k", before=1).seconds >= MIN_SECONDS


def test_failing_feeds_come_back_spread_out() -> None:
    waits = {retry_interval(4, passing=True, retry_after=None, key=f"k{n}").seconds for n in range(100)}
    assert len(waits) > 50
    again = retry_interval(4, passing=True, retry_after=None, key="k7")
    assert again == retry_interval(4, passing=True, retry_after=None, key="k7")


@pytest.mark.parametrize(
    ("asked", "seconds"), [(7200.0, 7200), (3.0e7, MAX_SILENCE_SECONDS), (1.0, None), (0.0, None), (None, None)]
)
def test_retry_after_lengthens_the_wait(asked: float | None, seconds: int | None) -> None:
    found = retry_interval(1, passing=True, retry_after=asked, key="k")
    assert found.reason == ("Retry-After" if seconds else "failed once")
    assert found.seconds == (seconds or retry_interval(1, passing=True, retry_after=None, key="k").seconds)


@pytest.mark.parametrize(
    ("hints", "at_most", "expected"),
    [
        (NO_HINTS, None, NOW + hours(1)),
        (PollingHints(skip_hours=(9, 10)), None, NOW.replace(hour=11)),
        (PollingHints(skip_hours=(10,)), None, NOW + hours(1)),
        (PollingHints(skip_hours=tuple(range(9, 24))), None, NOW + hours(16)),
        (PollingHints(skip_days=(0, 1)), None, datetime(2026, 11, 18, tzinfo=UTC)),
        (PollingHints(skip_days=(0,), skip_hours=(0, 1)), None, datetime(2026, 11, 17, 2, tzinfo=UTC)),
        (PollingHints(skip_days=(0, 1)), 7200, NOW + hours(2)),
        (PollingHints(skip_hours=(9,)), 36_000, NOW.replace(hour=10)),
        (
            PollingHints(skip_days=tuple(range(6)), skip_hours=tuple(range(23))),
            None,
            datetime(2026, 11, 22, 23, tzinfo=UTC),
        ),
        (PollingHints(skip_days=tuple(range(7)), skip_hours=tuple(range(24))), None, NOW + hours(1)),
    ],
)
def test_hours_and_days_of_rest(hints: PollingHints, at_most: int | None, expected: datetime) -> None:
    assert due_time(NOW, Interval(3600, "", at_most), hints) == expected


def test_rest_never_lets_the_window_turn_over() -> None:
    week = PollingHints(skip_days=(0, 1, 2, 3))
    fast = interval(per_day=300.0, hints=week)
    assert due_time(NOW, fast, week) - NOW <= timedelta(seconds=2880)
    assert due_time(NOW, interval(per_day=1.0, hints=week), week) == datetime(2026, 11, 20, tzinfo=UTC)


# A month of polls.  A publisher is a list of moments at which it prints an entry; it shows the newest of them.

MONTH = timedelta(days=30)
ROUND = timedelta(minutes=10)
PAST = timedelta(days=20)


@dataclass(frozen=True)
class Publisher:
    """``moments`` of its entries, sorted; ``clock`` is how far its dates are off."""

    moments: tuple[datetime, ...]
    window: int = 20
    clock: timedelta = timedelta()
    has_dates: bool = True
    hints: PollingHints = NO_HINTS

    def entries(self) -> tuple[FeedEntry, ...]:
        return tuple(entry(n, m + self.clock if self.has_dates else None) for n, m in enumerate(self.moments))

    def last(self, at: datetime) -> int:
        """How many entries there were at ``at``."""
        return bisect_right(self.moments, at)


@dataclass(frozen=True)
class Month:
    """What came of a month of polls."""

    polls: int
    missed: int
    told: int
    state: FeedState


def month(publisher: Publisher, days: int = 30, listed: int | None = None) -> Month:
    """Polls every ten minutes, when due, by the rules alone."""
    state: FeedState | None = None
    entries, seen, last, at = publisher.entries(), set[int](), None, NOW
    while at < NOW + timedelta(days=days):
        if isinstance(due(request(state), at), Due):
            before, last = last, publisher.last(at)
            first = max(last - publisher.window, 0)
            seen.update(range(first, last))
            if state and before == last:
                state = same(state, at, listed=listed)
            else:
                shown = feed(*reversed(entries[first:last]), hints=publisher.hints)
                state = read(state, shown, at, listed=listed)
        at += ROUND
    assert state
    came = range(publisher.last(NOW), last or 0)
    return Month(state.polls, len(set(came) - seen), state.entries_lost, state)


def every(seconds: float, *, since: datetime = NOW - PAST) -> tuple[datetime, ...]:
    step = timedelta(seconds=seconds)
    return tuple(since + n * step for n in range(math.ceil((NOW + MONTH - since) / step)))


def by_day(moments: Iterable[datetime]) -> tuple[datetime, ...]:
    """Those of the day: nothing comes from 22 to 6."""
    return tuple(moment for moment in moments if 6 <= moment.hour < 22)


def at_random(per_day: float) -> tuple[datetime, ...]:
    dice = random.Random(2026)  # noqa: S311 - the same month each time
    moment, found = NOW - PAST, []
    while moment < NOW + MONTH:
        moment += timedelta(days=dice.expovariate(per_day))
        found.append(moment)
    return tuple(found)


YEAR = timedelta(days=365)
NIGHT_REST = PollingHints(skip_hours=(22, 23, 0, 1, 2, 3, 4, 5))
SLOW, HOURLY, FAST = every(86_400), every(3600), every(288)
EDITION = tuple(sorted(day + timedelta(seconds=n) for day in every(86_400) for n in range(15)))


@pytest.mark.parametrize(
    ("publisher", "polls"),
    [
        pytest.param(Publisher(SLOW), (28, 80), id="one a day"),
        pytest.param(Publisher(SLOW, clock=-YEAR), (28, 80), id="one a day, a year behind"),
        pytest.param(Publisher(HOURLY), (500, 800), id="one an hour"),
        pytest.param(Publisher(HOURLY, clock=-YEAR), (500, 800), id="one an hour, a year behind"),
        pytest.param(Publisher(HOURLY, clock=YEAR), (500, 800), id="one an hour, a year ahead"),
        pytest.param(Publisher(HOURLY, has_dates=False), (500, 800), id="one an hour, without dates"),
        pytest.param(Publisher(by_day(HOURLY)), (300, 800), id="one an hour by day"),
        pytest.param(Publisher(HOURLY, hints=PollingHints(7200)), (300, 400), id="one an hour, ttl of two hours"),
        pytest.param(
            Publisher(HOURLY, hints=PollingHints(skip_hours=(22, 23, 0, 1, 2, 3, 4, 5))), (300, 600), id="rests"
        ),
        pytest.param(Publisher(FAST), (500, 1440), id="300 a day"),
        pytest.param(Publisher(FAST, clock=-YEAR), (500, 1440), id="300 a day, a year behind"),
        pytest.param(Publisher(FAST, has_dates=False), (500, 1440), id="300 a day, without dates"),
        pytest.param(Publisher(FAST, hints=PollingHints(86_400)), (200, 500), id="300 a day, ttl of a day"),
        pytest.param(Publisher(by_day(FAST)), (500, 1440), id="300 a day by day"),
        pytest.param(Publisher(EDITION), (28, 800), id="fifteen at once each day"),
        pytest.param(Publisher(at_random(24.0)), (400, 1200), id="24 a day at random"),
        pytest.param(Publisher(at_random(2.0)), (30, 250), id="two a day at random"),
        pytest.param(Publisher(at_random(150.0)), (500, 1440), id="150 a day at random"),
        pytest.param(Publisher(every(86_400, since=NOW - 50 * YEAR)[:400]), (28, 80), id="sleeps"),
    ],
)
def test_a_month_without_loss(publisher: Publisher, polls: tuple[int, int]) -> None:
    days = 30 if len(publisher.moments) < 5000 else 10
    found = month(publisher, days)
    assert (found.missed, found.told) == (0, 0)
    assert polls[0] <= found.polls <= polls[1]


def test_a_month_by_the_list() -> None:
    found = month(Publisher(HOURLY), listed=6 * 3600)
    assert (found.missed, found.told) == (0, 0)
    assert 110 <= found.polls <= 125


def test_a_feed_that_wakes_up_is_followed() -> None:
    """A quiet feed comes to 300 entries a day: what is lost before that is noticed is told, and then nothing more."""
    quiet = tuple(moment for moment in SLOW if moment < NOW + timedelta(days=10))
    awake = tuple(moment for moment in FAST if moment >= NOW + timedelta(days=10))
    found = month(Publisher((*quiet, *awake)))
    assert 0 < found.missed <= 300  # at most the day between two polls
    assert found.missed / 20 <= found.told <= found.missed * 4  # its usual pace is all that there was to go by
    assert found.state.entries_per_day == pytest.approx(300, rel=0.1)


def test_bursts_lose_no_more_than_they_must() -> None:
    """Thirty entries in five minutes where twenty are shown: ten are lost each time, whoever asks how often."""
    bursts = tuple(sorted(day + timedelta(seconds=10 * n) for day in every(3 * 86_400) for n in range(30)))
    found = month(Publisher(bursts))
    assert found.missed <= 10 * 10
    assert found.told <= 10 * 30
    assert found.polls < 1500
