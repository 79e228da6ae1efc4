"""Quotes without a speaker of their own: carried by what was said before, announced, or signed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from transforms.core.quotations.attribution import Attribution
from transforms.core.quotations.grammar import NOT_MASKED, Sentence
from transforms.core.quotations.leads import lead_in_speaker
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import Paragraph, Segment

SIGNED = re.compile(r"\s*[-–—―]+\s*(?P<name>[^\W\d_][^\n,(]{1,60}?)\s*(?:[,(][^\n]{0,120})?[.\s]*\Z")
SIGNED_BEHIND = re.compile(
    r"\s*[-–—―]+\s*(?P<name>[^\W\d_a-zß-ÿ][\w.'’-]*(?:\s+(?:[^\W\d_a-zß-ÿ][\w.'’-]*|de|van|von|der|la|du|di|bin|al)){0,4})"
    r"(?:,[^\n\"“”]{1,80})?[.\s]*\Z"
)
"""A name behind a dash that fills the rest of the line, as in lists of readers' voices."""
HIGHER = 3
"""Paragraphs above the one before that a floating quote looks back to, when nobody is named in between."""
LONGEST_SIGNATURE = 160
"""Characters of a line that can sign a quote."""


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody speaks at ``position``: a quote with its speaker, or a reported clause."""

    position: int
    attribution: Attribution


class Flow:
    """The order of speech in one text: which paragraph a place is in and who spoke there."""

    def __init__(
        self, text: str, lines: Sequence[Paragraph], events: Sequence[Event], people: Sequence[tuple[int, int]]
    ) -> None:
        self._text = text
        self._lines = lines
        self._starts = [line.start for line in lines]
        self._events = sorted(events, key=_position)
        self._people = people

    def line_of(self, position: int) -> int:
        """The index of the paragraph that holds ``position``."""
        return bisect_right(self._starts, position) - 1

    def last_before(self, position: int, line: int) -> Attribution | None:
        """The last to speak in paragraph ``line`` before ``position``."""
        found = [event for event in self._events_of(line) if event.position < position]
        return found[-1].attribution if found else None

    def first_after(self, position: int, line: int) -> Attribution | None:
        """The first to speak in paragraph ``line`` behind ``position``."""
        return next((event.attribution for event in self._events_of(line) if event.position > position), None)

    def with_event(self, event: Event) -> Flow:
        """The same flow, with one more event."""
        return Flow(self._text, self._lines, [*self._events, event], self._people)

    def person_before(self, position: int, line: int) -> tuple[int, int] | None:
        """The last person named in paragraph ``line`` before ``position``."""
        start = self._lines[line].start
        found = [span for span in self._people if start <= span[0] < position]
        return found[-1] if found else None

    def first_person(self, line: int) -> tuple[int, int] | None:
        """The first person named in paragraph ``line``: mostly its subject."""
        start, end = self._lines[line].start, self._lines[line].end
        return next((span for span in self._people if start <= span[0] < end), None)

    def signature_after(self, line: int) -> tuple[int, int] | None:
        """The name in a line '— Name' right below paragraph ``line``."""
        if line + 1 >= len(self._lines):
            return None
        below = self._lines[line + 1]
        if below.end - below.start > LONGEST_SIGNATURE:
            return None
        match = SIGNED.match(self._text[below.start : below.end])
        return (below.start + match.start("name"), below.start + match.end("name")) if match else None

    def _events_of(self, line: int) -> list[Event]:
        start, end = self._lines[line].start, self._lines[line].end
        return [event for event in self._events if start <= event.position < end]


def _position(event: Event) -> int:
    return event.position


def signed_behind(text: str, lines: Sequence[Paragraph], segments: Sequence[Segment]) -> dict[int, Attribution]:
    """By segment: the name that signs it on its own line ('"…" — Name')."""
    starts = [line.start for line in lines]
    found = {}
    for index, segment in enumerate(segments):
        line = lines[bisect_right(starts, segment.start) - 1]
        if line.end - segment.outer_end > LONGEST_SIGNATURE:
            continue
        match = SIGNED_BEHIND.match(text[segment.outer_end : line.end])
        if match is not None:
            start, end = segment.outer_end + match.start("name"), segment.outer_end + match.end("name")
            found[index] = Attribution((start, end), None, "signed", start)
    return found


def announced(sentences: Sequence[Sentence], lexicon: Lexicon) -> dict[int, Attribution]:
    """By paragraph: whom its last sentence announces, where that ends in a colon ('He went on:')."""
    found: dict[int, Attribution] = {}
    for sentence in sentences:
        found.pop(sentence.paragraph, None)
        if sentence.words[-1].text == ":" and all(word.masked == NOT_MASKED for word in sentence.words):
            who = lead_in_speaker(sentence, sentence.words)
            if who is not None and not _is_pointer(sentence, lexicon):
                found[sentence.paragraph] = who
    return found


def _is_pointer(sentence: Sentence, lexicon: Lexicon) -> bool:
    """Whether a line announces a list or a question rather than words ('Here are five things to know:')."""
    return sentence.words[0].lower in lexicon.pointers


def with_floating(
    segments: Sequence[Segment],
    wanted: Sequence[int],
    own: Mapping[int, Attribution],
    flow: Flow,
    leads: Mapping[int, Attribution],
) -> dict[int, Attribution]:
    """``own`` with a speaker for each of the ``wanted`` segments that has none but can get one."""
    spoken = dict(own)
    for index in wanted:
        if index in spoken:
            continue
        carried = spoken.get(index - 1) if segments[index].carries_on else None
        found = carried or _floating(segments[index], flow, leads)
        if found is None:
            continue
        spoken[index] = (
            found if found.method in {"signed", "colon"} else replace(found, cue=None, method=_method(found))
        )
        flow = flow.with_event(Event(segments[index].start, spoken[index]))
    return spoken


def _method(found: Attribution) -> str:
    return "only-person" if found.method == "only-person" else "floating"


def _floating(segment: Segment, flow: Flow, leads: Mapping[int, Attribution]) -> Attribution | None:
    line = flow.line_of(segment.start)
    before = flow.last_before(segment.start, line)
    if before is not None:
        return before
    signature = flow.signature_after(line)
    if signature is not None:
        return Attribution(signature, None, "signed", signature[0])
    if line - 1 in leads:
        return leads[line - 1]
    after = flow.first_after(segment.end, line)
    if after is not None:
        return after
    person = flow.person_before(segment.start, line)
    if person is not None:
        return Attribution(person, None, "only-person", person[0])
    return _from_above(segment, flow, line)


def _from_above(segment: Segment, flow: Flow, line: int) -> Attribution | None:
    """The last to speak in the paragraph above, else the first named there, else the last to speak a little higher."""
    if line == 0:
        return None
    spoke = flow.last_before(segment.start, line - 1)
    if spoke is not None:
        return spoke
    person = flow.first_person(line - 1)
    if person is not None:
        return Attribution(person, None, "only-person", person[0])
    higher = (flow.last_before(segment.start, above) for above in range(line - 2, max(-1, line - 1 - HIGHER), -1))
    return next((found for found in higher if found is not None), None)
