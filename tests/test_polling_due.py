"""Whether a feed is asked in this run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from polling import NOW, failed, hours, request, settled
from schemas.outcome import OutcomeKind
from transforms.core.polling import Due, NotDue, due
from transforms.core.polling.due import readable


def test_a_new_feed_is_due() -> None:
    assert due(request(None), NOW) == Due("it was never asked")


def test_a_feed_is_due_when_its_time_has_come() -> None:
    state = settled()
    early = due(request(state), state.next_due_at - timedelta(minutes=1))
    assert isinstance(early, NotDue)
    assert early.problem.kind is OutcomeKind.NOT_DUE
    assert "due 2026-11-16 " in early.problem.detail
    assert state.interval_reason in early.problem.detail
    assert isinstance(due(request(state), state.next_due_at - timedelta(seconds=20)), Due)
    assert isinstance(due(request(state), state.next_due_at + hours(1000)), Due)


def test_force_asks_whatever_was_agreed() -> None:
    assert due(request(settled()), NOW, force=True) == Due("--force")
    gone = failed(settled(), NOW, 410)
    assert due(request(gone), NOW, force=True) == Due("--force")


def test_a_gone_feed_says_so() -> None:
    verdict = due(request(failed(settled(), NOW, 410)), NOW + hours(9999))
    assert isinstance(verdict, NotDue)
    assert verdict.problem.kind is OutcomeKind.FILTERED
    assert "410 Gone on 2026-11-16" in verdict.problem.detail


@pytest.mark.parametrize("ahead", [48, 24 * 365])
def test_a_clock_that_was_ahead_keeps_no_feed_unasked(ahead: int) -> None:
    state = settled(last_polled_at=NOW + hours(ahead), next_due_at=NOW + hours(ahead + 1))
    verdict = due(request(state), NOW)
    assert isinstance(verdict, Due)
    assert "clock" in verdict.reason


def test_a_clock_that_is_hours_off_waits() -> None:
    state = settled(last_polled_at=NOW + hours(2), next_due_at=NOW + hours(3))
    assert isinstance(due(request(state), NOW), NotDue)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (90, "90 s"), (600, "10 min"), (3600, "1 h"), (5400, "90 min"), (7200, "2 h"), (86_400, "1 day"),
     (90_000, "25 h"), (604_800, "7 days")],
)  # fmt: skip
def test_durations_in_words(seconds: float, words: str) -> None:
    assert readable(seconds) == words
