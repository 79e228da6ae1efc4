"""The reporter's words inside the marks of a quote, as French and Spanish print them ('« Non, a dit X, jamais. »')."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from transforms.core.quotations.marks import Segment

DASHED = re.compile(r"\s*[—–](?=\w)(?P<words>[^—–«»“”\n]{4,120}?)[—–](?P<after>[,.;:]?)\s*")
IN_COMMAS = re.compile(
    r",\s+(?P<words>(?:(?:a|ont|avait|s['’]est|s['’]|lui a|se)[\s-]*)?[^\s,«»“”]+(?:-t)?"
    r"(?:-(?:il|elle|on)|\s+(?:(?:le|la|l['’]|un|une)\s*)?[^,«»“”\n]{2,70}?)?),\s+"
)
FARTHEST = 4
"""Words among which the cue of a tag stands."""
WORD = re.compile(r"[^\W\d_]+")


def without_incises(text: str, segments: Sequence[Segment], cues: Collection[str]) -> tuple[Segment, ...]:
    """``segments``, those in which a cue of the reporter's stands between dashes or commas in two parts."""
    return tuple(part for segment in segments for part in _parts(text, segment, cues))


def _parts(text: str, segment: Segment, cues: Collection[str]) -> Iterator[Segment]:
    incise = _incise(text, segment, cues)
    if incise is None:
        yield segment
        return
    first_end, second_start = incise
    yield replace(segment, end=first_end, outer_end=first_end, closed=True)
    yield replace(segment, start=second_start, outer_start=second_start, carries_on=True)


def _incise(text: str, segment: Segment, cues: Collection[str]) -> tuple[int, int] | None:
    """Where the first part ends and where the second one starts."""
    for pattern in (DASHED, IN_COMMAS):
        for match in pattern.finditer(text, segment.start, segment.end):
            if is_tag(match["words"], cues) and segment.start < match.start() and match.end() < segment.end:
                return match.start(), match.end()
    return None


def is_tag(words: str, cues: Collection[str]) -> bool:
    """Whether ``words`` begin with a cue, auxiliaries apart, behind which a name or an inverted pronoun stands."""
    behind = WORD.findall(words)
    at = next((index for index, word in enumerate(behind[:FARTHEST]) if word.lower() in cues), None)
    if at is None:
        return False
    is_pronoun = re.search(r"-(?:t-)?(?:il|elle|on)\b", words) is not None
    return is_pronoun or any(word[0].isupper() for word in behind[at + 1 :])
