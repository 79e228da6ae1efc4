"""A name as the model found it, and what the project knows about names."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.core.entities.wordlist import words

TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "WORK_OF_ART", "LAW", "PRODUCT"})
"""Types that an article stores; numbers, dates and the like are left out."""
OTHER_LABELS = {"PER": "PERSON", "MISC": "PRODUCT", "LOC": "LOC", "ORG": "ORG"}
"""Labels of the models trained on WikiNER, in the terms above."""


PARTICLES = frozenset(
    words("van von de der den del della di da dos das do du la le el al bin ibn ter ten zu af y dem abu st.")
)
"""Small words inside surnames ("von der Leyen")."""

SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
"""What stands behind a surname."""


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name in the text or the headline: offsets into that field, half-open."""

    start: int
    end: int
    label: str
    text: str
    field: str = "text"


def surname(name: str) -> str:
    """The last part of a name that is no suffix ('Jr.')."""
    parts = [part for part in name.split() if part.casefold().rstrip(",") not in SUFFIXES]
    return parts[-1] if parts else name


def surname_with_particles(name: str) -> str:
    """The surname with the small words that belong to it: "von der Aue" of "Ursula von der Aue"."""
    parts = [part for part in name.split() if part.casefold().rstrip(",") not in SUFFIXES]
    first = len(parts) - 1
    while first > 1 and parts[first - 1].casefold() in PARTICLES:
        first -= 1
    return " ".join(parts[first:]) if parts else name
