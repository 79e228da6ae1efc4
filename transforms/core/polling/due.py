"""Whether a feed is asked in this run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.hops import FeedRequest
from schemas.outcome import OutcomeKind, Problem
from schemas.state import FeedState

SLACK = timedelta(seconds=30)
"""Schedulers start a little early at times; a feed that is due within this is asked now, not a whole round later."""

WRONG_CLOCK = timedelta(days=1)
"""A poll that is remembered from further ahead than this was made by a clock that was wrong: what it agreed to would
keep the feed unasked until that time comes."""


@dataclass(frozen=True, slots=True)
class Due:
    """The feed is asked; ``reason`` in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotDue:
    """The feed is left alone; ``problem`` says until when and why."""

    problem: Problem


def due(request: FeedRequest, now: datetime, *, force: bool = False) -> Due | NotDue:
    """Whether the feed of ``request`` is asked at ``now``; ``force`` asks whatever was agreed, and so does urgency."""
    known = request.known
    if known is None:
        return Due("it was never asked")
    if force or request.is_urgent:
        return Due("--force" if force else "it was asked for by itself")
    if known.stopped_at:
        detail = f"stopped: the server said 410 Gone on {known.stopped_at:%Y-%m-%d}; take it off the list, or --force"
        return NotDue(Problem(OutcomeKind.FILTERED, detail))
    if known.last_polled_at > now + WRONG_CLOCK:
        return Due(f"last asked {known.last_polled_at:%Y-%m-%d}, which is yet to come: a clock was wrong")
    if known.next_due_at - SLACK <= now:
        return Due(f"due since {known.next_due_at:%Y-%m-%d %H:%M:%S} UTC")
    return NotDue(Problem(OutcomeKind.NOT_DUE, f"due {known.next_due_at:%Y-%m-%d %H:%M:%S} UTC: {_why(request)}"))


def due_from(known: FeedState, now: datetime) -> datetime | None:
    """The moment from which `due` says yes of a feed, as seen at ``now``; None for one that is stopped."""
    if known.stopped_at:
        return None
    return now if known.last_polled_at > now + WRONG_CLOCK else known.next_due_at - SLACK


def _why(request: FeedRequest) -> str:
    known = request.known
    return f"asked every {readable(known.interval_seconds)}, {known.interval_reason}" if known else ""


def readable(seconds: float) -> str:
    """A duration for people: ``90 s``, ``15 min``, ``6 h``, ``2 days``."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds / size:.3g} {unit}" if seconds != 86_400 else "1 day"
    return f"{seconds:.0f} s"
