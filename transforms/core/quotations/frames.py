"""What goes to the parser: sentences in which whole quotes are masked, and only those that can matter.

A quote of whole sentences breaks the parse of the sentence around it, so a short clause that the parser knows well
stands in for it.  A few quoted words that are part of the reporter's own sentence stay, without their marks.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from transforms.core.quotations.grammar import NOT_MASKED, FrameWord
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import Marked, Paragraph, Segment

ENDS = frozenset({".", "!", "?", "…", "...", "?!", "!!", "!?", "。", "！", "？"})
ABBREVIATION = re.compile(r"\w.*\.\Z")
WORD = re.compile(r"\w+")
LONGEST = 200
"""Words of a sentence after which it is cut: no sentence of the press is longer, and hostile ones would be."""
CLOSES = frozenset(",.—–")
"""What follows the closing mark of a whole utterance where the comma stands behind it."""
LONGEST_LABEL = 6
"""Words of a speaker's name in front of a colon at the start of a line."""
WEAK_WINDOW = 6
"""Words behind a weak cue among which its clause begins."""
BREAK_WINDOW = 8
"""Words after a closing mark within which a cue keeps '"Why?" the old man asked' together."""


class Token(NamedTuple):
    """A token of the whole text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One sentence for the parser.  ``paragraph`` is the index of its paragraph."""

    words: tuple[FrameWord, ...]
    paragraph: int


def is_whole(text: str, segment: Segment) -> bool:
    """Whether a segment is an utterance of its own rather than a few words woven into the reporter's sentence."""
    words = WORD.findall(text, segment.start, segment.end)
    if not words:
        return False
    if not segment.closed or segment.carries_on:
        return True
    before = text[max(0, segment.outer_start - 3) : segment.outer_start].rstrip(" \t\u00a0")
    opens_clause = not before or before[-1] in '\n\r,:;—–-.!?…([”"»'
    ending = text[segment.start : segment.end].rstrip()[-1]
    starts_high = text[segment.start : segment.end].lstrip(" …'‘[(-.")[:1].isupper()
    behind = text[segment.outer_end : segment.outer_end + 3].lstrip(" \t\u00a0\u202f")[:1]
    if opens_clause and (ending in ",.!?…—–-" or (starts_high and behind in CLOSES)):
        return True
    return starts_high and len(words) >= 4 and (opens_clause or ending in ",.!?…")


def frames(text: str, tokens: Sequence[Token], marked: Marked, lexicon: Lexicon) -> tuple[Frame, ...]:
    """Every sentence of ``text`` that holds marks or a cue."""
    lines, segments = marked.lines, marked.segments
    whole = frozenset(index for index, segment in enumerate(segments) if is_whole(text, segment))
    found = []
    starts = [segment.outer_start for segment in segments]
    for number, (line, inside) in enumerate(zip(lines, _tokens_by_line(tokens, lines), strict=True)):
        first, behind = bisect_left(starts, line.start), bisect_left(starts, line.end)
        here = [(index, segments[index]) for index in range(first, behind)]
        apart = list(_torn(inside, [segment for _, segment in here]))
        words = list(_frame_words(text, apart, here, whole, lexicon.stand_in))
        for sentence in _sentences(words, lexicon):
            if _matters(sentence, lexicon):
                found.append(Frame(tuple(sentence), number))
    return tuple(found)


def _tokens_by_line(tokens: Sequence[Token], lines: Sequence[Paragraph]) -> Iterator[list[Token]]:
    position = 0
    for line in lines:
        while position < len(tokens) and tokens[position].start < line.start:
            position += 1
        first = position
        while position < len(tokens) and tokens[position].start < line.end:
            position += 1
        yield [token for token in tokens[first:position] if not token.text.isspace()]


def _torn(tokens: Sequence[Token], here: Sequence[Segment]) -> Iterator[Token]:
    """The tokens, those that hold a mark and words on both sides of it ('end,”Smith') in parts."""
    bounds = [at for segment in here for at in (segment.outer_start, segment.start, segment.end, segment.outer_end)]
    for token in tokens:
        first, last = bisect_right(bounds, token.start), bisect_left(bounds, token.end)
        if first >= last:
            yield token
            continue
        start = token.start
        for at in dict.fromkeys((*bounds[first:last], token.end)):
            if at > start:
                yield Token(token.text[start - token.start : at - token.start], start, at)
            start = at


def _frame_words(
    text: str,
    tokens: Sequence[Token],
    here: Sequence[tuple[int, Segment]],
    whole: frozenset[int],
    clause: Sequence[str],
) -> Iterator[FrameWord]:
    position = 0
    stood_in = NOT_MASKED
    for token in tokens:
        while position < len(here) and token.start >= here[position][1].outer_end:
            position += 1
        index, segment = here[position] if position < len(here) else (NOT_MASKED, None)
        if segment is None or token.end <= segment.outer_start:
            yield FrameWord(_plain(token.text), token.start, token.end)
        elif index in whole:
            if stood_in != index:
                yield from _stand_in(text, segment, index, clause)
            stood_in = index
        elif token.start >= segment.start and token.end <= segment.end:
            yield FrameWord(_plain(token.text), token.start, token.end, inside=index)


def _plain(word: str) -> str:
    """A word as the parser knows it: the models tag "don't" well and "don’t" badly."""
    return word.replace("’", "'")


def _stand_in(text: str, segment: Segment, index: int, clause: Sequence[str]) -> Iterator[FrameWord]:
    ending = text[segment.start : segment.end].rstrip()[-1:]
    yield FrameWord("“", segment.outer_start, segment.start, index)
    for word in clause:
        yield FrameWord(word, segment.start, segment.end, index)
    if ending in ",.!?…":
        yield FrameWord(ending, segment.end, segment.end, index)
    yield FrameWord("”", segment.end, segment.outer_end, index)


def _sentences(words: list[FrameWord], lexicon: Lexicon) -> Iterator[list[FrameWord]]:
    first = 0
    for position in range(len(words)):
        if position + 1 < len(words) and (position - first > LONGEST or _ends_here(words, first, position, lexicon)):
            yield words[first : position + 1]
            first = position + 1
    if words[first:]:
        yield words[first:]


def _ends_here(words: list[FrameWord], first: int, position: int, lexicon: Lexicon) -> bool:
    """Whether the sentence that began at ``first`` ends with the word at ``position``."""
    word, following = words[position], words[position + 1]
    if word.masked == NOT_MASKED:
        return word.text in ENDS and not following.text[0].islower() and following.text[0] not in ",;:)”’'"
    if word.text != "”" or following.text[0].islower() or following.text[0] in ",;:)–—-":
        return False
    if words[position - 1].text not in ENDS:
        return False
    has_cue = any(
        before.masked == NOT_MASKED and before.text.lower() in lexicon.say for before in words[first:position]
    )
    return has_cue or not _is_tag(words, position + 1, lexicon, strict=words[position - 1].text == ".")


def _is_tag(words: list[FrameWord], first: int, lexicon: Lexicon, *, strict: bool) -> bool:
    """Whether the words from ``first`` on say who spoke ('the old man asked.').

    ``strict`` is for a quote that ends in a full stop, where only a bare tag behind it is taken for one.
    """
    for index, word in enumerate(words[first : first + BREAK_WINDOW], first):
        if word.masked != NOT_MASKED or word.text in ENDS:
            return False
        if word.text.lower() in lexicon.say:
            return not strict or index + 1 >= len(words) or words[index + 1].text in {".", ","}
    return False


def opens_with_name(sentence: Sequence[FrameWord]) -> bool:
    """Whether a sentence begins like a headline or a transcript that names its speaker ('Ann Smith: we will go')."""
    colon = next((index for index, word in enumerate(sentence[: LONGEST_LABEL + 1]) if word.text == ":"), 0)
    return 0 < colon < len(sentence) - 2 and all(
        word.masked == NOT_MASKED and (word.text[0].isupper() or word.text in {"of", "the", "and", "-"})
        for word in sentence[:colon]
    )


def _matters(sentence: Sequence[FrameWord], lexicon: Lexicon) -> bool:
    if sentence[-1].text == ":" or opens_with_name(sentence):
        return True
    if any(word.masked != NOT_MASKED or word.inside != NOT_MASKED for word in sentence):
        return True
    words = [word.text.lower() for word in sentence]
    return any(_may_report(words, index, lexicon) for index, word in enumerate(words) if word in lexicon.reporters)


def _may_report(words: Sequence[str], index: int, lexicon: Lexicon) -> bool:
    """Whether the word at ``index`` can report without marks; words that mostly mean something else need a clause."""
    word = words[index]
    if word in lexicon.according_starts:
        phrases = (tuple(words[index : index + len(phrase)]) == phrase for phrase in lexicon.according)
        if any(phrases):
            return True
    if word in lexicon.reporting and word not in lexicon.weak:
        return True
    if (word in lexicon.weak and word in lexicon.reporting) or word in lexicon.nouns or word in lexicon.attitudes:
        return any(behind in lexicon.clause_starts for behind in words[index + 1 : index + 1 + WEAK_WINDOW])
    return False
