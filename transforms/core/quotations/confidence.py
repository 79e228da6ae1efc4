"""How sure a quotation is: the share of rows of its rule whose span and speaker were both right on annotated news.

Measured on 560 stories of political news; the tables and their command stand in docs/quotations.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

UTTERED: Mapping[str, float] = {
    "cue-after": 0.88,
    "split": 0.87,
    "signed": 0.9,
    "floating": 0.92,
    "cue-before": 0.82,
    "colon": 0.6,
    "only-person": 0.5,
    "cue-verb": 0.45,
    "cue-fragment": 0.55,
    "according-to": 0.7,
    "marks": 0.1,
}
"""Words in marks that are an utterance of their own."""
WOVEN: Mapping[str, float] = {**UTTERED, "cue-after": 0.55, "floating": 0.5, "cue-before": 0.7, "split": 0.85}
"""Words in marks that stand in the reporter's sentence: annotators mostly take the clause around them too."""
REPORTED: Mapping[str, float] = {
    "indirect-complement": 0.69,
    "indirect-infinitive": 0.56,
    "indirect-words": 0.56,
    "final-tag": 0.86,
    "aside": 0.81,
    "according-to": 0.75,
    "attitude": 0.67,
    "noun": 0.52,
    "label": 0.76,
    "cue-fragment": 0.57,
    "cue-verb": 0.3,
}
"""Words without marks, or partly in marks."""
PLAIN_TAG = 0.97
"""'"…," X said' with one of the plain cues, one sentence and its cue close behind it."""
OTHER_TAG = 0.93
"""The same, of several sentences or with a long name in between."""
PLAIN_CLAUSE = 0.77
"""'X said that …' with one of the plain cues."""
OPENING = " …'‘\"“[(-.«¡¿"
CLOSED = frozenset(",!?")
BRACKET_OR_STOP = re.compile(r"[\[\]()]|[.!?…][\"”’')]*\s")
NEAR = 20
"""Characters between a quote and its cue, where a short name may stand."""


class Shape(StrEnum):
    """How words in marks stand in their sentence."""

    PLAIN = "plain"
    """One sentence, closed by a comma or mark of its own, its cue right behind it."""
    OPENS = "opens"
    """A sentence or more of its own."""
    WOVEN = "woven"
    """Part of the reporter's sentence."""


def shape_of(words: str, behind: int | None) -> Shape:
    """How quoted ``words`` stand; ``behind`` is how many characters further on their cue starts, if they have one.

    Brackets are the reporter's words inside the quote, several sentences are often counted one by one.
    """
    bare = words.strip(" \u00a0")
    if bare.lstrip(OPENING)[:1].islower():
        return Shape.WOVEN
    is_closed = bare[-1:] in CLOSED and not BRACKET_OR_STOP.search(bare[:-1])
    return Shape.PLAIN if is_closed and behind is not None and behind <= NEAR else Shape.OPENS


def confidence_of(method: str, kind: str, shape: Shape, *, plain: bool) -> float:
    """0 to 1.  ``plain`` is whether the cue is one that only says."""
    if kind != "direct":
        return PLAIN_CLAUSE if plain and method == "indirect-complement" else REPORTED[method]
    if method == "cue-after" and plain and shape is not Shape.WOVEN:
        return PLAIN_TAG if shape is Shape.PLAIN else OTHER_TAG
    return (WOVEN if shape is Shape.WOVEN else UTTERED)[method]
