"""Asks a host's robots.txt before its first page, and remembers the answer for a while."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from schemas.outcome import OutcomeKind
from transforms.core.robots import Robots, RobotsRules, is_unavailable, robots_url
from transforms.core.urls import split_url
from transforms.fetcher import Fetcher, FetchProblem, Response
from transforms.fetching.courses import Course
from transforms.robots_cache import MIN_COUNTED_BYTES, RobotsCache

AGENT = "newsbeam"
"""The product token that robots.txt files name us by."""

MAX_KEPT_SECONDS = 24 * 3_600.0
"""RFC 9309 §2.4: a crawler should not use a copy for longer, unless the file cannot be had."""

MIN_KEPT_SECONDS = 600.0
"""Sites whose every answer says ``max-age=0`` would be asked before each page."""

RETRY_SECONDS = 300.0
"""How long an answer counts that was none, unless it says when to come back: nothing may be asked for meanwhile."""

_ACCEPT = "text/plain, */*;q=0.5"
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a host's robots.txt means for one page; ``problem`` says why it may not be asked for."""

    robots: str
    crawl_delay: float | None = None
    problem: FetchProblem | None = None


class RobotsGate:
    """Says what the robots.txt files of hosts allow.  Threads share it; several gates may share what they have read.

    Within a domain, whose requests are made one after the other, a file is asked for once until it expires.
    """

    def __init__(self, fetcher: Fetcher, cache: RobotsCache | None = None) -> None:
        self._fetcher = fetcher
        self._cache = RobotsCache() if cache is None else cache

    def verdict(self, url: str) -> Course[Verdict]:
        """Whether ``url``, which must be well-formed, may be asked for."""
        origin = split_url(url).origin
        answer = self._cache.known(origin)
        if answer is None:
            answer = yield from self._ask(origin)
        if isinstance(answer, FetchProblem):
            return Verdict("unavailable", problem=answer)
        if not answer.allows(url, AGENT):
            return Verdict("disallowed", problem=FetchProblem(OutcomeKind.DISALLOWED, "robots.txt disallows it"))
        return Verdict("allowed", answer.crawl_delay(AGENT))

    def rules(self, url: str) -> RobotsRules | None:
        """The rules that were last read for ``url``; None where none are known.  Asks for nothing."""
        answer = self._cache.last(split_url(url).origin)
        return answer if isinstance(answer, RobotsRules) else None

    def _ask(self, origin: str) -> Course[RobotsRules | FetchProblem]:
        """The rules; or what stood in the way, where RFC 9309 forbids every page until the file can be had."""
        course = self._fetcher.course(robots_url(origin), accept=_ACCEPT)
        sent: FetchProblem | None = None
        try:
            while True:
                url = course.send(sent)
                sent = yield url
                if (known := self._cache.known(origin)) is not None:
                    return known  # another course has asked while this one waited for its turn
        except StopIteration as end:
            answer, seconds, size = _read(end.value)
            self._cache.keep(origin, _without_response(answer), seconds, size)
            return answer


def _read(result: Response | FetchProblem) -> tuple[RobotsRules | FetchProblem, float, int]:
    """(what the answer means, for how many seconds, its size in bytes)."""
    if not isinstance(result, FetchProblem):
        size = max(len(result.body), MIN_COUNTED_BYTES)
        return Robots.parse(result.body, result.status), _seconds_to_keep(result), size
    if _means_that_there_is_none(result):
        return Robots.parse(b"", result.status), _seconds_to_keep(result.response), MIN_COUNTED_BYTES
    return replace(result, detail=f"robots.txt: {result.detail}"), _seconds_to_retry(result), MIN_COUNTED_BYTES


def _without_response(answer: RobotsRules | FetchProblem) -> RobotsRules | FetchProblem:
    """What asked for silence has been heard once: its Retry-After must not count again for each page."""
    return replace(answer, response=None) if isinstance(answer, FetchProblem) else answer


def _means_that_there_is_none(problem: FetchProblem) -> bool:
    return problem.kind is OutcomeKind.HTTP_ERROR and not is_unavailable(problem.status)


def _seconds_to_retry(problem: FetchProblem) -> float:
    wanted = problem.retry_after_seconds(datetime.now(UTC))
    return min(wanted or RETRY_SECONDS, RETRY_SECONDS)


def _seconds_to_keep(response: Response | None) -> float:
    found = _MAX_AGE.search(response.headers.get("cache-control", "")) if response else None
    return min(max(float(found[1]), MIN_KEPT_SECONDS), MAX_KEPT_SECONDS) if found else MAX_KEPT_SECONDS
