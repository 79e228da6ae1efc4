"""An attribution: who said it, by which words, and how far the speaker's name reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.core.quotations.grammar import Sentence, Word
from transforms.core.quotations.phrases import noun_phrase

HYPHENS = re.compile(r"(?:-(?:t-)?(?=\w))?")
"""What French puts before an inverted pronoun ('a-t-il dit')."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who said a segment, how we know: spans of the text, half-open, or None."""

    speaker: tuple[int, int] | None
    cue: tuple[int, int] | None
    method: str
    head: int | None = None
    """Where the head word of the speaker starts."""


def attributed(sentence: Sentence, subject: Word, cue: Word | None, method: str) -> Attribution:
    """An attribution to the whole noun phrase around ``subject``."""
    phrase = noun_phrase(sentence, subject)
    start = phrase[0].start + HYPHENS.match(phrase[0].text).end()  # type: ignore[union-attr]  # it matches anything
    return Attribution(
        (start, phrase[-1].end), (cue.start, cue.end) if cue is not None else None, method, subject.start
    )
