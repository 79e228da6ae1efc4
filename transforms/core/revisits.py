"""Whether a page is asked for in this run, and what is remembered of it afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from schemas.article import Fetch
from schemas.hops import PageRequest
from schemas.outcome import Outcome, OutcomeKind, Problem, Stage
from schemas.state import PageState
from transforms.core.merging import outcome_key
from transforms.core.outcomes import is_retryable
from transforms.core.urls import url_key

CHECKS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7))
"""After publication: when a story is looked at again for silent edits and deletions."""

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

MAX_PRINTS = 16
"""Feeds of one site that list one page; more are forgotten, which costs one comparison."""

SUCCESSES = frozenset(
    {
        OutcomeKind.WRITTEN.value,
        OutcomeKind.UNCHANGED.value,
        OutcomeKind.DUPLICATE.value,
        OutcomeKind.NOT_MODIFIED.value,
    }
)


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
    if listed and force:
        return Take(request, "--force")
    if listed and known.outcome is None:
        return Take(request, "listed before and never asked for")
    if listed and has_changed(known, listed):
        return Take(request, "its entry changed")
    if known.next_check_at and known.next_check_at <= now:
        return Take(request, "failed before" if known.failures else "looked at again")
    return Leave(request, _left(known)) if listed else None


def has_changed(known: PageState, listed: PageRequest) -> bool:
    """Whether a feed prints another title or date for the page than it did.  Another feed's words are no change."""
    feed, _, entry = fingerprint(listed).partition(":")
    before = dict(part.split(":", 1) for part in known.prints)
    return feed in before and before[feed] != entry


def fingerprint(request: PageRequest) -> str:
    """``feed:entry``: digests of the feed's URL and of what it prints of the page: title and date of change."""
    found = request.discovery
    moment = found.entry_updated_at or found.entry_published_at
    printed = f"{' '.join((found.entry_title or '').split())}\x1f{moment.isoformat() if moment else ''}"
    return f"{_digest(found.feed_url or found.kind)}:{_digest(printed)}"


def settle_page(known: PageState | None, notes: Iterable[PageNote], now: datetime) -> PageState | None:
    """The state of a page after a run; None for a URL that is no page that was listed."""
    notes = sorted(notes, key=lambda note: note.order)
    if left := next((note.left for note in notes if note.left), None):
        return _listed(known, left, now)
    taken = next((note.taken for note in notes if note.taken), None)
    ended = next((note.ended for note in notes if note.ended and _was_asked(note.ended)), None)
    if ended is None:  # over a limit: what was known stays, so that the next run asks
        return known or (_listed(None, taken, now) if taken else None)
    state = _listed(known, taken, now) if taken else known
    fetched = next((note.fetched for note in notes if note.fetched), None)
    return _ended(state, ended, fetched, now) if state else None


def _was_asked(ended: Outcome) -> bool:
    return ended.stage != Stage.DISCOVER.value and ended.outcome != OutcomeKind.FILTERED.value


def is_forgotten(row: Mapping[str, Any], now: datetime, keep: timedelta) -> bool:
    """Whether the page, a `PageState` as a row, has long left the feeds and nothing is planned for it."""
    return row["next_check_at"] is None and row["last_listed_at"] < now - keep


def next_check(state: PageState, now: datetime) -> datetime | None:
    """When a page that was just read is looked at again, counted from its publication.

    A date far from when the page was first seen is not believed: an old story in a feed that is read for the first
    time, or a publisher whose clock is wrong.  Then the page counts from when it was first seen, unless it was old.
    """
    published = state.discovery.entry_published_at or state.first_seen_at
    start = published if published <= state.first_seen_at else state.first_seen_at
    times = (start + after for after in CHECKS)
    return next((max(time, now + LEAST_WAIT) for time in times if time > now), None)


def _left(known: PageState) -> Problem:
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
    return PageRequest(known.url, known.source, known.discovery)


def _listed(known: PageState | None, listed: PageRequest, now: datetime) -> PageState:
    mark = fingerprint(listed)
    if known is None:
        return PageState(
            key=url_key(listed.url),
            url=listed.url,
            source=listed.source,
            discovery=listed.discovery,
            first_seen_at=now,
            last_listed_at=now,
            prints=(mark,),
        )
    others = tuple(each for each in known.prints if each.split(":")[0] != mark.split(":")[0])
    return replace(
        known,
        url=listed.url,
        source=listed.source,
        discovery=replace(listed.discovery, seen_at=known.first_seen_at),
        last_listed_at=now,
        prints=(mark, *others)[:MAX_PRINTS],
    )


def _ended(state: PageState, ended: Outcome, fetched: Fetch | None, now: datetime) -> PageState:
    state = replace(state, outcome=ended.outcome, status=ended.status, last_fetched_at=now)
    if ended.outcome in SUCCESSES:
        return _read(state, ended, fetched, now)
    if ended.status in GONE_STATUS:
        return _gone(state, now)
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
    gone = state.gone + 1
    return replace(
        state,
        gone=gone,
        failures=state.failures + 1,
        next_check_at=now + CONFIRM_GONE if gone < GONE_TWICE else None,
    )


def _failed(state: PageState, ended: Outcome, now: datetime) -> PageState:
    """What may pass is tried again, each time after twice the wait; what will not is left until the feed changes."""
    failures = state.failures + 1
    may_pass = is_retryable(OutcomeKind(ended.outcome), ended.status) and failures < MAX_FAILURES
    wait = min(FIRST_RETRY * 2 ** (failures - 1), LONGEST_RETRY)
    return replace(state, failures=failures, gone=0, next_check_at=now + wait if may_pass else None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
