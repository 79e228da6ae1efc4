"""Whether a page is asked for in this run, and what is remembered of it afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from schemas.article import Fetch
from schemas.hops import PageRequest
from schemas.outcome import Outcome, OutcomeKind, Problem, Stage
from schemas.state import PageState
from transforms.core.entry_prints import SUCCESSES, change_counts_from, fingerprint, has_changed, with_print
from transforms.core.merging import outcome_key
from transforms.core.outcomes import is_retryable
from transforms.core.urls import url_key

CHECKS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7))
"""After publication: when a story is looked at again for silent edits and deletions."""

OLD = timedelta(days=7)
OLD_CHECKS = (timedelta(hours=24), timedelta(days=7))
"""After it was first seen: for what is dated older than that when it is first seen.  Most of it is old, and some of a
publisher whose clock is wrong."""

LEAST_WAIT = timedelta(minutes=30)
"""Between a fetch and a check that would follow at once."""

NOT_MODIFIED_STATUS = 304
GONE_STATUS = frozenset({404, 410})
GONE_TWICE = 2
CONFIRM_GONE = timedelta(hours=1)
"""A page that is gone is looked for once more after this, before it counts as taken away."""

FIRST_RETRY = timedelta(minutes=10)
LONGEST_RETRY = timedelta(hours=24)
MAX_FAILURES = 7
"""Requests in a row without an article, after which a page is given up: ten hours and more of trying."""

REMEMBERED_RANK = (sys.maxsize, 0)
"""Pages that are looked at again come after all that are listed: where a run is limited, news comes first."""


@dataclass(frozen=True, slots=True)
class Take:
    """The page is asked for; ``reason`` in words."""

    request: PageRequest
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The page is left alone; ``problem`` says why."""

    request: PageRequest
    problem: Problem


@dataclass(frozen=True, slots=True)
class PageNote:
    """Something that this run learnt of the page ``key``: that it was listed and left alone, that it was listed and to
    be asked for, that it was to be looked at again, what was fetched, or what became of it."""

    key: str
    left: PageRequest | None = None
    taken: PageRequest | None = None
    checked: PageRequest | None = None
    fetched: Fetch | None = None
    ended: Outcome | None = None

    @property
    def order(self) -> str:
        """Sorts notes so that the order of their arrival never matters."""
        if self.ended:
            return outcome_key(self.ended)
        return repr(self.left or self.taken or self.checked or self.fetched)


def plan_page(
    known: PageState | None, listed: PageRequest | None, now: datetime, *, force: bool = False
) -> Take | Leave | None:
    """What to do about a page that is ``listed`` now, or was before; None where there is nothing to do or to say."""
    if known is None:
        return Take(listed, "new") if listed else None
    request = _with_known(listed or _remembered(known), known)
    if listed and (force or listed.is_urgent):
        return Take(request, "--force" if force else "it was asked for by itself")
    if listed and known.outcome is None:
        return Take(request, "listed before and never asked for")
    if listed and has_changed(known, listed) and change_counts_from(known, listed) <= now:
        return Take(request, "its entry changed")
    if known.next_check_at and known.next_check_at <= now:
        return Take(request, "failed before" if known.failures else "looked at again")
    return Leave(request, _left(known, listed)) if listed else None


def settle_page(known: PageState | None, notes: Iterable[PageNote], now: datetime) -> PageState | None:
    """The state of a page after a run; None for a URL that is no page that was listed."""
    notes = sorted(notes, key=lambda note: note.order)
    if left := next((note.left for note in notes if note.left), None):
        return _left_alone(known, left, now)
    taken = next((note.taken for note in notes if note.taken), None)
    ended = next((note.ended for note in notes if note.ended and _was_asked(note.ended)), None)
    if (
        ended is None
    ):  # over a limit, of number or of time: the next run asks, also where the feed does not list the page again
        return replace(_listed(known, taken, now), next_check_at=now) if taken else known
    state = _listed(known, taken, now) if taken else known
    fetched = next((note.fetched for note in notes if note.fetched), None)
    return _ended(state, ended, fetched, now) if state else None


def _was_asked(ended: Outcome) -> bool:
    left = (OutcomeKind.FILTERED.value, OutcomeKind.NOT_DUE.value)
    return ended.stage != Stage.DISCOVER.value and ended.outcome not in left


def is_forgotten(row: Mapping[str, Any], now: datetime, keep: timedelta) -> bool:
    """Whether the page, a `PageState` as a row, has long left the feeds and nothing is planned for it."""
    return row["next_check_at"] is None and row["last_listed_at"] < now - keep


def next_check(state: PageState, now: datetime) -> datetime | None:
    """When a page that was just read is looked at again, counted from its publication.

    A date after the page was first seen is not believed; one long before may be true, or a wrong clock's: then the
    page is looked at less often, counted from when it was first seen.
    """
    published = min(state.discovery.entry_published_at or state.first_seen_at, state.first_seen_at)
    is_old = state.first_seen_at - published > OLD
    start, checks = (state.first_seen_at, OLD_CHECKS) if is_old else (published, CHECKS)
    times = (start + after for after in checks)
    return next((max(time, now + LEAST_WAIT) for time in times if time > now), None)


def _left(known: PageState, listed: PageRequest) -> Problem:
    if has_changed(known, listed):
        due = f"{change_counts_from(known, listed):%Y-%m-%d %H:%M} UTC"
        return Problem(OutcomeKind.NOT_DUE, f"its entry has another date; the last change was in vain; due {due}")
    if not known.failures and known.outcome not in SUCCESSES and known.next_check_at:
        wait = f"next try {known.next_check_at:%Y-%m-%d %H:%M} UTC"
        return Problem(OutcomeKind.NOT_DUE, f"its host was left in peace; {wait}", attempts=0)
    if known.failures and known.next_check_at:
        tries = "once" if known.failures == 1 else f"{known.failures} times"
        wait = f"next try {known.next_check_at:%Y-%m-%d %H:%M} UTC"
        return Problem(OutcomeKind.NOT_DUE, f"failed {tries} ({known.outcome}); {wait}", known.status)
    if known.failures:
        again = "asked for again only if its entry changes"
        return Problem(OutcomeKind.NOT_DUE, f"it ended as {known.outcome}; {again}", known.status)
    return Problem(OutcomeKind.UNCHANGED, f"the feed says no more than on {known.last_listed_at:%Y-%m-%d %H:%M} UTC")


def _with_known(request: PageRequest, known: PageState) -> PageRequest:
    return replace(request, discovery=replace(request.discovery, seen_at=known.first_seen_at), known=known)


def _remembered(known: PageState) -> PageRequest:
    return PageRequest(known.url, known.source, known.discovery, rank=REMEMBERED_RANK)


def _left_alone(known: PageState | None, listed: PageRequest, now: datetime) -> PageState:
    """A change that was not followed yet is followed later, also where the feed does not list the page again."""
    state = _listed(known, listed, now)
    if known is None or not has_changed(known, listed):
        return state
    follow = change_counts_from(known, listed)
    return replace(state, next_check_at=min(follow, known.next_check_at or follow))


def _listed(known: PageState | None, listed: PageRequest, now: datetime) -> PageState:
    if known is None:
        return PageState(
            key=url_key(listed.url),
            url=listed.url,
            source=listed.source,
            discovery=listed.discovery,
            first_seen_at=now,
            last_listed_at=now,
            prints=(fingerprint(listed),),
        )
    return replace(
        known,
        url=listed.url,
        source=listed.source,
        discovery=replace(listed.discovery, seen_at=known.first_seen_at),
        last_listed_at=now,
        prints=with_print(known, listed),
    )


def _ended(state: PageState, ended: Outcome, fetched: Fetch | None, now: datetime) -> PageState:
    state = replace(state, outcome=ended.outcome, status=ended.status, last_fetched_at=now)
    if not ended.attempts:  # its host was left in peace: that says nothing of the page
        return replace(state, next_check_at=now + FIRST_RETRY)
    if ended.status in GONE_STATUS:  # also where the row that takes the article away was written
        return _gone(state, now)
    if ended.outcome in SUCCESSES:
        return _read(state, ended, fetched, now)
    return _failed(state, ended, now)


def _read(state: PageState, ended: Outcome, fetched: Fetch | None, now: datetime) -> PageState:
    state = replace(state, failures=0, gone=0, article_id=ended.article_id or state.article_id)
    if fetched is not None:
        as_it_was = fetched.status == NOT_MODIFIED_STATUS
        state = replace(
            state,
            etag=fetched.etag or (state.etag if as_it_was else None),
            last_modified=fetched.last_modified or (state.last_modified if as_it_was else None),
            payload_sha256=fetched.payload_sha256 or state.payload_sha256,
        )
    return replace(state, next_check_at=next_check(state, now))


def _gone(state: PageState, now: datetime) -> PageState:
    """A page that is back is read anew, were it the same bytes; so its validators are forgotten."""
    gone = state.gone + 1
    return replace(
        state,
        etag=None,
        last_modified=None,
        payload_sha256=None,
        gone=gone,
        failures=state.failures + 1,
        next_check_at=now + CONFIRM_GONE if gone < GONE_TWICE else next_check(state, now),
    )


def _failed(state: PageState, ended: Outcome, now: datetime) -> PageState:
    """What may pass is tried again, each time after twice the wait; what will not is left until the feed changes, or
    until the next check of a page that was read before."""
    failures = state.failures + 1
    wait = min(FIRST_RETRY * 2 ** (failures - 1), LONGEST_RETRY)
    later = next_check(state, now) if state.article_id else None
    return replace(
        state,
        failures=failures,
        gone=0,
        next_check_at=now + wait if _may_pass(ended) and failures < MAX_FAILURES else later,
    )


def _may_pass(ended: Outcome) -> bool:
    """A robots.txt that forbids the page may be mended; while it forbids, the page itself is not asked for."""
    kind = OutcomeKind(ended.outcome)
    return kind is OutcomeKind.DISALLOWED or is_retryable(kind, ended.status)
