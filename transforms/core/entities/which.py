"""Which of several people a surname means that they share: spouses, a father and his son."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.core.entities.given_names import FEMALE, MALE
from transforms.core.entities.names import NameSpan
from transforms.core.entities.same import Parts

MISTER = re.compile(r"\b(?:Mr|Sir|Lord)\.? \Z")
MISS = re.compile(r"\b(?:Mrs|Ms|Miss|Lady|Dame)\.? \Z")
HE = re.compile(r"\b(?:he|his|him|himself)\b")
SHE = re.compile(r"\b(?:she|her|hers|herself)\b")
SENTENCE = re.compile(r"[^.!?\n]*")
FIRST, LAST, SAME_PARAGRAPH, SALIENT, PRONOUN = 1.5, 2.0, 1.0, 1.0, 2.0
"""Weights: who comes first in the story, who was named last, and in this paragraph; who is named in full most; whose
pronoun follows."""


@dataclass(slots=True)
class Bearer:
    """One of the people with a surname: given name, full mentions, and where the last mention so far stood."""

    home: int
    given: str
    full_mentions: int
    first: tuple[bool, int, int]
    last: tuple[bool, int, int] | None = None

    @property
    def gender(self) -> str:
        """``he`` or ``she`` by the given name, or nothing."""
        return "he" if self.given in MALE else "she" if self.given in FEMALE else ""


def chosen(span: NameSpan, bearers: Sequence[Bearer], source: str) -> Bearer:
    """The bearer whom a mention by surname alone means."""
    before = source[max(0, span.start - 8) : span.start]
    asked = "he" if MISTER.search(before) else "she" if MISS.search(before) else ""
    fitting = [bearer for bearer in bearers if not asked or bearer.gender in ("", asked)] or list(bearers)
    return max(fitting, key=lambda bearer: (_score(bearer, span, fitting, source), *_order(bearer)))


def _score(bearer: Bearer, span: NameSpan, bearers: Sequence[Bearer], source: str) -> float:
    lasts = [other.last for other in bearers if other.last is not None]
    is_last = bearer.last is not None and bearer.last == max(lasts)
    in_paragraph = (
        is_last
        and bearer.last is not None
        and bearer.last[0] == (span.field == "text")
        and "\n" not in source[bearer.last[1] : span.start]
    )
    salience = bearer.full_mentions / max(other.full_mentions for other in bearers)
    pronoun = _pronoun(source, span.end)
    agrees = 0.0 if not pronoun or not bearer.gender else PRONOUN if pronoun == bearer.gender else -PRONOUN
    is_first = bearer.first == min(other.first for other in bearers)
    return FIRST * is_first + LAST * is_last + SAME_PARAGRAPH * in_paragraph + SALIENT * salience + agrees


def _pronoun(source: str, position: int) -> str:
    match = SENTENCE.match(source, position)
    rest = match.group() if match else ""
    he, she = bool(HE.search(rest)), bool(SHE.search(rest))
    return "he" if he and not she else "she" if she and not he else ""


def _order(bearer: Bearer) -> tuple[int, int]:
    return (-bearer.first[1], -bearer.home)


def bearer_of(home: int, parts: Parts, spans: Sequence[NameSpan]) -> Bearer:
    """A person with all mentions in full, in order."""
    first = spans[0]
    return Bearer(home, parts[0], len(spans), (first.field == "text", first.start, first.end))
