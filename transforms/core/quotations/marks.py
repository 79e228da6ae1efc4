"""Quotation marks: which opens, which closes, and what stands between them.

Pairing works one paragraph at a time and never gives up: a mark of the wrong kind or direction is repaired, and an
opener without a closer runs to the end of its paragraph.  Apostrophes never pair.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

OPENERS = "“„«「『〝❝"
CLOSERS = "”»」』〞❞‟"
STRAIGHT = '"＂'
DOUBLE_TICKS = re.compile(r"''|``|´´|‘‘|’’|‚‚|,,(?=\w)")
MARK = re.compile(rf"{DOUBLE_TICKS.pattern}|[{OPENERS}{CLOSERS}{STRAIGHT}]")
PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text: ``text[start:end]`` without its line break."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """The words between two marks: ``text[start:end]`` without the marks, ``text[outer_start:outer_end]`` with them.

    ``closed`` is False where the closing mark is missing and the paragraph's end stands in for it.  ``carries_on`` is
    True where the paragraph before ended inside an open quote that this one continues.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    closed: bool = True
    carries_on: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """The paragraphs of a text and the segments in marks in them."""

    lines: tuple[Paragraph, ...]
    segments: tuple[Segment, ...]
    apart: tuple[tuple[int, int], ...] = ()
    """Spans that are not the reporter's: posts and promotion."""


def is_inside(spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Whether ``position`` lies in one of ``spans``, which are in order and do not overlap."""
    index = bisect_right(spans, (position, position)) - 1
    return any(start <= position < end for start, end in spans[max(0, index) : index + 2])


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The lines of ``text`` that hold more than white space."""
    found = (Paragraph(match.start(), match.end()) for match in PARAGRAPH.finditer(text))
    return tuple(paragraph for paragraph in found if text[paragraph.start : paragraph.end].strip())


def segments(text: str, lines: tuple[Paragraph, ...]) -> tuple[Segment, ...]:
    """Every segment in marks, in order; those of a quote that runs over paragraphs know that they carry on."""
    result: list[Segment] = []
    open_before = False
    for line in lines:
        found = list(_pair(text, line))
        if found and open_before and not text[line.start : found[0].outer_start].strip():
            found[0] = _carried_on(found[0])
        result.extend(found)
        open_before = bool(found) and not found[-1].closed
    return tuple(result)


def _carried_on(segment: Segment) -> Segment:
    return Segment(segment.start, segment.end, segment.outer_start, segment.outer_end, segment.closed, carries_on=True)


def _pair(text: str, line: Paragraph) -> Iterator[Segment]:
    opened: re.Match[str] | None = None
    depth = 0
    for mark in MARK.finditer(text, line.start, line.end):
        opens = _opens(text, line, mark, is_open=opened is not None)
        if opened is None:
            if opens:
                opened = mark
        elif opens and _is_nested(text, line, mark):
            depth += 1
        elif opens:
            if text[opened.end() : mark.start()].strip():
                yield Segment(opened.end(), mark.start(), opened.start(), mark.start())
            opened, depth = mark, 0
        elif depth:
            depth -= 1
        else:
            if mark.start() > opened.end():
                yield Segment(opened.end(), mark.start(), opened.start(), mark.end())
            opened = None
    if opened is not None and text[opened.end() : line.end].strip():
        yield Segment(opened.end(), line.end, opened.start(), line.end, closed=False)


def _opens(text: str, line: Paragraph, mark: re.Match[str], *, is_open: bool) -> bool:
    """Whether this mark opens a quote, by its shape where that agrees with its surroundings, else by them."""
    before = text[mark.start() - 1] if mark.start() > line.start else " "
    after = text[mark.end()] if mark.end() < line.end else " "
    shape = mark.group()
    if shape in OPENERS:
        return not (is_open and not before.isspace() and before not in "([—–-" and not after.isalnum())
    if shape in CLOSERS:
        return not is_open and before.isspace() and after.isalnum()
    if shape in STRAIGHT and before.isdigit() and not is_open and not after.isalnum():
        return False
    if not is_open:
        return not after.isspace() or before.isspace()
    return False


def _is_nested(text: str, line: Paragraph, mark: re.Match[str]) -> bool:
    """Whether an opener inside an open quote starts a quote in the quote: two closers follow before any opener."""
    later = [found.group() for found in islice(MARK.finditer(text, mark.end(), line.end), 2)]
    return len(later) == 2 and not any(found in OPENERS for found in later)
