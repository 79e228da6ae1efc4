"""All that stands in marks: double marks, single ones where they are the outer ones, and lines of dialogue."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from transforms.core.quotations.incises import is_tag, without_incises
from transforms.core.quotations.marks import Marked, Paragraph, Segment, is_inside, paragraphs, segments
from transforms.core.quotations.singles import with_singles

DIALOGUE = re.compile(r"\s*[—–]\s*(?=\S)")
TAG = re.compile(r",\s+(?P<words>[^,—–\n]{3,80}?)[.…]?\s*(?=\n|\Z)")
INNER_DASH = re.compile(r"\s+[—–](?=\w)|(?<=\S)[—–](?=[\s.,;:])[.,;:]?")


def marked(text: str, *, dialogue: bool = False, incises: Collection[str] = ()) -> Marked:
    """The paragraphs of ``text`` and what stands in marks in each.

    ``incises`` are verb forms that may stand inside the marks with their subject ('« Non, a dit X, jamais. »').
    With ``dialogue`` a line that opens with a dash is speech too, as in French and Spanish ('—No —dijo X—. Nunca.').
    """
    lines = paragraphs(text)
    found = with_singles(text, lines, segments(text, lines))
    if incises:
        found = without_incises(text, found, incises)
    if dialogue:
        spoken = [segment for line in lines for segment in _dialogue(text, line, incises)]
        quoted = [(segment.start, segment.end) for segment in spoken]
        found = tuple(sorted([*spoken, *(s for s in found if not is_inside(quoted, s.start))], key=_start))
    return Marked(lines, found)


def _start(segment: Segment) -> int:
    return segment.start


def _dialogue(text: str, line: Paragraph, cues: Collection[str]) -> Iterator[Segment]:
    """The spoken parts of a line that opens with a dash; every second dash starts what the reporter says."""
    opened = DIALOGUE.match(text, line.start, line.end)
    if opened is None:
        return
    tag = TAG.search(text, opened.end(), line.end)
    if tag is not None and is_tag(tag["words"], cues):
        yield Segment(opened.end(), tag.start(), opened.start(), tag.start())
        return
    dashes = [opened, *INNER_DASH.finditer(text, opened.end(), line.end)]
    if len(dashes) < 2:
        return
    for index in range(0, len(dashes), 2):
        start = dashes[index].end()
        closed = index + 1 < len(dashes)
        end = dashes[index + 1].start() if closed else line.end
        if text[start:end].strip(" .,;:"):
            yield Segment(start, end, dashes[index].start(), end, carries_on=index > 0)
