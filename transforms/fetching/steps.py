"""One turn of a fetch at a host: what it is for, and what comes of it.

`transforms.fetch_pool` decides when a turn is taken; here is what happens in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from schemas.outcome import OutcomeKind
from transforms.core.host_queue import Ready, TurnedAway
from transforms.core.urls import registrable_domain
from transforms.fetching.courses import Course
from transforms.fetching.records import FetchProblem

PUT_OFF = FetchProblem(OutcomeKind.NOT_DUE, "the time of this run was over before its host's turn came", attempts=0)
"""What becomes of an item for which there was no time."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Task(Generic[T, R]):
    """A submitted item; ``course`` is set once it has been begun."""

    item: T
    course: Course[R] | None = None


@dataclass(frozen=True, slots=True)
class Onward:
    """The course goes on with a request to ``url``; ``used_turn`` tells whether it has made one before."""

    url: str
    used_turn: bool


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """The course is at its end."""

    result: R | FetchProblem
    used_turn: bool


def make_request(turn: Ready[Task[T, R]], fetch: Callable[[T], Course[R]]) -> Onward | Done[R]:
    """Make the one request that this turn is for; none where a course that only begins wants another host's."""
    task = turn.item
    if task.course is not None:
        return _step(task.course, None, used_turn=True)
    task.course = fetch(task.item)
    first = _step(task.course, None, used_turn=False)
    if isinstance(first, Onward) and registrable_domain(first.url) == turn.host:
        return _step(task.course, None, used_turn=True)
    return first


def turn_away(decision: TurnedAway[Task[T, R]]) -> Onward | Done[R]:
    """Tell a course that its request may not be made; one that has not begun, or has no time left, is done."""
    if decision.problem is PUT_OFF:
        if decision.item.course is not None:
            decision.item.course.close()
        return Done(PUT_OFF, used_turn=False)
    problem = FetchProblem(decision.problem.kind, decision.problem.detail, attempts=0)
    if decision.item.course is None:
        return Done(problem, used_turn=False)
    return _step(decision.item.course, problem, used_turn=False)


def _step(course: Course[R], sent: FetchProblem | None, *, used_turn: bool) -> Onward | Done[R]:
    try:
        return Onward(course.send(sent), used_turn)
    except StopIteration as end:
        return Done(end.value, used_turn)


def silence_wanted(step: Onward | Done[R] | None) -> float | None:
    """Seconds for which the host wants to be left alone."""
    if isinstance(step, Done) and isinstance(step.result, FetchProblem):
        return step.result.retry_after_seconds(datetime.now(UTC))
    return None
