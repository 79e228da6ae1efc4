"""Whether a page is asked for, and what is remembered of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from polling import NOW, hours
from schemas.article import Discovery, Fetch, Source
from schemas.codec import to_row
from schemas.hops import PageRequest
from schemas.outcome import Outcome, OutcomeKind
from schemas.state import PageState
from transforms.core.discovery import candidate_order
from transforms.core.entry_prints import MAX_PRINTS, fingerprint, has_changed
from transforms.core.revisits import (
    MAX_FAILURES,
    Leave,
    PageNote,
    Take,
    is_forgotten,
    next_check,
    plan_page,
    settle_page,
)

URL = "https://harbour.example/quay"
FEED = "https://harbour.example/rss.xml"


def listed(
    title: str = "Quay rebuilt", at: datetime | None = NOW, *, updated: datetime | None = None, feed: str = FEED
) -> PageRequest:
    found = Discovery("feed", NOW, feed, "id", title, entry_published_at=at, entry_updated_at=updated)
    return PageRequest(URL, Source(id="harbour", domain="harbour.example"), found)


def ended(kind: str = "written", status: int | None = 200, at: datetime = NOW) -> Outcome:
    article = "a1" if kind in ("written", "unchanged") else None
    return Outcome(at, "r", "write", URL, kind, ok=True, retryable=False, article_id=article, status=status)


def fetched(status: int = 200, etag: str | None = '"1"', payload: str | None = "p1", at: datetime = NOW) -> Fetch:
    return Fetch(URL, URL, (), status, at, payload_sha256=payload, etag=etag, last_modified=None)


def after(known: PageState | None, *notes: PageNote, now: datetime) -> PageState:
    state = settle_page(known, notes, now)
    assert state
    return state


def written(now: datetime = NOW, request: PageRequest | None = None, known: PageState | None = None) -> PageState:
    """A page that was listed and read."""
    request = request or listed()
    notes = PageNote("k", taken=request), PageNote("k", fetched=fetched()), PageNote("k", ended=ended())
    return after(known, *notes, now=now)


def looked_at_again(state: PageState, now: datetime, kind: str = "not_modified", status: int | None = 304) -> PageState:
    """After a request that no feed asked for."""
    notes = (PageNote("k", checked=listed()), PageNote("k", ended=ended(kind, status)))
    return after(state, *notes, now=now)


# What is asked for


def test_a_new_page_is_asked_for() -> None:
    request = listed()
    assert plan_page(None, request, NOW) == Take(request, "new")
    assert plan_page(None, None, NOW) is None


def test_a_page_whose_entry_stands_as_it_was_is_left() -> None:
    plan = plan_page(written(), listed(), NOW + hours(0.2))
    assert isinstance(plan, Leave)
    assert plan.problem.kind is OutcomeKind.UNCHANGED


@pytest.mark.parametrize(
    "entry",
    [listed("Quay not rebuilt"), listed(at=NOW + hours(0.1)), listed(updated=NOW + hours(0.1)), listed(at=None)],
)
def test_a_page_whose_entry_changed_is_asked_for(entry: PageRequest) -> None:
    plan = plan_page(written(), entry, NOW + hours(0.2))
    assert isinstance(plan, Take)
    assert plan.reason == "its entry changed"
    assert plan.request.known == written()


def test_white_space_is_no_change() -> None:
    assert isinstance(plan_page(written(), listed(" Quay\n rebuilt "), NOW + hours(0.2)), Leave)


def test_another_feeds_words_are_no_change() -> None:
    other = listed("QUAY: rebuilt at last", feed="https://harbour.example/sport.xml")
    state = written()
    assert isinstance(plan_page(state, other, NOW + hours(0.2)), Leave)
    state = after(state, PageNote("k", left=other), now=NOW + hours(0.2))
    assert not has_changed(state, listed())
    assert not has_changed(state, other)
    assert has_changed(state, replace(other, discovery=replace(other.discovery, entry_title="New")))


def test_many_feeds_are_not_all_remembered() -> None:
    state = written()
    for number in range(40):
        state = after(state, PageNote("k", left=listed(feed=f"https://harbour.example/{number}")), now=NOW)
    assert len(state.prints) == MAX_PRINTS
    assert not has_changed(state, listed("Other"))  # forgotten: no change is seen until it is listed again


def test_force_asks_for_what_is_listed() -> None:
    assert isinstance(plan_page(written(), listed(), NOW, force=True), Take)
    assert plan_page(written(), None, NOW, force=True) is None


def test_the_first_moment_is_kept() -> None:
    plan = plan_page(written(), listed("New"), NOW + hours(5))
    assert isinstance(plan, Take)
    assert plan.request.discovery.seen_at == NOW


# Dates that change with each poll


def test_dates_that_change_with_each_poll_do_not_make_requests() -> None:
    """Some feeds print the time of the poll as the date of every entry: each page is asked for ever more rarely."""
    state, asked, at = written(), 0, NOW
    for _ in range(6 * 24 * 14):
        at += timedelta(minutes=10)
        plan = plan_page(state, listed(at=at), at)
        if isinstance(plan, Take):
            asked += 1
            state = after(state, PageNote("k", taken=listed(at=at)), PageNote("k", ended=ended("unchanged")), now=at)
        else:
            assert plan
            assert plan.problem.kind in (OutcomeKind.NOT_DUE, OutcomeKind.UNCHANGED)
            state = after(state, PageNote("k", left=listed(at=at)), now=at)
    assert asked <= 40


def test_a_changed_date_in_vain_is_followed_later_though_the_feed_is_silent() -> None:
    state = written()
    again = listed(updated=NOW + hours(1))
    state = after(state, PageNote("k", taken=again), PageNote("k", ended=ended("unchanged")), now=NOW + hours(1))
    later = listed(updated=NOW + hours(1.2))
    plan = plan_page(state, later, NOW + hours(1.2))
    assert isinstance(plan, Leave)
    assert "in vain" in plan.problem.detail
    state = after(state, PageNote("k", left=later), now=NOW + hours(1.2))
    assert state.next_check_at == NOW + hours(2)
    assert isinstance(plan_page(state, None, NOW + hours(2)), Take)


def test_a_changed_title_is_followed_at_once_whatever_was_in_vain() -> None:
    state = looked_at_again(written(), NOW + hours(1))
    assert isinstance(plan_page(state, listed("Quay not rebuilt"), NOW + hours(1.1)), Take)


def test_a_changed_date_that_led_to_news_is_followed_at_once() -> None:
    assert isinstance(plan_page(written(), listed(updated=NOW + hours(0.1)), NOW + hours(0.1)), Take)


# Checks


def checks(state: PageState, until: float) -> list[float]:
    """Hours after NOW at which the page is looked at again, if every ten minutes there is a run."""
    found, at = [], NOW
    while at <= NOW + hours(until):
        at += timedelta(minutes=10)
        if isinstance(plan_page(state, None, at), Take):
            found.append((at - NOW).total_seconds() / 3600)
            state = looked_at_again(state, at)
    return found


def test_a_story_is_looked_at_after_1_6_24_and_168_hours() -> None:
    assert checks(written(), 24 * 30) == [1, 6, 24, 168]


def test_the_checks_count_from_publication() -> None:
    assert checks(written(request=listed(at=NOW - hours(3))), 24 * 30) == [3, 21, 165]
    assert checks(written(request=listed(at=NOW - hours(0.9))), 24 * 30) == pytest.approx(
        [0.5, 5.17, 23.17, 167.17], abs=0.1
    )


def test_without_a_date_they_count_from_the_first_look() -> None:
    assert checks(written(request=listed(at=None)), 24 * 30) == [1, 6, 24, 168]


def test_a_date_to_come_is_not_believed() -> None:
    assert checks(written(request=listed(at=NOW + hours(40))), 24 * 30) == [1, 6, 24, 168]


@pytest.mark.parametrize("days", [8, 365, 3650])
def test_what_seems_old_is_looked_at_twice(days: int) -> None:
    """An old story that a new feed lists, or news of a publisher whose clock is a year behind."""
    assert checks(written(request=listed(at=NOW - timedelta(days=days))), 24 * 30) == [24, 168]


def test_a_date_that_moves_on_does_not_move_the_checks() -> None:
    state = written()
    state = after(state, PageNote("k", left=listed(at=NOW + hours(9))), now=NOW + hours(9))
    assert next_check(state, NOW + hours(9)) == NOW + hours(24)


def test_a_check_that_is_late_is_made_once() -> None:
    state = written()
    assert isinstance(plan_page(state, None, NOW + hours(100)), Take)
    assert looked_at_again(state, NOW + hours(100)).next_check_at == NOW + hours(168)


def test_pages_that_are_looked_at_again_come_after_the_news() -> None:
    plan = plan_page(written(), None, NOW + hours(2))
    assert isinstance(plan, Take)
    news = replace(listed(), url="https://harbour.example/z", rank=(99_999, 9))
    assert sorted([plan.request, news], key=candidate_order)[0] is news


def test_a_page_that_is_only_looked_at_again_is_not_listed() -> None:
    assert looked_at_again(written(), NOW + hours(1)).last_listed_at == NOW


# What is remembered


def test_validators_are_kept_byte_for_byte() -> None:
    state = written()
    assert (state.etag, state.payload_sha256, state.article_id, state.outcome) == ('"1"', "p1", "a1", "written")
    notes = PageNote("k", fetched=fetched(304, None, None)), PageNote("k", ended=ended("not_modified", 304))
    assert after(state, *notes, now=NOW + hours(1)).etag == '"1"'
    notes = PageNote("k", fetched=fetched(200, None, "p2")), PageNote("k", ended=ended())
    state = after(state, *notes, now=NOW + hours(1))
    assert (state.etag, state.payload_sha256) == (None, "p2")


def test_the_order_of_notes_makes_no_difference() -> None:
    notes = (
        PageNote("k", taken=listed()),
        PageNote("k", fetched=fetched()),
        PageNote("k", ended=ended()),
        PageNote("k", ended=ended("duplicate")),
    )
    states = [settle_page(None, order, NOW) for order in permutations(notes)]
    assert all(state == states[0] for state in states)
    assert states[0]
    assert states[0].outcome == "written"


def test_an_outcome_of_a_url_that_was_never_listed_leaves_nothing() -> None:
    assert settle_page(None, [PageNote("k", ended=ended())], NOW) is None


@pytest.mark.parametrize("stage", ["discover", "fetch_page"])
def test_a_page_over_a_limit_is_asked_for_in_the_next_run(stage: str) -> None:
    over = replace(ended("filtered", None), stage=stage)
    for notes in ([PageNote("k", taken=listed())], [PageNote("k", taken=listed()), PageNote("k", ended=over)]):
        state = after(None, *notes, now=NOW)
        assert state.outcome is None
        assert isinstance(plan_page(state, None, NOW + hours(0.2)), Take)
        assert isinstance(plan_page(state, listed(), NOW + hours(0.2)), Take)


def test_a_change_over_a_limit_is_followed_in_the_next_run() -> None:
    state = after(written(), PageNote("k", taken=listed("New")), now=NOW + hours(0.2))
    assert (state.outcome, state.article_id) == ("written", "a1")
    assert isinstance(plan_page(state, None, NOW + hours(0.4)), Take)


# Failures


def failing(kind: str, status: int | None, state: PageState | None = None) -> list[float]:
    """Minutes between one failing request and the next, until the page is left alone."""
    waits, at = [], NOW
    state = after(state, PageNote("k", taken=listed()), PageNote("k", ended=ended(kind, status)), now=at)
    while state.next_check_at and len(waits) < 30:
        waits.append((state.next_check_at - at).total_seconds() / 60)
        at = state.next_check_at
        state = looked_at_again(state, at, kind, status)
    return waits


@pytest.mark.parametrize(
    ("kind", "status"),
    [("timeout", None), ("http_error", 503), ("http_error", 429), ("bot_wall", 200), ("disallowed", None)],
)
def test_what_may_pass_is_tried_for_ten_hours(kind: str, status: int | None) -> None:
    assert failing(kind, status) == [10 * 2**n for n in range(MAX_FAILURES - 1)]


@pytest.mark.parametrize(
    ("kind", "status"), [("http_error", 403), ("not_html", 200), ("no_text", 200), ("crashed", 200)]
)
def test_what_will_not_pass_is_left_until_its_entry_changes(kind: str, status: int) -> None:
    assert failing(kind, status) == []
    state = after(None, PageNote("k", taken=listed()), PageNote("k", ended=ended(kind, status)), now=NOW)
    plan = plan_page(state, listed(), NOW + hours(1))
    assert isinstance(plan, Leave)
    assert plan.problem.kind is OutcomeKind.NOT_DUE
    assert kind in plan.problem.detail
    assert isinstance(plan_page(state, listed("New"), NOW + hours(1)), Take)


def test_a_page_that_was_read_keeps_its_checks_whatever_fails() -> None:
    state = looked_at_again(written(), NOW + hours(1), "http_error", 403)
    assert (state.failures, state.next_check_at) == (1, NOW + hours(6))
    assert looked_at_again(state, NOW + hours(6)).failures == 0


def test_a_failed_page_says_when_it_is_tried_again() -> None:
    state = after(None, PageNote("k", taken=listed()), PageNote("k", ended=ended("timeout", None)), now=NOW)
    plan = plan_page(state, listed(), NOW + hours(0.1))
    assert isinstance(plan, Leave)
    assert "failed once (timeout); next try 2026-11-16 08:10 UTC" in plan.problem.detail


@pytest.mark.parametrize("status", [404, 410])
def test_gone_is_believed_when_it_was_seen_twice(status: int) -> None:
    state = looked_at_again(written(), NOW + hours(1), "http_error", status)
    assert (state.gone, state.next_check_at, state.article_id) == (1, NOW + hours(2), "a1")
    state = looked_at_again(state, NOW + hours(2), "http_error", status)
    assert (state.gone, state.next_check_at) == (2, NOW + hours(6))  # the next of its checks: it may come back
    assert (state.etag, state.payload_sha256) == (None, None)
    assert looked_at_again(state, NOW + hours(9)).gone == 0


def test_a_host_left_in_peace_costs_the_page_no_try() -> None:
    spared = replace(ended("unreachable", None), attempts=0)
    state = after(None, PageNote("k", taken=listed()), PageNote("k", ended=spared), now=NOW)
    assert (state.failures, state.next_check_at) == (0, NOW + timedelta(minutes=10))
    left = plan_page(state, listed(), NOW + timedelta(minutes=5))
    assert isinstance(left, Leave)
    assert (left.problem.kind, left.problem.attempts) == (OutcomeKind.NOT_DUE, 0)
    assert isinstance(plan_page(state, listed(), NOW + timedelta(minutes=11)), Take)


def test_a_server_that_fails_in_between_is_not_gone() -> None:
    state = looked_at_again(written(), NOW + hours(1), "http_error", 404)
    assert looked_at_again(state, NOW + hours(2), "http_error", 500).gone == 0


# Forgetting


def test_pages_are_forgotten_when_nothing_lists_them_and_nothing_is_planned() -> None:
    keep = timedelta(days=90)
    row = to_row(replace(written(), next_check_at=None))
    assert not is_forgotten(row, NOW + timedelta(days=90), keep)
    assert is_forgotten(row, NOW + timedelta(days=90, seconds=1), keep)
    assert not is_forgotten(to_row(written()), NOW + timedelta(days=900), keep)


def test_fingerprints_stay_the_same_from_one_version_to_the_next() -> None:
    assert fingerprint(listed()) == "f4ded0bb37fa90f2:3c8e645d644544f3"
