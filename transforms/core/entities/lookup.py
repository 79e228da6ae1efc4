"""Where known strings stand in a text, without a regular expression made for them.

To make one takes longer than to look: a twentieth of the annotation of a story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WHOLE_START = re.compile(r"(?<![\w-])")
WHOLE_END = re.compile(r"(?![\w-])")
"""Empty patterns for the edges of a whole word."""


def places_of(form: str, source: str) -> Iterator[int]:
    """Where ``form`` begins in ``source``, at each place."""
    at = source.find(form)
    while at >= 0:
        yield at
        at = source.find(form, at + 1)


def longest_places(
    forms: Iterable[str], source: str, start: re.Pattern[str], end: re.Pattern[str]
) -> Iterator[tuple[int, int]]:
    """(start, end) of each of ``forms``, in order: the longest at each place, none over another.

    ``start`` and ``end`` are empty patterns that must match at its edges.
    """
    found = (
        (first, -len(form))
        for form in forms
        for first in places_of(form, source)
        if start.match(source, first) and end.match(source, first + len(form))
    )
    behind = 0
    for first, size in sorted(found):
        if first >= behind:
            behind = first - size
            yield first, behind
