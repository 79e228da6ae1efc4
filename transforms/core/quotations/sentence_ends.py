"""Where the reporter's own sentences end, quoted words aside."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import is_inside

SENTENCE_END = re.compile(r"[.!?…][\"”’')]*\s+(?=[\"“‘'(]?[A-ZÀ-Þ])|\n+")
LAST_WORD = re.compile(r"([\w.]+)\Z")


def sentence_ends(text: str, quoted: Sequence[tuple[int, int]], lexicon: Lexicon) -> list[int]:
    """Where the reporter's sentences end, in order; a stop behind a title or an initial is none."""
    return [
        match.end()
        for match in SENTENCE_END.finditer(text)
        if _closes(match, quoted) and not _is_abbreviation(text, match, lexicon)
    ]


def _closes(match: re.Match[str], quoted: Sequence[tuple[int, int]]) -> bool:
    """Whether a sentence of the reporter's ends here: at a line break, or at a stop behind which no quote goes on."""
    if "\n" in match.group() or not is_inside(quoted, match.start()):
        return True
    return not is_inside(quoted, match.end())


def _is_abbreviation(text: str, match: re.Match[str], lexicon: Lexicon) -> bool:
    if match.group()[0] != ".":
        return False
    last = LAST_WORD.search(text, max(0, match.start() - 12), match.start())
    if last is None:
        return False
    word = last.group(1)
    return (len(word) == 1 and word.isupper()) or f"{word.lower()}." in lexicon.titles
