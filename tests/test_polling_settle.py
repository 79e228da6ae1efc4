"""What is remembered of a feed after a poll."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from polling import NOW, READ, REQUEST, URL, entry, failed, feed, hourly, hours, read, request, same, settled
from schemas.hops import FeedAnswer, PollingHints
from schemas.outcome import OutcomeKind, Problem
from schemas.state import FeedState
from transforms.core.polling import is_unchanged, settle_feed

NEW = "https://new.example/rss.xml"
NEWER = "https://newer.example/rss.xml"


def test_a_first_poll() -> None:
    state = read(None, hourly(1, 20, NOW), NOW, etag='W/"a b"', last_modified="yesterday", body_sha256="1")
    assert (state.url, state.source_id, state.polls, state.error_streak) == (URL, "harbour", 1, 0)
    assert (state.etag, state.last_modified, state.body_sha256) == ('W/"a b"', "yesterday", "1")
    assert state.first_polled_at == state.last_polled_at == state.last_ok_at == state.last_changed_at == NOW
    assert state.next_due_at == NOW + timedelta(seconds=state.interval_seconds)
    assert (state.last_outcome, state.last_detail, state.window) == ("parsed", "rss20", 20)


def test_not_modified_keeps_validators_and_what_was_seen() -> None:
    state = same(settled(etag='"1"', last_modified="then"), NOW + hours(1))
    assert (state.etag, state.last_modified, state.body_sha256) == ('"1"', "then", "1")
    assert (state.last_outcome, state.last_new, state.window) == ("not_modified", 0, 20)
    assert state.last_ok_at == NOW + hours(1)
    assert state.last_changed_at == NOW
    assert same(state, NOW + hours(2), etag='"2"').etag == '"2"'


def test_validators_are_those_of_the_newest_body() -> None:
    state = read(settled(last_modified="then"), hourly(1, 20, NOW), NOW + hours(1), etag='"2"')
    assert (state.etag, state.last_modified) == ('"2"', None)


def test_an_etag_that_changes_each_time_is_no_change() -> None:
    state = settled()
    for number in range(1, 6):
        answer = FeedAnswer(NOW + hours(number), 200, etag=f'"{number}"', body_sha256="1")
        assert is_unchanged(request(state), answer)
        state = settle_feed(request(state), answer, Problem(OutcomeKind.NOT_MODIFIED, "the same", 200))
    assert (state.etag, state.last_changed_at, state.entries_seen, state.polls) == ('"5"', NOW, 20, 6)


def test_a_body_that_changes_each_time_is_no_news() -> None:
    state = settled()
    for number in range(1, 6):
        answer = FeedAnswer(NOW + hours(number), 200, body_sha256=f"built {number}")
        assert not is_unchanged(request(state), answer)
        state = settle_feed(request(state), answer, READ, hourly(1, 20, NOW))
    assert (state.entries_seen, state.entries_lost) == (20, 0)


@pytest.mark.parametrize("known", [None, settled(body_sha256=None)])
def test_nothing_is_unchanged_that_was_never_read(known: FeedState | None) -> None:
    assert not is_unchanged(request(known), FeedAnswer(NOW, 200))
    assert not is_unchanged(request(known), FeedAnswer(NOW, 200, body_sha256="1"))
    assert not is_unchanged(request(None), FeedAnswer(NOW, 304))


def test_a_server_that_says_304_for_ever_is_asked_for_all_of_it() -> None:
    state, asked_in_full = settled(), 0
    for number in range(1, 41):
        state = same(replace(state, etag=state.etag or '"1"'), NOW + hours(number))
        asked_in_full += state.etag is None
    assert asked_in_full == 4  # of the sixteen polls after the first day every fourth
    early = [same(settled(polls=polls), NOW + hours(1)).etag for polls in range(8)]
    assert None not in early


# Failures


@pytest.mark.parametrize("status", [404, 403, 500, 503, 429, None])
def test_failures_wait_longer_each_time_and_keep_what_was_seen(status: int | None) -> None:
    state, at, waits = settled(), NOW, []
    for _ in range(12):
        at = max(at + hours(1), state.next_due_at)
        state = failed(state, at, status)
        waits.append((state.next_due_at - at).total_seconds())
    assert waits[0] <= 3600 * 1.1
    assert all(wait >= 86_400 or 1.7 * before <= wait for before, wait in itertools.pairwise(waits))
    assert 86_400 <= waits[-1] <= 1.1 * 86_400
    assert (state.error_streak, state.etag, state.window, state.last_ok_at) == (12, '"1"', 20, NOW)
    assert state.stopped_at is None


def test_a_feed_that_works_again_is_as_before() -> None:
    state = settled()
    for number in range(4):
        state = failed(state, NOW + hours(number + 1))
    state = read(state, hourly(9, 28, NOW + hours(8)), NOW + hours(8))
    assert (state.error_streak, state.last_new, state.last_lost) == (0, 8, 0)
    assert 3400 <= state.interval_seconds <= 3700


def test_retry_after_is_obeyed() -> None:
    assert failed(None, NOW, 429, retry_after_seconds=7200.0).next_due_at == NOW + hours(2)
    assert failed(settled(), NOW, 503, retry_after_seconds=1e9).next_due_at == NOW + hours(7 * 24)


def test_the_hours_of_rest_hold_for_failing_feeds_too() -> None:
    state = settled(skip_hours=(9, 10, 11))
    assert failed(state, NOW + hours(0.9)).next_due_at == NOW.replace(hour=12)


@pytest.mark.parametrize("kind", [OutcomeKind.DISALLOWED, OutcomeKind.FILTERED, OutcomeKind.NOT_A_FEED])
def test_what_tells_nothing_of_the_feed_is_no_look(kind: OutcomeKind) -> None:
    state = settle_feed(request(settled()), FeedAnswer(NOW + hours(5), 200), Problem(kind, "empty body", 200))
    assert (state.last_ok_at, state.etag, state.error_streak, state.entries_per_day) == (
        NOW,
        '"1"',
        1,
        settled().entries_per_day,
    )


def test_304_that_nobody_asked_for_is_a_failure() -> None:
    state = failed(None, NOW, 304)
    assert (state.error_streak, state.last_ok_at, state.etag) == (1, None, None)


# 410 and 301


def test_gone_stops_the_feed() -> None:
    state = failed(settled(), NOW + hours(1), 410)
    assert state.stopped_at == NOW + hours(1)
    assert read(state, hourly(1, 20, NOW), NOW + hours(2)).stopped_at is None
    assert failed(state, NOW + hours(2), 404).stopped_at is None


def moved(state: FeedState | None, at: Any, to: str | None = NEW) -> FeedState:
    return read(state, hourly(1, 20, NOW), at, moved_to=to)


def test_a_feed_moves_on_the_third_day() -> None:
    state = moved(moved(None, NOW), NOW + hours(2))
    assert (state.moved_to, state.moving_to, state.moving_days) == (None, NEW, ("2026-11-16",))
    state = moved(state, NOW + hours(24))
    assert state.moved_to is None
    state = moved(state, NOW + hours(72))
    assert (state.moved_to, state.moving_to, state.moving_days) == (NEW, None, ())
    assert request(state).target == NEW
    assert moved(state, NOW + hours(73), None).moved_to == NEW


def test_redirected_304s_count() -> None:
    state = same(moved(None, NOW), NOW + hours(24), moved_to=NEW)
    assert same(state, NOW + hours(48), moved_to=NEW).moved_to == NEW


def test_a_day_without_the_redirect_starts_the_count_again() -> None:
    state = moved(moved(moved(moved(None, NOW), NOW + hours(24)), NOW + hours(48), None), NOW + hours(72))
    assert (state.moved_to, state.moving_days) == (None, ("2026-11-19",))


def test_another_address_starts_the_count_again() -> None:
    state = moved(moved(moved(None, NOW), NOW + hours(24)), NOW + hours(48), NEWER)
    assert (state.moved_to, state.moving_to, state.moving_days) == (None, NEWER, ("2026-11-18",))


def test_a_failure_in_between_changes_nothing() -> None:
    state = failed(moved(moved(None, NOW), NOW + hours(24)), NOW + hours(30))
    assert moved(state, NOW + hours(48)).moved_to == NEW


def test_a_feed_moves_on_from_where_it_moved() -> None:
    state = settled(moved_to=NEW)
    for day in (1, 2, 3):
        assert state.moved_to == NEW
        state = moved(state, NOW + hours(24 * day), NEWER)
    assert state.moved_to == NEWER


def test_three_failures_at_the_new_address_lead_back() -> None:
    state = settled(moved_to=NEW)
    for number in (1, 2):
        state = failed(state, NOW + hours(number), 404)
        assert state.moved_to == NEW
    state = failed(state, NOW + hours(3), 404)
    assert (request(state).target, state.etag, state.last_modified) == (URL, None, None)
    assert read(state, hourly(1, 20, NOW), NOW + hours(9)).error_streak == 0


def test_gone_at_the_new_address_leads_back_at_once() -> None:
    state = failed(settled(moved_to=NEW), NOW + hours(1), 410)
    assert (state.moved_to, state.stopped_at) == (None, None)
    assert failed(state, NOW + hours(2), 410).stopped_at == NOW + hours(2)


# Wishes and lists


def test_wishes_are_remembered_while_the_feed_is_unchanged() -> None:
    wishes = PollingHints(7200, (9,), (6,))
    state = read(None, feed(*hourly(1, 20, NOW).entries, hints=wishes), NOW)
    state = same(state, NOW + hours(3))
    assert (state.ttl_seconds, state.skip_hours, state.skip_days) == (7200, (9,), (6,))
    assert state.interval_reason == "the feed's ttl"
    assert read(state, hourly(1, 20, NOW), NOW + hours(6)).ttl_seconds is None


def test_the_servers_cache_time_counts() -> None:
    assert read(None, hourly(1, 20, NOW), NOW, cache_seconds=7200.0).next_due_at == NOW + hours(2)


def test_the_window_of_an_unchanged_feed_still_bounds_the_wait() -> None:
    fast = feed(*(entry(n, NOW - timedelta(seconds=288 * (20 - n))) for n in range(20, 0, -1)))
    state = read(None, fast, NOW, cache_seconds=86_400.0)
    assert state.interval_seconds == pytest.approx(2880, rel=0.1)
    assert same(state, NOW + hours(1), cache_seconds=86_400.0).interval_seconds < 3600


def test_an_overrun_window_tightens_the_interval() -> None:
    state = replace(settled(), interval_seconds=3600)
    state = read(state, hourly(101, 120, NOW + hours(100)), NOW + hours(100))
    assert state.last_lost > 0
    assert (state.interval_seconds, state.interval_reason) == (1800, "its window had overrun")


def index(state: FeedState | None, at: Any) -> FeedState:
    ending = Problem(OutcomeKind.PARSED, "sitemap index, 3 sitemaps", 200)
    answer = FeedAnswer(at, 200, etag='"1"', last_modified="then", body_sha256="1", cache_seconds=86_400.0)
    return settle_feed(request(state), answer, ending)


def test_a_list_of_sitemaps_is_always_read() -> None:
    """Its own bytes stay as they are while the sitemaps that are found through it change."""
    state = None
    for day in range(10):
        state = index(state, NOW + hours(24 * day))
        assert (state.etag, state.last_modified, state.interval_seconds) == (None, None, 3600)
        assert not is_unchanged(request(state), FeedAnswer(NOW, 200, body_sha256="1"))
    assert state
    assert (state.entries_per_day, state.error_streak) == (None, 0)


def test_the_source_follows_the_list() -> None:
    other = replace(REQUEST, source_id="port", known=settled())
    assert settle_feed(other, FeedAnswer(NOW, 200), READ, hourly(1, 20, NOW)).source_id == "port"
