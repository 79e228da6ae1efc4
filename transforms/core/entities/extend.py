"""Spans that stop short of the name's end or begin inside it: hyphens, particles, suffixes, "University of"."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.core.entities.casing import lines_of
from transforms.core.entities.gazetteer import prior
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.names import NameSpan, surname
from transforms.core.entities.wordlist import words

GIVEN_BEFORE = re.compile(r"(?<![\w@#])(?P<given>[A-ZÀ-Þ][\w-]+) (?:[A-Z]\. )?\Z")
FORENAME = re.compile(r"(?<![\w@#.-])(?P<word>[A-ZÀ-Þ][a-zà-ÿ][\w’'-]*) \Z")
INNER = re.compile(r"[a-zà-ÿ,] \Z")
NOT_GIVEN = frozenset(
    words(
        "mr mrs ms miss mx dr sir dame lord lady sen rep gov prof gen col lt sgt det const capt rev president premier "
        "minister chancellor mayor senator governor captain professor doctor judge justice chief sergeant constable "
        "detective officer inspector superintendent commissioner director coach secretary chairman chairwoman king "
        "queen prince princess pope bishop sister brother father mother uncle aunt republican democrat democratic "
        "labour conservative liberal former young old little saint mount lake monday tuesday wednesday thursday friday "
        "saturday sunday january february march april may june july august september october november december"
    )
)
"""Capitalised words before a surname that are no given names."""

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


def with_forenames(spans: Sequence[NameSpan], source: str) -> Iterator[NameSpan]:
    """``spans`` of one field, in order, with lone surnames drawn to a capitalised word that must be the given name.

    It must be: inside a sentence a capital says so; at its beginning only a known given name does.
    """
    end = 0
    lines = lines_of(source)
    full = {surname(span.text) for span in spans if " " in span.text}
    for span in spans:
        is_lone = span.label == "PERSON" and " " not in span.text and span.text.casefold() not in GIVEN_NAMES
        may_grow = is_lone and not lines.is_title(span.start) and not lines.is_capitals(span.start)
        start = _forename(span, source, span.text in full) if may_grow else span.start
        drawn = replace(span, start=start, text=source[start : span.end]) if end <= start < span.start else span
        end = span.end
        yield drawn


def _forename(span: NameSpan, source: str, is_known: bool) -> int:
    match = FORENAME.search(source[max(0, span.start - REACH) : span.start])
    if match is None or prior(match["word"]) is not None:
        return span.start
    start = span.start - len(match.group())
    word = match["word"].casefold()
    is_inner = not is_known and INNER.search(source[max(0, start - 3) : start]) is not None and word not in NOT_GIVEN
    return start if is_inner or word in GIVEN_NAMES else span.start


def joined(spans: Sequence[NameSpan], source: str) -> Iterator[NameSpan]:
    """``spans`` of one field, in order, a lone given name and the lone name right behind it made one."""
    before: NameSpan | None = None
    for span in spans:
        if before is not None and _is_one_name(before, span, source):
            before = replace(before, end=span.end, text=source[before.start : span.end])
            continue
        if before is not None:
            yield before
        before = span
    if before is not None:
        yield before


def _is_one_name(one: NameSpan, other: NameSpan, source: str) -> bool:
    are_people = one.label == other.label == "PERSON" and " " not in one.text and " " not in other.text
    return are_people and source[one.end : other.start] == " " and one.text.casefold() in GIVEN_NAMES


def _joins(span: NameSpan, word: str) -> bool:
    """Whether a hyphen makes one name of both: not of two places ("Russia-Ukraine")."""
    return span.label == "PERSON" and prior(word) is None and prior(span.text) is None


def with_bodies(spans: Sequence[NameSpan], source: str, field: str) -> list[NameSpan]:
    """``spans`` of one field, in order, those inside "University of Lindow" and its like replaced by the whole."""
    made: list[NameSpan] = []
    gone: set[NameSpan] = set()
    for match in BODY_OF.finditer(source):
        over = touching(spans, match.start(), match.end())
        if all(match.start() <= span.start and span.end <= match.end() for span in over):
            gone.update(over)
            made.append(NameSpan(match.start(), match.end(), "ORG", match.group(), field))
    return sorted([*(span for span in spans if span not in gone), *made], key=_place)


def touching(spans: Sequence[NameSpan], start: int, end: int) -> Sequence[NameSpan]:
    """Those of ``spans``, in order and apart, that share a character with [start, end)."""
    return spans[bisect_right(spans, start, key=_end_of) : bisect_left(spans, end, key=_start_of)]


def _start_of(span: NameSpan) -> int:
    return span.start


def _end_of(span: NameSpan) -> int:
    return span.end


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)
