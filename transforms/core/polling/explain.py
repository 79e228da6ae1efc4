"""What is known of a feed or a page, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from schemas.hops import FeedRequest
from schemas.state import FeedState, PageState
from transforms.core.polling.due import Due, due, readable
from transforms.core.polling.window import DIGEST_BYTES


def explain_feed(state: FeedState, now: datetime) -> Iterator[str]:
    """Lines that say what is known of a feed, and why it is or is not due at ``now``."""
    yield f"feed {state.url}"
    if state.moved_to:
        yield f"  has moved to {state.moved_to}, where it is asked for"
    if state.moving_to:
        yield f"  seems to move to {state.moving_to}: seen on {', '.join(state.moving_days)}; believed on the third day"
    yield f"  {_verdict(state, now)}"
    yield f"  asked every {readable(state.interval_seconds)}: {state.interval_reason}"
    yield f"  last asked {_time(state.last_polled_at)}: {state.last_outcome}, {state.last_detail or 'no detail'}"
    yield f"  asked {state.polls} times since {_time(state.first_polled_at)}"
    yield f"  last changed {_time(state.last_changed_at)}"
    if state.error_streak:
        yield f"  failed {state.error_streak} times in a row; last answered well {_time(state.last_ok_at)}"
    yield f"  {_pace(state)}"
    yield f"  {_losses(state)}"
    yield f"  ETag {state.etag or 'none'}; Last-Modified {state.last_modified or 'none'}"


def explain_page(state: PageState, now: datetime) -> Iterator[str]:
    """Lines that say what is known of a page, and when it is asked for again."""
    yield f"page {state.url}"
    yield f"  listed by {state.discovery.feed_url or 'a list of pages'}"
    yield f"  first listed {_time(state.first_seen_at)}, last {_time(state.last_listed_at)}"
    yield f"  last asked for {_time(state.last_fetched_at)}: {state.outcome or 'never'}"
    yield f"  asked for again {_next_check(state, now)}"
    if state.failures:
        yield f"  {state.failures} requests in a row gave no article (status {state.status or 'none'})"
    yield f"  article {state.article_id or 'none'}; ETag {state.etag or 'none'}"


def _verdict(state: FeedState, now: datetime) -> str:
    verdict = due(FeedRequest(state.url, known=state), now)
    if isinstance(verdict, Due):
        return f"due at {_time(now)}: {verdict.reason}"
    return f"not due at {_time(now)}: {verdict.problem.detail}"


def _pace(state: FeedState) -> str:
    pace = "unknown" if state.entries_per_day is None else f"about {state.entries_per_day:.1f} a day"
    remembered = len(state.seen) // DIGEST_BYTES
    return f"new entries: {pace}; {state.entries_seen} so far; {state.window} shown, {remembered} remembered"


def _losses(state: FeedState) -> str:
    expected = "" if state.last_expected is None else f", {state.last_expected:.1f} expected"
    return f"last poll: {state.last_new} new{expected}; perhaps lost: {state.last_lost}, in all {state.entries_lost}"


def _next_check(state: PageState, now: datetime) -> str:
    if state.next_check_at is None:
        return "only if its entry changes"
    return "in the next run" if state.next_check_at <= now else f"at {_time(state.next_check_at)}"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "never"
