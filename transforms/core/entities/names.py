"""A name as the model found it, and what the project knows about names."""

from __future__ import annotations

from dataclasses import dataclass

TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "WORK_OF_ART", "LAW", "PRODUCT"})
"""Types that an article stores; numbers, dates and the like are left out."""
OTHER_LABELS = {"PER": "PERSON", "MISC": "PRODUCT", "LOC": "LOC", "ORG": "ORG"}
"""Labels of the models trained on WikiNER, in the terms above."""


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name in the text or the headline: offsets into that field, half-open."""

    start: int
    end: int
    label: str
    text: str
    field: str = "text"
