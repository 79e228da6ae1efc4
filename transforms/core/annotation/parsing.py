"""The grammar of frames: what spaCy's tagger and parser make of their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from transforms.core.annotation.coarse import CoarseTags
from transforms.core.annotation.encoder import parts_of
from transforms.core.annotation.words import Memory, Words
from transforms.core.quotations import Frame, Sentence, Word, sentence_of

FOR_GRAMMAR = ("tok2vec", "transformer", "tagger", "morphologizer", "parser")

ANY_WORD = "x"
"""Stands in a document for each of its words: the components look at vectors, and at whether a word is a space."""


class FrameParser:
    """Runs the components of one model that give grammar.

    Where the model is of the common kind its tok2vec is not run: documents get its vectors, and their words are of no
    account.
    """

    def __init__(self, nlp: Language, memory: Memory) -> None:
        self._nlp = nlp
        self._coarse = CoarseTags(nlp)
        self._components: list[Any] = [pipe for name, pipe in nlp.pipeline if name in FOR_GRAMMAR]
        shared: Any = nlp.get_pipe("tok2vec") if nlp.has_pipe("tok2vec") else None
        parts = parts_of(shared.model) if shared is not None and self._coarse.is_simple else None
        if parts is not None:
            self._components.remove(shared)
            self._encoder, self._words = parts[1], Words(nlp, parts[0], memory)
        self._is_quick = parts is not None

    def parse(self, frames: Sequence[Frame]) -> list[Sentence]:
        """The frames parsed as one batch; one that the parser takes for two sentences comes back as two."""
        texts = [[word.text for word in frame.words] for frame in frames]
        vectors = self._encoder.encoded_together(self._words.vectors(texts)) if self._is_quick else None
        docs = self._docs(texts, vectors)
        for component in self._components:
            component.set_annotations(docs, component.predict(docs))
        return [
            sentence
            for frame, words, doc in zip(frames, texts, docs, strict=True)
            for sentence in self._sentences(frame, words, doc)
        ]

    def _docs(self, texts: Sequence[Sequence[str]], vectors: Sequence[Any] | None) -> list[Doc]:
        if vectors is None:
            return [self._doc(words, words) for words in texts]
        docs = [self._doc([ANY_WORD] * len(words), words) for words in texts]
        for doc, of_doc in zip(docs, vectors, strict=True):
            doc.tensor = of_doc
        return docs

    def _doc(self, words: Sequence[str], texts: Sequence[str]) -> Doc:
        starts: list[bool | int | None] = [
            True,
            *(None if len(text) > 1 and text[-1] == "." else False for text in texts[:-1]),
        ]
        return Doc(self._nlp.vocab, words=list(words), sent_starts=starts)

    def _sentences(self, frame: Frame, texts: Sequence[str], doc: Doc) -> Iterator[Sentence]:
        grammar = self._coarse.of(texts, doc)
        heads, starts = doc.to_array(["HEAD", "SENT_START"]).astype(np.int64).T.tolist()
        bounds = [0, *(index for index in range(1, len(doc)) if starts[index] == 1), len(doc)]
        for first, behind in pairwise(bounds):
            words = tuple(
                Word(
                    index=index - first,
                    text=word.text,
                    lower=word.text.lower(),
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
