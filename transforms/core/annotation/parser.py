"""The adapter to spaCy: its Docs and Spans go no further than this package."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import use_ops

from transforms.core.annotation.coarse import CoarseTags
from transforms.core.annotation.names import NameFinder, can_find
from transforms.core.entities import NameSpan
from transforms.core.quotations import Frame, Sentence, Token, Word, sentence_of

FOR_GRAMMAR = ("tok2vec", "transformer", "tagger", "morphologizer", "parser")
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


class Model:
    """One spaCy model, run in parts: names over the whole text, grammar over the frames alone.

    Everything that leaves a call is plain data, so that the call can run inside a memory zone.
    """

    def __init__(self, package: str) -> None:
        self._nlp: Language = _load(package)
        self.version = f"{package} {self._nlp.meta['version']}"
        self._recognizer: Any = self._nlp.get_pipe("ner") if self._nlp.has_pipe("ner") else None
        self._finder = NameFinder(self._recognizer) if can_find(self._recognizer) else None
        self._grammar: list[Any] = [pipe for name, pipe in self._nlp.pipeline if name in FOR_GRAMMAR]
        self._coarse = CoarseTags(self._nlp)

    @contextmanager
    def memory_zone(self) -> Iterator[None]:
        """Strings that are seen inside the zone are forgotten at its end."""
        with self._nlp.memory_zone():
            yield

    def read(self, text: str, field: str) -> tuple[tuple[Token, ...], tuple[NameSpan, ...]]:
        """The tokens of ``text`` and the names that the model finds in it."""
        doc = self._nlp.make_doc(text)
        tokens = tuple(
            Token(text[start : start + length], start, start + length)
            for start, length in doc.to_array(["IDX", "LENGTH"]).tolist()
        )
        return tokens, tuple(
            NameSpan(start, end, label, text[start:end], field)
            for first, behind, label in self._names(doc)
            for start, end in [(tokens[first].start, tokens[behind - 1].end)]
        )

    def _names(self, doc: Doc) -> Sequence[tuple[int, int, str]]:
        if self._finder is not None:
            return self._finder.find(doc)
        if self._recognizer is not None:
            doc = self._recognizer(doc)
        return [(span.start, span.end, span.label_) for span in doc.ents]

    def parse(self, frames: Sequence[Frame]) -> tuple[Sentence, ...]:
        """The frames parsed; one that the parser takes for two sentences comes back as two."""
        sentences: list[Sentence] = []
        for start in range(0, len(frames), BATCH):
            batch = frames[start : start + BATCH]
            docs = [self._doc(frame) for frame in batch]
            for component in self._grammar:
                component.set_annotations(docs, component.predict(docs))
            for frame, doc in zip(batch, docs, strict=True):
                sentences.extend(self._sentences(frame, doc))
        return tuple(sentences)

    def _doc(self, frame: Frame) -> Doc:
        doc = Doc(self._nlp.vocab, words=[word.text for word in frame.words])
        for index, token in enumerate(doc):
            may_start = index > 0 and len(frame.words[index - 1].text) > 1 and frame.words[index - 1].text[-1] == "."
            if not may_start:
                token.is_sent_start = index == 0
        return doc

    def _sentences(self, frame: Frame, doc: Doc) -> Iterator[Sentence]:
        grammar = self._coarse.of(doc)
        heads, starts = doc.to_array(["HEAD", "SENT_START"]).astype(np.int64).T.tolist()
        bounds = [0, *(index for index in range(1, len(doc)) if starts[index] == 1), len(doc)]
        for first, behind in pairwise(bounds):
            words = tuple(
                Word(
                    index=index - first,
                    text=word.text,
                    start=word.start,
                    end=word.end,
                    tag=known.tag,
                    pos=known.pos,
                    dep=known.dep,
                    head=index + heads[index] - first,
                    masked=word.masked,
                    inside=word.inside,
                )
                for index, word, known in zip(
                    range(first, behind), frame.words[first:behind], grammar[first:behind], strict=True
                )
            )
            yield sentence_of(words, frame.paragraph)
