"""Single quotation marks as the outer ones ('…' and ‘…’), as in the British press and in headlines.

An apostrophe looks the same, so single marks are paired only where a closing one follows the end of an utterance or
ends a phrase, and only in texts that use double marks less, or for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from transforms.core.quotations.marks import Paragraph, Segment, is_inside

OPENER = re.compile(
    r"(?<![\w'’‘])['‘](?!\s|['’‘]|\d\ds?\b|(?:em|til|till|tis|twas|cause|cos|bout|round|n)\b)(?=\S)", re.I
)
ENDS_UTTERANCE = re.compile(r"(?<=[,.!?…—–-])['’](?![\w'’])")
ENDS_PHRASE = re.compile(r"(?<=\w)['’](?=[,.;:!?)\]]|\s*\Z)|(?<=[^\Ws])['’](?=\s)")
ENDS_LAST = re.compile(r"(?<=s)['’](?=\s(?:and|said|says|in|at|on|as|for|with|by|to)\b)")
WORD = re.compile(r"\w+")
OPENS_SENTENCE = frozenset({"", "\n", ".", ":", "!", "?", ","})
"""What stands before a mark that opens a whole sentence."""
LONGEST, MOST_OPENERS = 3_000, 400
"""Characters of a quote, opening marks of a line: the search is quadratic in hostile lines, and the press has fewer."""
SHORTEST = 3
"""Words of a segment that shows that a text speaks in single marks."""


def single_segments(text: str, lines: Sequence[Paragraph]) -> tuple[Segment, ...]:
    """Every segment in single marks, in order, whether they are used as quotation marks or not."""
    return tuple(segment for line in lines for segment in _paired(text, line))


def with_singles(text: str, lines: Sequence[Paragraph], doubles: Sequence[Segment]) -> tuple[Segment, ...]:
    """``doubles`` with the segments in single marks, where these are the outer marks of the text."""
    singles = single_segments(text, lines)
    spans = [(segment.start, segment.end) for segment in singles]
    quoted = [(segment.start, segment.end) for segment in doubles]
    outside = [segment for segment in doubles if not is_inside(spans, segment.start)]
    spoken = [segment for segment in singles if _is_utterance(text, segment) and not is_inside(quoted, segment.start)]
    if not spoken or len(spoken) <= len(outside):
        return tuple(doubles)
    own = [segment for segment in singles if not is_inside(quoted, segment.start)]
    return tuple(sorted([*outside, *own], key=_start))


def _start(segment: Segment) -> int:
    return segment.start


def _is_utterance(text: str, segment: Segment) -> bool:
    words = len(WORD.findall(text, segment.start, segment.end))
    before = text[max(0, segment.outer_start - 2) : segment.outer_start].rstrip(" ")[-1:]
    is_sentence = before in OPENS_SENTENCE and text[segment.start].isupper()
    return words >= SHORTEST and (is_sentence or text[segment.end - 1] in ",.!?…")


def _paired(text: str, line: Paragraph) -> Iterator[Segment]:
    starts = [match.start() for match in OPENER.finditer(text, line.start, line.end)]
    if len(starts) > MOST_OPENERS:
        return
    behind = line.start
    for opener, following in pairwise([*starts, line.end]):
        if opener < behind:
            continue
        closer = _closer(text, opener + 1, following) or _closer(text, opener + 1, min(line.end, opener + LONGEST))
        if closer is not None:
            yield Segment(opener + 1, closer, opener, closer + 1)
            behind = closer + 1


def _closer(text: str, start: int, end: int) -> int | None:
    """Where the quote that opened before ``start`` closes: at the end of an utterance, else of a phrase."""
    for pattern in (ENDS_UTTERANCE, ENDS_PHRASE, ENDS_LAST):
        found = pattern.search(text, start, end)
        if found is not None and text[start : found.start()].strip():
            return found.start()
    return None
