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
    """The surname alone: the last part that is no suffix ("Jr."), or the first where it comes first ("Son Min-jae")."""
    parts = _without_suffix(name)
    return "" if not parts else parts[0] if _is_family_first(parts) else parts[-1]


def surname_with_particles(name: str) -> str:
    """The surname with the small words that belong to it: "von der Aue" of "Ursula von der Aue"."""
    parts = _without_suffix(name)
    if len(parts) < 2 or _is_family_first(parts):
        return surname(name)
    first = len(parts) - 1
    while first > 1 and parts[first - 1].casefold() in PARTICLES:
        first -= 1
    return " ".join(parts[first:])


def _without_suffix(name: str) -> list[str]:
    parts = [part for part in name.split() if part.casefold().rstrip(",") not in SUFFIXES]
    return parts or name.split()


def _is_family_first(parts: list[str]) -> bool:
    """Korean and some Chinese names: one word, then two joined by a hyphen of which the second is small."""
    head, hyphen, tail = parts[-1].partition("-")
    return len(parts) == 2 and bool(hyphen and head and tail) and head[0].isupper() and tail.islower()
