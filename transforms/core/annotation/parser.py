"""The adapter to spaCy: its Docs and Spans go no further than this package."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache

import spacy
from spacy.language import Language
from thinc.api import use_ops

from transforms.core.annotation.parsing import FrameParser
from transforms.core.annotation.reading import reader_of
from transforms.core.annotation.words import Memory
from transforms.core.entities import NameSpan
from transforms.core.quotations import Frame, Sentence, Token

LEFT_OUT = ("lemmatizer", "senter")
BATCH = 64


def _load(package: str) -> Language:
    """The pipeline of ``package``.  Raises OSError where it is not installed.

    Matrices are multiplied by numpy's BLAS: spaCy's own, BLIS, has no code for many processors and is then three times
    as slow.
    """
    with warnings.catch_warnings(), use_ops("numpy", use_blis=False):
        # The newest Spanish model on the package index was trained with spaCy 3.1; its golden cases hold under 3.8.
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        return spacy.load(package, exclude=LEFT_OUT)


@cache
def model(package: str) -> Model:
    """The model of ``package``, loaded once in a process: it takes up to two seconds and 150 MB."""
    return Model(package)


class Model:
    """One spaCy model, run in parts: names over the whole text, grammar over the frames alone.

    Everything that leaves a call is plain data.
    """

    def __init__(self, package: str) -> None:
        nlp = _load(package)
        self.version = f"{package} {nlp.meta['version']}"
        self._memory = Memory(nlp)
        self._reader = reader_of(nlp, self._memory)
        self._parser = FrameParser(nlp, self._memory)

    def read(self, text: str, field: str) -> tuple[tuple[Token, ...], tuple[NameSpan, ...]]:
        """The tokens of ``text`` and the names that the model finds in it."""
        self._memory.make_room()
        tokens, found = self._reader.read(text)
        return tokens, tuple(
            NameSpan(start, end, label, text[start:end], field)
            for first, behind, label in found
            for start, end in [(tokens[first].start, tokens[behind - 1].end)]
        )

    def parse(self, frames: Sequence[Frame]) -> tuple[Sentence, ...]:
        """The frames parsed; one that the parser takes for two sentences comes back as two."""
        self._memory.make_room()
        return tuple(
            sentence
            for start in range(0, len(frames), BATCH)
            for sentence in self._parser.parse(frames[start : start + BATCH])
        )
