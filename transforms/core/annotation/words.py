"""Words that a model has met before: what the tokenizer made of them, and their vectors.

Most words of a text were in the texts before it.  What is remembered of them here is a pure function of their letters,
so that nothing depends on what came before; and when it has grown large, all of it is forgotten.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from transforms.core.annotation.encoder import OF_A_WORD, Embedding
from transforms.core.quotations import Token

MOST_REMEMBERED = 20_000
"""Entries of a table, or strings in spaCy's."""


class Table(Protocol):
    """Something that grows with the words that it has met."""

    def __len__(self) -> int: ...

    def clear(self) -> None:
        """Leaves nothing."""


AnyTable = TypeVar("AnyTable", bound=Table)


class Memory:
    """What is kept of a text for the next: tables of words, and spaCy's strings and lexemes.

    spaCy forgets the latter at the end of a memory zone, so one is kept open over many texts.
    """

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._tables: list[Table] = []
        self._zone = ExitStack()
        self._strings = 0
        self._begin()

    def keep(self, table: AnyTable) -> AnyTable:
        """``table``, which from now on is cleared with the others."""
        self._tables.append(table)
        return table

    def make_room(self) -> None:
        """Forgets everything if it has grown large.  To be called between texts: no Doc outlives it."""
        strings = len(self._nlp.vocab.strings) - self._strings
        if max([strings, *map(len, self._tables)]) > MOST_REMEMBERED:
            self.close()
            self._begin()

    def close(self) -> None:
        """Forgets everything and ends the zone."""
        for table in self._tables:
            table.clear()
        self._zone.close()

    def _begin(self) -> None:
        self._zone.enter_context(self._nlp.memory_zone())
        self._strings = len(self._nlp.vocab.strings)


class Vectors:
    """Vectors of words, by the row in which they were put; words that look alike to the model share one."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self._known: dict[bytes, int] = {}
        self._rows = np.empty((0, embedding.width), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._known)

    def clear(self) -> None:
        """Leaves no vector."""
        self._known.clear()
        self._rows = np.empty((0, self._embedding.width), dtype=np.float32)

    def of(self, rows: Sequence[int]) -> Any:
        """One vector for each of ``rows``."""
        return self._rows[rows]

    def rows(self, doc: Doc) -> list[int]:
        """The row of each word of ``doc``."""
        features = self._embedding.features_of(doc)
        looks = [row.tobytes() for row in features]
        new = {look: index for index, look in enumerate(looks) if look not in self._known}
        if new:
            self._put(self._embedding.vectors(features[list(new.values())]))
            self._known.update(zip(new, range(len(self._known), len(self._known) + len(new)), strict=True))
        return [self._known[look] for look in looks]

    def _put(self, vectors: Any) -> None:
        first, behind = len(self._known), len(self._known) + len(vectors)
        if behind > len(self._rows):
            more = np.empty((max(behind, 2 * len(self._rows)), self._embedding.width), dtype=np.float32)
            more[:first] = self._rows[:first]
            self._rows = more
        self._rows[first:behind] = vectors


class Words:
    """Gives the vectors of single words."""

    def __init__(self, nlp: Language, embedding: Embedding, memory: Memory) -> None:
        self._nlp = nlp
        self._vectors = memory.keep(Vectors(embedding))
        self._known: dict[str, int] = memory.keep({})

    def vectors(self, texts: Sequence[Sequence[str]]) -> list[Any]:
        """One vector for each word, by text."""
        new = {word: None for words in texts for word in words if word not in self._known}
        if new:
            rows = self._vectors.rows(Doc(self._nlp.vocab, words=list(new)))
            self._known.update(zip(new, rows, strict=True))
        return [self._vectors.of([self._known[word] for word in words]) for words in texts]


class Piece(NamedTuple):
    """A token of a chunk: its letters, where it stands in the chunk, the row of its vector."""

    text: str
    start: int
    end: int
    row: int


class Chunks:
    """Gives the tokens of texts, and the vectors of these.

    A chunk is what stands between two spaces.  The tokenizer looks at each by itself, save for its exceptions that hold
    a space ("EE. UU."), which are kept in one chunk.  Its last pass goes over the whole text, though, so that an
    emoticon torn by a space (":( )") can keep it from seeing another inside: here it does not.
    """

    def __init__(self, nlp: Language, embedding: Embedding, memory: Memory) -> None:
        self._nlp = nlp
        self._vectors = memory.keep(Vectors(embedding))
        self._known: dict[str, list[Piece]] = memory.keep({})
        tokenizer: Any = nlp.tokenizer
        self._cut = re.compile(_chunk_pattern(tokenizer.rules))

    def read(self, text: str) -> tuple[tuple[Token, ...], Any]:
        """The tokens of ``text``, and one vector for each."""
        chunks: list[str] = self._cut.findall(text)
        self._learn([chunk for chunk in dict.fromkeys(chunks) if chunk not in self._known])
        tokens, rows, at = [], [], 0
        for chunk in chunks:
            for word, start, end, row in self._known[chunk]:
                tokens.append(Token(word, at + start, at + end))
                rows.append(row)
            at += len(chunk)
        return tuple(tokens), self._vectors.of(rows)

    def _learn(self, chunks: Sequence[str]) -> None:
        """Has the tokenizer cut ``chunks``: all at once, each on a line of its own, but breaks one by one."""
        words = [chunk for chunk in chunks if not chunk.isspace()]
        for lines in (words, *([chunk] for chunk in chunks if chunk.isspace())):
            if lines:
                self._known.update(self._cut_lines(lines))

    def _cut_lines(self, lines: Sequence[str]) -> Iterator[tuple[str, list[Piece]]]:
        doc = self._nlp.make_doc("\n".join(lines))
        places = doc.to_array(["IDX", "LENGTH"]).tolist()
        rows = self._vectors.rows(doc)
        starts, at = [start for start, _ in places], 0
        for line in lines:
            here = range(bisect_left(starts, at), bisect_left(starts, at + len(line)))
            bounds = [(index, starts[index] - at, starts[index] - at + places[index][1]) for index in here]
            yield line, [Piece(line[start:end], start, end, rows[index]) for index, start, end in bounds]
            at += len(line) + 1


def can_remember(nlp: Language, embedding: Embedding) -> bool:
    """Whether tokens and vectors follow from a word's letters, as `Chunks` takes for granted."""
    return type(nlp.tokenizer) is Tokenizer and OF_A_WORD.issuperset(embedding.features)


def _chunk_pattern(rules: Iterable[str]) -> str:
    """Cuts a text as the tokenizer does, each chunk with the space behind it."""
    joined = [rf"\S*{re.escape(rule)}\S* ?" for rule in sorted(rules) if re.search(r"\S\s+\S", rule)]
    return "|".join([*joined, r"\S+ ?", r"\s+"])
