"""Asks a host's robots.txt before its first page, once in a process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from schemas.outcome import OutcomeKind
from transforms.core.robots import Robots, RobotsRules, robots_url
from transforms.core.urls import split_url
from transforms.fetcher import Fetcher, FetchProblem

AGENT = "newsbeam"
"""The product token that robots.txt files name us by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a host's robots.txt means for one page; ``problem`` says why it may not be asked for."""

    robots: str
    crawl_delay: float | None = None
    problem: FetchProblem | None = None


class RobotsGate:
    """The robots.txt files that a process has read.  Threads share it; each asks for hosts of its own domain."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._answers: dict[str, RobotsRules | FetchProblem] = {}
        self._lock = threading.Lock()

    def verdict(self, url: str) -> Verdict:
        """Whether ``url``, which must be well-formed, may be asked for."""
        answer = self._answer(split_url(url).origin)
        if isinstance(answer, FetchProblem):
            return Verdict("unavailable", problem=answer)
        if not answer.allows(url, AGENT):
            return Verdict("disallowed", problem=FetchProblem(OutcomeKind.DISALLOWED, "robots.txt disallows it"))
        return Verdict("allowed", answer.crawl_delay(AGENT))

    def _answer(self, origin: str) -> RobotsRules | FetchProblem:
        with self._lock:
            known = self._answers.get(origin)
        if known is None:
            known = self._ask(origin)
            with self._lock:
                self._answers[origin] = known
        return known

    def _ask(self, origin: str) -> RobotsRules | FetchProblem:
        """The rules; or what stood in the way, where RFC 9309 forbids every page until the file can be had."""
        result = self._fetcher.get(robots_url(origin), accept="text/plain, */*;q=0.5")
        if not isinstance(result, FetchProblem):
            return Robots.parse(result.body, result.status)
        if result.kind is not OutcomeKind.HTTP_ERROR or (result.status or 0) >= 500:
            return replace(result, detail=f"robots.txt: {result.detail}")
        return Robots.parse(b"", result.status)
