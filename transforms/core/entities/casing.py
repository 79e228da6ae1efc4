"""Casing of lines: which are headlines, and capitals brought to the form that the model was trained on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LONG_WORD = 4
"""Letters from which a word of a title is capitalised; shorter ones often are small words."""

SHORTEST_TITLE = 4
TITLE_SHARE, LEAST_SHARE = 0.85, 0.6
"""Shares of the longer words, and of all words, that begin with a capital in a title."""

LONGEST_TITLE = 20
DATELINE = re.compile(
    r"(?m)^(?P<place>[A-ZÀ-Þ][A-ZÀ-Þ.'’ -]{3,40}?)"
    r"(?=(?:,\s[A-Z][\w. ]{1,20})?(?:\s\([\w/ ]{2,24}\))?\s?(?:—|–|--|-|:)\s)"
)
"""Capitals at the start of a paragraph before a dash: where the story was written."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the lines of a text stand, and which of them are set in capitals or as titles."""

    starts: tuple[int, ...]
    capitals: frozenset[int]
    titles: frozenset[int]

    def is_title(self, position: int) -> bool:
        """Whether ``position`` is in a line whose longer words all begin with a capital."""
        return self._line(position) in self.titles

    def is_capitals(self, position: int) -> bool:
        """Whether ``position`` is in a line set in capitals."""
        return self._line(position) in self.capitals

    def _line(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1


def lines_of(source: str) -> Lines:
    """The lines of ``source`` by their casing."""
    starts = [0, *(match.end() for match in re.finditer(r"\n", source))]
    lines = source.split("\n")
    capitals = frozenset(number for number, line in enumerate(lines) if _is_capitals(line))
    titles = frozenset(number for number, line in enumerate(lines) if number not in capitals and _is_title(line))
    return Lines(tuple(starts), capitals, titles)


def recased(source: str) -> str:
    """``source`` of equal length, lines in capitals and datelines with only their first letters large."""
    if not any(len(word) > 1 and word.isupper() for word in source.split()):
        return source
    lines = [_lowered(line) if _is_capitals(line) else line for line in source.split("\n")]
    return DATELINE.sub(_dateline, "\n".join(lines))


def _dateline(match: re.Match[str]) -> str:
    return _lowered(match.group())


def _lowered(line: str) -> str:
    return WORDS.sub(_capitalised, line)


def _capitalised(match: re.Match[str]) -> str:
    word = match.group()
    small = word[0] + word[1:].lower()
    return small if len(small) == len(word) else word


def _is_capitals(line: str) -> bool:
    words: Sequence[str] = WORDS.findall(line)
    return len(words) > 1 and sum(map(str.isupper, words)) >= 0.9 * len(words) and max(map(len, words)) >= LONG_WORD


def _is_title(line: str) -> bool:
    words = WORDS.findall(line)
    if not SHORTEST_TITLE <= len(words) <= LONGEST_TITLE or line.rstrip().endswith(","):
        return False
    long_words = [word for word in words if len(word) >= LONG_WORD]
    capitalised = sum(word[0].isupper() for word in words)
    if capitalised < LEAST_SHARE * len(words):
        return False
    return len(long_words) > 2 and sum(word[0].isupper() for word in long_words) >= TITLE_SHARE * len(long_words)
