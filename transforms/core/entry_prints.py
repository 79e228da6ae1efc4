"""What feeds print of a page, its title and date, as far as it is remembered: whether an entry says something new."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from schemas.hops import PageRequest
from schemas.outcome import OutcomeKind
from schemas.state import PageState

SUCCESSES = frozenset(
    {
        OutcomeKind.WRITTEN.value,
        OutcomeKind.UNCHANGED.value,
        OutcomeKind.DUPLICATE.value,
        OutcomeKind.NOT_MODIFIED.value,
    }
)

IN_VAIN = SUCCESSES - {OutcomeKind.WRITTEN.value}

VAIN_WAIT = timedelta(hours=1)
VAIN_SHARE = 4
"""After a request in vain a page whose date alone changes is asked for again when this has passed, or this part of
the time since it was first seen, if that is longer: some feeds print the time of the poll as the date of each entry."""

TITLE_DIGITS = 8
MAX_PRINTS = 16
"""Feeds of one site that list one page; more are forgotten, which costs one comparison."""


def has_changed(known: PageState, listed: PageRequest) -> bool:
    """Whether a feed prints another title or date for the page than it did.  Another feed's words are no change."""
    feed, _, entry = fingerprint(listed).partition(":")
    return _printed(known, feed) not in (None, entry)


def fingerprint(request: PageRequest) -> str:
    """``feed:entry``: digests of the feed's URL and of what it prints of the page: title, then date of change."""
    found = request.discovery
    moment = found.entry_updated_at or found.entry_published_at
    title = _digest(" ".join((found.entry_title or "").split()))[:TITLE_DIGITS]
    date = _digest(moment.isoformat() if moment else "")[:TITLE_DIGITS]
    return f"{_digest(found.feed_url or found.kind)}:{title}{date}"


def _printed(known: PageState, feed: str) -> str | None:
    """What ``feed``, a digest, printed of the page when it last listed it."""
    return dict(part.split(":", 1) for part in known.prints).get(feed)


def change_counts_from(known: PageState, listed: PageRequest) -> datetime:
    """When a change of the entry is followed: at once, unless it is one of the date alone and the last was in vain."""
    feed, _, entry = fingerprint(listed).partition(":")
    before = _printed(known, feed) or ""
    asked = known.last_fetched_at
    if asked is None or known.outcome not in IN_VAIN or before[:TITLE_DIGITS] != entry[:TITLE_DIGITS]:
        return known.first_seen_at
    return asked + max(VAIN_WAIT, (asked - known.first_seen_at) / VAIN_SHARE)


def with_print(known: PageState, listed: PageRequest) -> tuple[str, ...]:
    """What is remembered of the feeds that print the page once ``listed`` came, the newest first."""
    mark = fingerprint(listed)
    others = (each for each in known.prints if each.split(":")[0] != mark.split(":")[0])
    return (mark, *others)[:MAX_PRINTS]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
