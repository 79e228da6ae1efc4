"""Which language a text is in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

SLICE_CHARS = 400
"""Characters that are looked at in each of three places, at the beginning, in the middle and at the end: as many as the
model needs to be right.  The first 2,000 instead give the same language for 722 stories, and take longer; but where a
story in another language opens with three tenths of English they are right for 18 of 54, the three places for all
(docs/decisions/0005)."""

MIN_LETTERS = 20
"""Below this a guess is worth nothing."""

_BCP47 = {"kik": "ki", "gug": "gn", "uzs": "uz"}
"""Labels of the model that are no BCP 47 language, or not its shortest form."""

_NOT_NEWS = frozenset(
    {"zxx", "la", "grc", "hbo", "sa", "vo", "eo", "ext", "gcf", "gcr", "an", "wuu", "lij", "vec", "ltg"}
)
"""Dead, planned and hardly written languages, which only win texts in a sister language from it."""


@dataclass(frozen=True, slots=True)
class Detected:
    """A BCP 47 language, how sure the model is (0 to 1), and the model's name with its version."""

    language: str
    confidence: float
    detector: str


def detect(text: str) -> Detected | None:
    """The language of a text, or None where there is too little of it to tell."""
    sample = _sample(text)
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    label, probability = _identifier().classify(sample)
    return Detected(_BCP47.get(label, str(label)), round(float(probability), 4), _detector())


def _sample(text: str) -> str:
    behind = len(text) - SLICE_CHARS
    if behind <= 2 * SLICE_CHARS:
        return text
    return " ".join(text[at : at + SLICE_CHARS] for at in (0, behind // 2, behind))


def warm() -> None:
    """Load the model now, 0.4 s, so that the first text does not pay for it."""
    _identifier()


@cache
def _identifier() -> Any:  # py3langid ships no types
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if label not in _NOT_NEWS])
    # It picks rows of what is laid out by columns: by rows a text takes 0.6 of the time.
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc)
    return identifier


@cache
def _detector() -> str:
    return f"py3langid {version('py3langid')}"
