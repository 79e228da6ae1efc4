"""The adapter to spaCy: its Docs and Spans go no further than this module."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from transforms.core.entities import NameSpan
from transforms.core.quotations import Frame, Sentence, Token, Word, sentence_of

FOR_GRAMMAR = ("tok2vec", "transformer", "tagger", "morphologizer", "parser", "attribute_ruler")
LEFT_OUT = ("lemmatizer", "senter")
BATCH = 64


def _load(package: str) -> Language:
    """The pipeline of ``package``.  Raises OSError where it is not installed."""
    with warnings.catch_warnings():
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

    @contextmanager
    def memory_zone(self) -> Iterator[None]:
        """Strings that are seen inside the zone are forgotten at its end."""
        with self._nlp.memory_zone():
            yield

    def read(self, text: str, field: str) -> tuple[tuple[Token, ...], tuple[NameSpan, ...]]:
        """The tokens of ``text`` and the names that the model finds in it."""
        doc = self._nlp.make_doc(text)
        if self._nlp.has_pipe("ner"):
            doc = self._nlp.get_pipe("ner")(doc)
        tokens = tuple(Token(token.text, token.idx, token.idx + len(token)) for token in doc)
        return tokens, tuple(
            NameSpan(span.start_char, span.end_char, span.label_, span.text, field) for span in doc.ents
        )

    def parse(self, frames: Sequence[Frame]) -> tuple[Sentence, ...]:
        """The frames parsed; one that the parser takes for two sentences comes back as two."""
        for_grammar = [name for name in self._nlp.pipe_names if name in FOR_GRAMMAR]
        with self._nlp.select_pipes(enable=for_grammar):
            docs = list(self._nlp.pipe((self._doc(frame) for frame in frames), batch_size=BATCH))
        return tuple(sentence for frame, doc in zip(frames, docs, strict=True) for sentence in _sentences(frame, doc))

    def _doc(self, frame: Frame) -> Doc:
        doc = Doc(self._nlp.vocab, words=[word.text for word in frame.words])
        for index, token in enumerate(doc):
            may_start = index > 0 and len(frame.words[index - 1].text) > 1 and frame.words[index - 1].text[-1] == "."
            if not may_start:
                token.is_sent_start = index == 0
        return doc


def _sentences(frame: Frame, doc: Doc) -> Iterator[Sentence]:
    for span in doc.sents:
        words = tuple(
            Word(
                index=token.i - span.start,
                text=token.text,
                start=frame.words[token.i].start,
                end=frame.words[token.i].end,
                tag=token.tag_,
                pos=token.pos_,
                dep=token.dep_,
                head=token.head.i - span.start,
                masked=frame.words[token.i].masked,
                inside=frame.words[token.i].inside,
            )
            for token in span
        )
        yield sentence_of(words, frame.paragraph)
