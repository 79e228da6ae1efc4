"""Spans that are too long or too short for the name that stands there, put right by what else is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from transforms.core.entities.casing import DATELINE
from transforms.core.entities.extend import touching
from transforms.core.entities.gazetteer import finder, prior
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.hints import NO_PLACES
from transforms.core.entities.names import SUFFIXES, NameSpan, surname
from transforms.core.entities.votes import form_of

OFTEN = 2
"""Mentions of a surname by itself from which it cuts a longer span that holds it once."""


def with_listed(spans: Sequence[NameSpan], source: str, field: str) -> list[NameSpan]:
    """``spans`` of one field, those inside a longer listed name replaced by it ("US" in "US Open")."""
    gone: set[NameSpan] = set()
    made = []
    for match in finder().finditer(source):
        over = touching(spans, match.start(), match.end()) if " " in match.group() else ()
        if over and all(match.start() <= span.start and span.end <= match.end() for span in over):
            gone.update(over)
            label = prior(match.group()) or over[0].label
            made.append(NameSpan(match.start(), match.end(), label, match.group(), field))
    return sorted([*(span for span in spans if span not in gone), *made], key=_place)


def with_datelines(spans: Sequence[NameSpan], source: str, field: str) -> list[NameSpan]:
    """``spans`` of one field with the place of each dateline as a name of its own."""
    made = [
        NameSpan(*match.span("place"), "GPE", match["place"], field)
        for match in DATELINE.finditer(source)
        if _is_place_line(source, match)
    ]
    gone = {span for new in made for span in touching(spans, new.start, new.end)}
    kept = [span for span in spans if span not in gone]
    return sorted([*kept, *made], key=_place)


def _is_place_line(source: str, match: re.Match[str]) -> bool:
    place = match["place"]
    behind = source[match.end() : match.end() + 30]
    is_word = {word.casefold() for word in place.split()} & NO_PLACES or len(place.split()) > 3
    return not is_word and (not re.match(r"\s?[:-]", behind) or prior(place) is not None)


def with_lists_apart(spans: Sequence[NameSpan]) -> Iterator[NameSpan]:
    """``spans`` with those that are a list of surnames ("Penn, Lund") cut, where one of them is a known person's."""
    known = {form_of(surname(span.text)) for span in spans if span.label == "PERSON" and " " in span.text}
    for span in spans:
        parts = span.text.split(", ")
        is_list = len(parts) > 1 and all(" " not in part for part in parts)
        yield from _parts(span, parts) if is_list and known & {form_of(part) for part in parts} else (span,)


def _parts(span: NameSpan, parts: Sequence[str]) -> Iterator[NameSpan]:
    start = span.start
    for part in parts:
        yield replace(span, start=start, end=start + len(part), text=part)
        start += len(part) + len(", ")


@dataclass(frozen=True, slots=True)
class _People:
    """How often each person is named, by form; and the surnames of those who are named in full."""

    mentions: Counter[str]
    surnames: Counter[str]


def without_neighbours(spans: Sequence[NameSpan]) -> Iterator[NameSpan]:
    """``spans`` cut to the person inside, where that person is known from elsewhere and the longer span is not."""
    count = Counter(form_of(span.text) for span in spans)
    mentions = Counter(form_of(span.text) for span in spans if span.label == "PERSON")
    people = _People(mentions, Counter(surname(form) for form in mentions if " " in form))
    for span in spans:
        inner = None if count[form_of(span.text)] > 1 or " " not in span.text else _person_inside(span, people)
        yield from inner or (span,)


def _person_inside(span: NameSpan, people: _People) -> tuple[NameSpan, ...] | None:
    """The parts of a span that begins or ends with a known person: that person, and what else is known there."""
    tokens = list(re.finditer(r"[\w.'’-]*\w", span.text))
    for size in range(len(tokens) - 1, 0, -1):
        for first in (0, len(tokens) - size):
            start, end = tokens[first].start(), tokens[first + size - 1].end()
            inner = replace(span, start=span.start + start, end=span.start + end, text=span.text[start:end])
            is_known = _is_person(inner, people) if size > 1 else first == 1 and _is_bearer(inner, span, people)
            if is_known and not _is_whole(tokens, first, size):
                return (replace(inner, label="PERSON"), *_rest(span, end))
    return None


def _is_person(inner: NameSpan, people: _People) -> bool:
    return people.mentions[form_of(inner.text)] > 0


def _is_bearer(inner: NameSpan, span: NameSpan, people: _People) -> bool:
    """Whether the last of two words is the surname of somebody else who is named in full."""
    form = form_of(inner.text)
    own = int(span.label == "PERSON" and surname(form_of(span.text)) == form)
    return span.label == "PERSON" and people.mentions[form] >= OFTEN and people.surnames[form] > own


def _is_whole(tokens: Sequence[re.Match[str]], first: int, size: int) -> bool:
    """Whether what would be cut off belongs to the name: a given name before it, a suffix behind it."""
    behind = [token.group().casefold() for token in tokens[first + size :]]
    return (first > 0 and tokens[0].group().casefold() in GIVEN_NAMES) or (bool(behind) and set(behind) <= SUFFIXES)


def _rest(span: NameSpan, behind: int) -> Iterator[NameSpan]:
    text = span.text[behind:].strip()
    if text and prior(text) is not None:
        start = span.start + span.text.index(text, behind)
        yield replace(span, start=start, end=start + len(text), text=text, label=prior(text) or span.label)


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)
