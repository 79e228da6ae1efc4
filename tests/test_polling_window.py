"""The window of a feed: what is new in it, and what may have slipped past."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from polling import NOW, entry, feed, hourly, hours, read, same
from schemas.state import FeedState
from transforms.core.polling import window_of
from transforms.core.polling.window import DIGEST_BYTES, MAX_REMEMBERED, MIN_REMEMBERED, digests_in


def test_a_first_look_is_all_new_and_loses_nothing() -> None:
    first = window_of(hourly(1, 20, NOW), None, NOW)
    assert (first.size, first.new, first.lost, first.expected) == (20, 20, 0, None)
    assert first.per_day == pytest.approx(24)
    assert len(first.seen) == 20 * DIGEST_BYTES


def test_overlap_means_that_nothing_was_lost() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    later = NOW + hours(3)
    second = window_of(hourly(4, 23, later), state, later)
    assert (second.new, second.lost) == (3, 0)
    assert second.expected == pytest.approx(3)
    assert second.per_day == pytest.approx(24)


def test_one_entry_in_common_is_overlap() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    assert window_of(hourly(20, 39, NOW + hours(19)), state, NOW + hours(19)).lost == 0


def test_the_gap_is_filled_at_the_usual_pace() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    later = NOW + hours(48)
    second = window_of(hourly(49, 68, later), state, later)
    assert (second.new, second.lost) == (20, 29)  # 21 to 48 were never seen; a window of 20 reaches back 19 hours
    state = read(state, hourly(49, 68, later), later)
    assert (state.last_lost, state.entries_lost, state.entries_seen) == (29, 29, 40)


def test_what_was_lost_belongs_to_the_pace() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    later = NOW + hours(48)
    assert window_of(hourly(49, 68, later), state, later).per_day == pytest.approx(24, rel=0.05)


def test_a_burst_after_a_quiet_day_is_no_thousand_entries() -> None:
    state = replace(read(None, hourly(1, 20, NOW), NOW), entries_per_day=5.0)
    later = NOW + hours(24)
    burst = feed(*(entry(n, later - timedelta(seconds=20 * (60 - n))) for n in range(60, 40, -1)))
    assert 1 <= window_of(burst, state, later).lost <= 100


def test_without_dates_the_running_mean_tells() -> None:
    state = replace(read(None, feed(*map(entry, range(20))), NOW), entries_per_day=48.0)
    assert window_of(feed(*map(entry, range(100, 120))), state, NOW + hours(24)).lost == 28
    assert window_of(feed(*map(entry, range(100, 120))), state, NOW + hours(1)).lost == 1


def test_failures_in_between_were_no_looks() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    state = replace(state, last_polled_at=NOW + hours(40), error_streak=4)
    assert window_of(hourly(49, 68, NOW + hours(48)), state, NOW + hours(48)).lost == 29


def test_an_unchanged_feed_was_looked_at() -> None:
    state = same(read(None, hourly(1, 20, NOW), NOW), NOW + hours(30))
    later = NOW + hours(48)
    assert window_of(hourly(49, 68, later), state, later).lost == 0  # reaches back beyond the last look


def ids_anew(poll: int, *, url: bool = False, dates: bool = True) -> FeedState:
    """A feed of one entry an hour that makes its ids anew at each poll, after ``poll`` hourly polls."""
    state = None
    for number in range(poll):
        at = NOW + hours(number)
        shown = [
            entry(
                n,
                NOW + hours(n) if dates else None,
                entry_id=f"{n}-{number}",
                url=f"https://harbour.example/{n}?t={number}" if url else None,
            )
            for n in range(number, number - 20, -1)
        ]
        state = read(state, feed(*shown), at)
        assert state.last_lost == 0
        assert state.last_new == (20 if number == 0 else 1)
    assert state
    return state


@pytest.mark.parametrize("url", [False, True])
@pytest.mark.parametrize("dates", [False, True])
def test_ids_made_anew_at_each_poll_are_no_loss(url: bool, dates: bool) -> None:
    state = ids_anew(30, url=url, dates=dates)
    assert state.entries_per_day == pytest.approx(24, rel=0.1)
    assert state.entries_lost == 0


def test_a_site_that_moves_to_new_addresses_loses_nothing() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    later = NOW + hours(2)
    moved = feed(
        *(
            entry(n, later - hours(22 - n), entry_id=f"new-{n}", url=f"https://new.example/story/{n}")
            for n in range(22, 2, -1)
        )
    )
    assert (window_of(moved, state, later).new, window_of(moved, state, later).lost) == (2, 0)


def test_entries_that_share_a_link_are_told_by_their_ids() -> None:
    live = [entry(n, NOW, url="https://harbour.example/live") for n in range(10)]
    state = read(None, feed(*live[:5]), NOW)
    second = window_of(feed(*live[2:8]), state, NOW + hours(1))
    assert (second.size, second.new, second.lost) == (6, 3, 0)


def test_entries_that_share_an_id_are_told_by_their_links() -> None:
    same_id = [entry(n, NOW, entry_id="guid") for n in range(10)]
    state = read(None, feed(*same_id[:5]), NOW)
    assert window_of(feed(*same_id[2:8]), state, NOW + hours(1)).new == 3


def test_order_makes_no_difference() -> None:
    shown = list(hourly(1, 20, NOW).entries)
    state = read(None, feed(*shown), NOW)
    mixed = [*shown, entry(21, NOW)]
    random.Random(7).shuffle(mixed)  # noqa: S311 - any order will do
    second = window_of(feed(*mixed), state, NOW + hours(1))
    assert (second.new, second.lost) == (1, 0)
    assert second.per_day == window_of(feed(*reversed(mixed)), state, NOW + hours(1)).per_day


def test_an_empty_feed_forgets_nothing() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    state = read(state, feed(), NOW + hours(1))
    assert (state.last_new, state.last_lost, state.window) == (0, 0, 0)
    assert read(state, hourly(2, 21, NOW + hours(2)), NOW + hours(2)).last_new == 1


def test_a_feed_that_was_empty_at_first() -> None:
    state = read(read(None, feed(), NOW), hourly(1, 3, NOW + hours(1)), NOW + hours(1))
    assert (state.last_new, state.entries_lost) == (3, 0)


def test_entries_that_come_back_are_not_new() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    state = read(state, feed(entry(20, NOW)), NOW + hours(1))
    assert read(state, hourly(1, 20, NOW), NOW + hours(2)).last_new == 0


def test_memory_is_bounded() -> None:
    state = None
    for number in range(40):
        state = read(state, hourly(number * 10, number * 10 + 19, NOW), NOW + hours(number))
    assert state
    assert len(digests_in(state.seen)) == MIN_REMEMBERED
    many = feed(*(entry(n, NOW - timedelta(minutes=n)) for n in range(100_000)))
    huge = window_of(many, state, NOW + hours(50))
    assert len(digests_in(huge.seen)) == huge.size == MAX_REMEMBERED


def test_a_huge_feed_is_recognised() -> None:
    many = feed(*(entry(n, NOW - timedelta(minutes=n)) for n in range(100_000)))
    second = window_of(many, read(None, many, NOW), NOW + hours(1))
    assert (second.new, second.lost) == (0, 0)


@pytest.mark.parametrize("years", [-1, 1, -30])
def test_a_wrong_clock_makes_no_difference(years: int) -> None:
    shift = timedelta(days=365 * years)

    def shown(first: int, last: int, newest: float) -> object:
        return hourly(first, last, NOW + hours(newest) + shift)

    state = read(None, shown(1, 20, 0), NOW)
    assert state.entries_per_day == pytest.approx(24)
    state = read(state, shown(4, 23, 3), NOW + hours(3))
    assert (state.last_new, state.last_lost) == (3, 0)
    assert read(state, shown(53, 72, 52), NOW + hours(52)).last_lost == pytest.approx(30, abs=2)


def test_our_clock_set_back_makes_no_difference() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    before = window_of(hourly(2, 21, NOW), state, NOW - hours(5))
    assert (before.new, before.lost, before.per_day) == (1, 0, state.entries_per_day)


def test_one_date_for_a_whole_edition_is_no_pace() -> None:
    edition = feed(*(entry(n, NOW) for n in range(20)))
    assert window_of(edition, None, NOW).per_day == 300
    assert window_of(edition, None, NOW + hours(10)).per_day == pytest.approx(45.6)
    assert window_of(edition, None, NOW + hours(24 * 1000)).per_day == 24
    assert window_of(feed(entry(1, NOW)), None, NOW).per_day is None
    assert window_of(feed(entry(1), entry(2)), None, NOW).per_day is None


@pytest.mark.parametrize("zone", [-9, -1, 0, 1, 9])
def test_a_wrong_zone_tells_a_fast_feed_from_a_slow_one(zone: int) -> None:
    fast = feed(*(entry(n, NOW + hours(zone) - timedelta(seconds=288 * n)) for n in range(20)))
    found = window_of(fast, None, NOW).per_day
    assert found
    assert 40 <= found <= 300


def test_the_mean_follows_a_day_and_outlives_a_night() -> None:
    state = read(None, hourly(1, 20, NOW), NOW)
    night = same(state, NOW + hours(8))
    assert night.entries_per_day
    assert 15 < night.entries_per_day < 20
    week = same(night, NOW + hours(8 + 7 * 24))
    assert week.entries_per_day
    assert week.entries_per_day < 0.1
