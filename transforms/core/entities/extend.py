"""Spans that stop short of the name's end or begin inside it: hyphens, particles, suffixes, "University of"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.core.entities.gazetteer import prior
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.names import NameSpan

GIVEN_BEFORE = re.compile(r"(?<![\w@#])(?P<given>[A-ZÀ-Þ][\w-]+) (?:[A-Z]\. )?\Z")
WORD_BEFORE = re.compile(r"(?<!\w)[A-ZÀ-Þ][\w'’]*-\Z")
WORD_BEHIND = re.compile(r"-[A-ZÀ-Þ][\w'’]*[^\W\d_]")
PARTICLES_BEFORE = re.compile(r"(?<![\w-])(?:[Vv]an|[Vv]on|[Dd]e)(?: den| der| la| las| los)? \Z")
SURNAME_BEHIND = re.compile(
    r" (?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|bin|ibn|al|el|ten|ter|zu)\s)+[A-ZÀ-Þ][\w-]+"
)
SUFFIX_BEHIND = re.compile(r",? (?:Jr|Sr)\b\.?|,? (?:III|II|IV)\b")
BODY_OF = re.compile(
    r"\b(?:University|Bank|Church|Institute|Museum|College|Diocese|Archdiocese|Port) of (?:the )?"
    r"[A-ZÀ-Þ][\w-]+(?: (?:[A-ZÀ-Þ][\w-]+|of|and(?= [A-Z])))*(?<! of)(?<! and)"
)
REACH = 40
"""Characters before a span in which the beginning of its name is looked for."""


def extended(spans: Sequence[NameSpan], source: str) -> Iterator[NameSpan]:
    """``spans`` of one field, in order, drawn to the whole name; none grows into its neighbours."""
    for index, span in enumerate(spans):
        floor = spans[index - 1].end if index else 0
        ceiling = spans[index + 1].start if index + 1 < len(spans) else len(source)
        start, end = _start(span, source), _end(span, source)
        start, end = (start if start >= floor else span.start), (end if end <= ceiling else span.end)
        yield replace(span, start=start, end=end, text=source[start:end])


def _start(span: NameSpan, source: str) -> int:
    before = source[max(0, span.start - REACH) : span.start]
    if (match := WORD_BEFORE.search(before)) and _joins(span, match.group()[:-1]):
        return span.start - len(match.group())
    if span.label == "PERSON" and (match := PARTICLES_BEFORE.search(before)):
        return span.start - len(match.group())
    if span.label != "PERSON" or span.text.split()[0].casefold() in GIVEN_NAMES:
        return span.start
    match = GIVEN_BEFORE.search(before)
    return span.start - len(match.group()) if match and match["given"].casefold() in GIVEN_NAMES else span.start


def _end(span: NameSpan, source: str) -> int:
    end = span.end
    if (match := WORD_BEHIND.match(source, end)) and _joins(span, match.group()[1:]):
        end = match.end()
    if span.label == "PERSON":
        for pattern in (SURNAME_BEHIND, SUFFIX_BEHIND):
            match = pattern.match(source, end)
            end = match.end() if match else end
    return end


def _joins(span: NameSpan, word: str) -> bool:
    """Whether a hyphen makes one name of both: not of two places ("Russia-Ukraine")."""
    return span.label == "PERSON" and prior(word) is None and prior(span.text) is None


def with_bodies(spans: Sequence[NameSpan], source: str, field: str) -> list[NameSpan]:
    """``spans`` of one field, those inside "University of Lindow" and its like replaced by the whole."""
    kept = list(spans)
    for match in BODY_OF.finditer(source):
        over = [span for span in kept if span.start < match.end() and match.start() < span.end]
        if all(match.start() <= span.start and span.end <= match.end() for span in over):
            kept = [span for span in kept if span not in over]
            kept.append(NameSpan(match.start(), match.end(), "ORG", match.group(), field))
    return sorted(kept, key=_place)


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)
