"""How sure a quotation is: the share of rows of its rule whose span and speaker were both right on annotated news.

Measured on 480 stories of political news; the tables and their command stand in docs/quotations.md.
"""

from __future__ import annotations

from collections.abc import Mapping

UTTERED: Mapping[str, float] = {
    "cue-after": 0.88,
    "split": 0.87,
    "signed": 0.9,
    "floating": 0.88,
    "cue-before": 0.8,
    "colon": 0.5,
    "only-person": 0.5,
    "cue-verb": 0.5,
    "cue-fragment": 0.5,
    "according-to": 0.55,
    "marks": 0.1,
}
"""Words in marks that are an utterance of their own."""
WOVEN: Mapping[str, float] = {**UTTERED, "cue-after": 0.45, "floating": 0.4, "cue-before": 0.5, "split": 0.8}
"""Words in marks that stand in the reporter's sentence: annotators mostly take the clause around them too."""
PLAIN_TAG = 0.97
"""'"…," X said' with one of the plain cues."""
REPORTED: Mapping[str, float] = {
    "indirect-complement": 0.72,
    "indirect-infinitive": 0.57,
    "indirect-words": 0.4,
    "final-tag": 0.85,
    "aside": 0.81,
    "according-to": 0.73,
    "attitude": 0.75,
    "noun": 0.44,
    "cue-fragment": 0.6,
    "cue-verb": 0.5,
    "label": 0.8,
}
"""Words without marks, or partly in marks."""


def confidence_of(method: str, kind: str, *, opens: bool, plain: bool) -> float:
    """0 to 1.  ``opens`` is whether the quote opens a sentence, ``plain`` whether its cue is one that only says."""
    if kind != "direct":
        return REPORTED[method]
    if method == "cue-after" and opens and plain:
        return PLAIN_TAG
    return (UTTERED if opens else WOVEN)[method]
