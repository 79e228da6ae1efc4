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


MOST_BEARERS = 50


@dataclass(slots=True)
class Bearer:
    """One of the people with a surname: given name, full mentions, and where the last mention so far stood."""

    home: int
    given: str
    full_mentions: int
    first: tuple[bool, int, int]
    last: tuple[bool, int, int] | None = None
    titled: str = ""

    @property
    def gender(self) -> str:
        """``he`` or ``she`` by a title that stood before the name, else by the given name, or nothing."""
        return self.titled or ("he" if self.given in MALE else "she" if self.given in FEMALE else "")


def chosen(span: NameSpan, bearers: Sequence[Bearer], source: str) -> Bearer:
    """The bearer whom a mention by surname alone means.  Of very many only the first are looked at."""
    before = source[max(0, span.start - 8) : span.start]
    asked = "he" if MISTER.search(before) else "she" if MISS.search(before) else ""
    near = bearers[:MOST_BEARERS]
    if len(near) == 1:
        return near[0]
    fitting = [bearer for bearer in near if not asked or bearer.gender in ("", asked)] or near
    scene = _scene(span, fitting, source)
    best = max(fitting, key=lambda bearer: (_score(bearer, scene), *_order(bearer)))
    if not best.gender:
        best.titled = asked  # so the other one is the other: "Ms. Greaves … Mr. Greaves"
    return best


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all bearers are measured against at one mention."""

    pronoun: str
    last: tuple[bool, int, int] | None
    is_same_paragraph: bool
    first: tuple[bool, int, int]
    most: int


def _scene(span: NameSpan, bearers: Sequence[Bearer], source: str) -> _Scene:
    last = max((bearer.last for bearer in bearers if bearer.last is not None), default=None)
    is_same_field = last is not None and last[0] == (span.field == "text")
    return _Scene(
        pronoun=_pronoun(source, span.end),
        last=last,
        is_same_paragraph=is_same_field and last is not None and "\n" not in source[last[1] : span.start],
        first=min(bearer.first for bearer in bearers),
        most=max(bearer.full_mentions for bearer in bearers),
    )


def _score(bearer: Bearer, scene: _Scene) -> float:
    is_last = bearer.last is not None and bearer.last == scene.last
    score = FIRST * (bearer.first == scene.first) + LAST * is_last + SALIENT * bearer.full_mentions / scene.most
    score += SAME_PARAGRAPH * (is_last and scene.is_same_paragraph)
    if scene.pronoun and bearer.gender:
        score += PRONOUN if scene.pronoun == bearer.gender else -PRONOUN
    return score


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
