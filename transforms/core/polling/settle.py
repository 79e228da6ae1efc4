"""What is remembered of a feed after a poll."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from schemas.hops import Feed, FeedAnswer, FeedRequest, PollingHints
from schemas.outcome import OutcomeKind, Problem
from schemas.state import FeedState
from transforms.core.outcomes import is_retryable
from transforms.core.polling.interval import Interval, due_time, index_interval, next_interval, retry_interval
from transforms.core.polling.window import quiet_mean, window_of

SUCCESSES = frozenset({OutcomeKind.PARSED, OutcomeKind.NOT_MODIFIED})
"""Everything else, a robots.txt that forbids the feed included, tells nothing of what the feed holds."""

NOT_MODIFIED_STATUS = 304
GONE = 410
NO_HINTS = PollingHints()

MOVE_DAYS = 3
"""A permanent redirect is believed when it was seen on this many days: mistakes are mended within two."""

MOVE_DOUBT = 3
"""Failures in a row after which a feed that had moved is asked at its listed address again."""

QUIET = timedelta(days=1)
WHOLE_EVERY = 4
"""Of a feed that has shown nothing new for a day every fourth poll asks for all of it, without validators: some servers
say 304 for ever."""


def settle_feed(request: FeedRequest, answer: FeedAnswer, ending: Problem, feed: Feed | None = None) -> FeedState:
    """The state of the feed after one poll.

    ``ending`` is the outcome of the poll; ``feed`` is what was parsed, None where nothing was: a failure, or an answer
    that is the same as the last.
    """
    known = request.known or _unknown(request, answer.at)
    known = replace(
        known,
        source_id=request.source_id,
        polls=known.polls + 1,
        last_outcome=ending.kind.value,
        last_detail=ending.detail or None,
        last_new=0,
        last_expected=None,
        last_lost=0,
    )
    if ending.kind not in SUCCESSES:
        return _after_failure(known, answer, ending)
    known = _moved(known, answer)
    if feed is None and ending.kind is OutcomeKind.PARSED:
        return _after_index(known, request, answer)
    return _after_success(known, request, answer, feed)


def _unknown(request: FeedRequest, at: datetime) -> FeedState:
    return FeedState(request.url, at, at, at, 0, "")


def _after_failure(known: FeedState, answer: FeedAnswer, ending: Problem) -> FeedState:
    """What was seen stays: the next good answer is compared with the last good one.

    What goes wrong at an address to which the feed has moved may be mended by going back to the one that is listed.
    """
    streak = known.error_streak + 1
    interval = retry_interval(
        streak,
        passing=is_retryable(ending.kind, ending.status),
        retry_after=answer.retry_after_seconds,
        key=known.url,
        before=known.interval_seconds if known.last_ok_at else None,
    )
    failed = replace(_scheduled(known, answer, interval, hints_of(known)), error_streak=streak)
    is_gone = ending.status == GONE
    if known.moved_to and (is_gone or streak >= MOVE_DOUBT):
        return replace(failed, moved_to=None, etag=None, last_modified=None, stopped_at=None)
    return replace(failed, stopped_at=answer.at if is_gone else None)


def _after_index(known: FeedState, request: FeedRequest, answer: FeedAnswer) -> FeedState:
    """A list of sitemaps is asked for in full, and often: the sitemaps in it are found through it, though it stays as
    it is while they change."""
    scheduled = _scheduled(known, answer, index_interval(request.interval_seconds))
    return replace(
        scheduled,
        error_streak=0,
        stopped_at=None,
        last_ok_at=answer.at,
        last_changed_at=answer.at,
        etag=None,
        last_modified=None,
        body_sha256=None,
    )


def hints_of(known: FeedState) -> PollingHints:
    """The wishes that the feed had when it was last read."""
    return PollingHints(known.ttl_seconds, known.skip_hours, known.skip_days)


def _after_success(known: FeedState, request: FeedRequest, answer: FeedAnswer, feed: Feed | None) -> FeedState:
    seen = window_of(feed, request.known, answer.at) if feed else None
    per_day = seen.per_day if seen else quiet_mean(known, answer.at)
    hints = feed.hints if feed else hints_of(known)
    interval = next_interval(
        per_day=per_day,
        window=seen.size if seen else known.window,
        listed=request.interval_seconds,
        hints=hints,
        cache_seconds=answer.cache_seconds,
        overran=bool(seen and seen.lost),
        before=request.known.interval_seconds if request.known else None,
    )
    settled = replace(
        _scheduled(known, answer, interval, hints),
        error_streak=0,
        stopped_at=None,
        last_ok_at=answer.at,
        ttl_seconds=hints.seconds,
        skip_hours=hints.skip_hours,
        skip_days=hints.skip_days,
        entries_per_day=per_day,
        body_sha256=answer.body_sha256 or known.body_sha256,
    )
    settled = _with_validators(settled, answer)
    if seen is None:
        return settled
    return replace(
        settled,
        last_changed_at=answer.at,
        entries_seen=known.entries_seen + seen.new,
        entries_lost=known.entries_lost + seen.lost,
        last_new=seen.new,
        last_expected=seen.expected,
        last_lost=seen.lost,
        window=seen.size,
        seen=seen.seen,
    )


def _with_validators(state: FeedState, answer: FeedAnswer) -> FeedState:
    """The newest validators, byte for byte; a 304 that names none leaves those that were sent."""
    if answer.status != NOT_MODIFIED_STATUS:
        return replace(state, etag=answer.etag, last_modified=answer.last_modified)
    quiet_since = state.last_changed_at or state.first_polled_at
    if state.polls % WHOLE_EVERY == 0 and answer.at - quiet_since > QUIET:
        return replace(state, etag=None, last_modified=None)
    return replace(state, etag=answer.etag or state.etag, last_modified=answer.last_modified or state.last_modified)


def _scheduled(known: FeedState, answer: FeedAnswer, interval: Interval, hints: PollingHints = NO_HINTS) -> FeedState:
    return replace(
        known,
        last_polled_at=answer.at,
        interval_seconds=interval.seconds,
        interval_reason=interval.reason,
        next_due_at=due_time(answer.at, interval, hints),
    )


def _moved(known: FeedState, answer: FeedAnswer) -> FeedState:
    """A permanent redirect counts once a day; seen on enough days, in a row, it is the feed's new address."""
    if answer.moved_to is None or answer.moved_to == known.moved_to:
        return replace(known, moving_to=None, moving_days=())
    earlier = known.moving_days if answer.moved_to == known.moving_to else ()
    days = tuple(sorted({*earlier, f"{answer.at:%Y-%m-%d}"}))
    if len(days) < MOVE_DAYS:
        return replace(known, moving_to=answer.moved_to, moving_days=days)
    return replace(known, moved_to=answer.moved_to, moving_to=None, moving_days=())


def is_unchanged(request: FeedRequest, answer: FeedAnswer) -> bool:
    """Whether the answer says nothing new: 304, or the very bytes of the last one, whatever its validators say."""
    known = request.known
    return known is not None and (
        answer.status == NOT_MODIFIED_STATUS
        or (known.body_sha256 is not None and answer.body_sha256 == known.body_sha256)
    )


UNCHANGED = Problem(OutcomeKind.NOT_MODIFIED, "the same body as at the last poll")
