"""The shape of a parsed sentence, free of the library that parsed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

SUBJECTS = frozenset({"nsubj", "nsubjpass", "nsubj:pass", "csubj"})
NOT_MASKED = -1


class FrameWord(NamedTuple):
    """A word on its way to the parser: ``text[start:end]`` of the document, or a stand-in for segment ``masked``."""

    text: str
    start: int
    end: int
    masked: int = NOT_MASKED
    inside: int = NOT_MASKED
    """The segment in marks in which an unmasked word stands."""


@dataclass(frozen=True, slots=True)
class Word:
    """A parsed word; ``head`` is the index of its head in the sentence, its own for the root."""

    index: int
    text: str
    lower: str
    """``text`` in lower case, which the rules ask for five times on average."""
    start: int
    end: int
    tag: str
    pos: str
    dep: str
    head: int
    masked: int = NOT_MASKED
    inside: int = NOT_MASKED

    @property
    def is_frame(self) -> bool:
        """Whether the reporter says it: neither masked nor in marks."""
        return self.masked == NOT_MASKED and self.inside == NOT_MASKED


@dataclass(frozen=True, slots=True)
class Sentence:
    """A parsed sentence whose quotes may be masked, with the children of each word and the paragraph it stands in."""

    words: tuple[Word, ...]
    children: tuple[tuple[int, ...], ...]
    paragraph: int

    def kids(self, word: Word) -> Iterator[Word]:
        return (self.words[index] for index in self.children[word.index])

    def head(self, word: Word) -> Word:
        return self.words[word.head]

    def subject_of(self, word: Word) -> Word | None:
        """The subject of a verb; of several, as in 'The plan, X said, will fail', the nearest."""
        subjects = [kid for kid in self.kids(word) if kid.dep in SUBJECTS]
        return min(subjects, key=lambda kid: abs(kid.index - word.index), default=None)

    def subtree(self, word: Word) -> tuple[Word, ...]:
        """The word and everything below it, in the order of the sentence."""
        found = [word.index]
        for index in found:
            found.extend(child for child in self.children[index] if child != index)
        return tuple(self.words[index] for index in sorted(found))

    def ancestors(self, word: Word) -> Iterator[Word]:
        while word.head != word.index:
            word = self.words[word.head]
            yield word


def sentence_of(words: tuple[Word, ...], paragraph: int) -> Sentence:
    """A sentence with its children worked out."""
    children: list[list[int]] = [[] for _ in words]
    for word in words:
        if word.head != word.index:
            children[word.head].append(word.index)
    return Sentence(words, tuple(tuple(below) for below in children), paragraph)
