"""Feeds made by hand, and polls of them, for the tests of the rules of polling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schemas.hops import Feed, FeedAnswer, FeedEntry, FeedRequest, PollingHints
from schemas.outcome import OutcomeKind, Problem
from schemas.state import FeedState
from transforms.core.polling import UNCHANGED, settle_feed

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)  # a Monday
URL = "https://harbour.example/rss.xml"
REQUEST = FeedRequest(URL, source_id="harbour")
READ = Problem(OutcomeKind.PARSED, "rss20")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def entry(number: int, at: datetime | None = None, *, entry_id: str | None = None, url: str | None = None) -> FeedEntry:
    return FeedEntry(
        url=url or f"https://harbour.example/{number}",
        entry_id=entry_id or f"tag:harbour.example,2026:{number}",
        title=f"Notice {number}",
        published_at=at,
    )


def feed(*entries: FeedEntry, hints: PollingHints | None = None) -> Feed:
    return Feed("rss20", entries=tuple(entries), hints=hints or PollingHints())


def hourly(first: int, last: int, newest: datetime) -> Feed:
    """Entries ``first`` to ``last``, one an hour, the newest first, of which the newest has the date ``newest``."""
    return feed(*(entry(n, newest - hours(last - n)) for n in range(last, first - 1, -1)))


def request(known: FeedState | None, **changes: object) -> FeedRequest:
    return replace(REQUEST, known=known, **changes)


def read(
    known: FeedState | None, shown: Feed, at: datetime, *, listed: int | None = None, **answer: object
) -> FeedState:
    """The state after a poll that gave ``shown``."""
    return settle_feed(request(known, interval_seconds=listed), FeedAnswer(at, 200, **answer), READ, shown)


def same(known: FeedState, at: datetime, *, listed: int | None = None, **answer: object) -> FeedState:
    """The state after a poll that was answered with 304."""
    ending = replace(UNCHANGED, status=304)
    return settle_feed(request(known, interval_seconds=listed), FeedAnswer(at, 304, **answer), ending)


def failed(known: FeedState | None, at: datetime, status: int | None = 503, **answer: object) -> FeedState:
    """The state after a poll that was answered with ``status``; None for a time-out."""
    kind = OutcomeKind.HTTP_ERROR if status else OutcomeKind.TIMEOUT
    return settle_feed(request(known), FeedAnswer(at, status, **answer), Problem(kind, "no feed", status))


def settled(**fields: object) -> FeedState:
    """A feed that works and was read at NOW."""
    return replace(read(None, hourly(1, 20, NOW), NOW, etag='"1"', body_sha256="1"), **fields)
