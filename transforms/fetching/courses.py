"""Fetches that take several requests, each made in the turn of its own host.

A page may lead through robots.txt files and redirects to hosts of other domains.  Were it fetched in one go, it would
ask those hosts while they are being asked for pages of their own; were its thread to wait for them, one busy host
could hold all threads.  So a fetch is a generator that gives way before each request: whoever runs it goes on when
the host's turn has come, and nobody holds one turn while waiting for another.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

from transforms.fetching.records import FetchProblem

R = TypeVar("R")

Course: TypeAlias = Generator[str, FetchProblem | None, R]
"""Yields the URL of each request before making it.  It is sent None when it may go on, or what forbids the request.

Between two yields it makes one request, and before the first none."""


def run_at_once(course: Course[R]) -> R:
    """Run a course to its end without waiting for anybody's turn."""
    try:
        while True:
            next(course)
    except StopIteration as end:
        result: R = end.value
        return result
