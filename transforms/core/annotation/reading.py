"""The tokens of a text and the names in it: from what is remembered of its words, or by running spaCy's components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from spacy.language import Language

from transforms.core.annotation.encoder import parts_of
from transforms.core.annotation.names import Found, NameFinder, can_find
from transforms.core.annotation.words import Chunks, Memory, can_remember
from transforms.core.quotations import Token


class Reader(Protocol):
    """Reads texts with one model."""

    def read(self, text: str) -> tuple[tuple[Token, ...], Sequence[Found]]:
        """The tokens of ``text``, and the names among them."""


class WholeReader:
    """Runs the tokenizer and the recognizer of any model."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._recognizer: Any = nlp.get_pipe("ner") if nlp.has_pipe("ner") else None

    def read(self, text: str) -> tuple[tuple[Token, ...], Sequence[Found]]:
        """The tokens of ``text``, and the names among them."""
        doc = self._nlp.make_doc(text)
        if self._recognizer is not None:
            doc = self._recognizer(doc)
        tokens = tuple(Token(token.text, token.idx, token.idx + len(token)) for token in doc)
        return tokens, [(span.start, span.end, span.label_) for span in doc.ents]


class QuickReader:
    """Gives what `WholeReader` would, with a model of the common kind."""

    def __init__(self, chunks: Chunks, finder: NameFinder) -> None:
        self._chunks = chunks
        self._finder = finder

    def read(self, text: str) -> tuple[tuple[Token, ...], Sequence[Found]]:
        """The tokens of ``text``, and the names among them."""
        tokens, vectors = self._chunks.read(text)
        spaces = [index for index, token in enumerate(tokens) if token.text.isspace()]
        return tokens, self._finder.find(vectors, spaces)


def reader_of(nlp: Language, memory: Memory) -> Reader:
    """The fastest reader that the model can have."""
    recognizer: Any = nlp.get_pipe("ner") if nlp.has_pipe("ner") else None
    parts = parts_of(recognizer.model.get_ref("tok2vec").layers[0]) if can_find(recognizer) else None
    if parts is None or not can_remember(nlp, parts[0]):
        return WholeReader(nlp)
    embedding, encoder = parts
    return QuickReader(Chunks(nlp, embedding, memory), NameFinder(recognizer, encoder))
