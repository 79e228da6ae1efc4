"""Is it speech?  Marks also hold titles, nicknames, slogans and words that a writer keeps at a distance."""

from __future__ import annotations

import re

from transforms.core.quotations.attribution import Attribution
from transforms.core.quotations.frames import WORD, is_whole
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import Segment

LAST_WORD = re.compile(r"([\w-]+)(?:['’]s)?[\s(]*\Z")
CLOSES_CLAUSE = re.compile(r"(?:\A|[,:;.!?—–\n])[\s]*\Z")
NO_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
LOOK_BACK = 40
SHORTEST = 3
"""Words from which a segment is taken for speech as soon as anybody says it; shorter ones must be whole utterances.

Of segments of three words and more 94 to 99 in 100 are attributed in news, of shorter ones half."""


def is_speech(text: str, segment: Segment, attribution: Attribution | None, lexicon: Lexicon) -> bool:
    """Whether somebody says what stands in the marks, as far as the words around it tell."""
    if is_label(text, segment, lexicon):
        return False
    if is_whole(text, segment):
        return attribution is not None or word_count(text, segment) >= SHORTEST
    return attribution is not None and word_count(text, segment) >= SHORTEST


def is_label(text: str, segment: Segment, lexicon: Lexicon) -> bool:
    """Whether the marks hold a name: of a book, a show, a person."""
    before = text[max(0, segment.outer_start - LOOK_BACK) : segment.outer_start]
    if CLOSES_CLAUSE.search(before):
        named = LAST_WORD.search(before.rstrip(" ,"))
        is_named = named is not None and named.group(1).lower() in lexicon.not_speech_after
        return is_named and before.rstrip().endswith(",") and _is_title_case(text[segment.start : segment.end])
    last = LAST_WORD.search(before)
    if last is not None and last.group(1).lower() in lexicon.not_speech_after:
        return True
    return _is_title_case(text[segment.start : segment.end])


def _is_title_case(words: str) -> bool:
    """Whether every longer word has a capital, and more than one."""
    found = WORD.findall(words)
    longer = [word for word in found if len(word) > 3]
    capitals = [word for word in found if word[0].isupper()]
    return len(capitals) > 1 and found[0][0].isupper() and all(word[0].isupper() for word in longer)


def word_count(text: str, segment: Segment) -> int:
    """Words in the marks; a script without spaces has one for every two signs."""
    signs = len(NO_SPACES.findall(text, segment.start, segment.end))
    return max(len(WORD.findall(text, segment.start, segment.end)), signs // 2)
