"""Single spans: the model's typical faults put right before names are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from transforms.core.entities.names import OTHER_LABELS, TYPES, NameSpan

LEADING = re.compile(r"(?:the|a|an|mr|mrs|ms|dr|mx)\b\.?\s+|[\W_]+", re.IGNORECASE)
TRAILING = re.compile(r"(?:['’]s?|[^\w)]+)\Z", re.IGNORECASE)
TITLE = re.compile(
    r"(?:sen|rep|gov|lt|col|gen|maj|capt|sgt|cpl|cst|const|det|insp|supt|prof|rev|hon|coun|pte|sir|dame|lord|senator"
    r"|representative|governor|president|premier|prime minister|vice president|minister|mayor|secretary|judge|justice"
    r"|chief|general|colonel|captain|sergeant|corporal|constable|detective|inspector|superintendent|commissioner"
    r"|chairman|chairwoman|director|coach|pope|bishop|archbishop|cardinal|reverend|rabbi|imam|pastor|sheriff"
    r"|ambassador|congressman|congresswoman|councillor|speaker|attorney general|professor|doctor|monsieur|madame"
    r"|spokesman|spokeswoman|spokesperson|leader|actor|actress|singer|author|analyst|economist|lawyer|owner)"
    r"\b\.?\s+",
    re.IGNORECASE,
)
TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Dr|Sen|Rep|Gov|Prof|Sgt|Const|Cst|Det|Insp|Supt|Capt|Rev|Coun)\.? \Z")
LONGEST_TITLE = 8
OPEN_BRACKET = re.compile(r"\s*\([^)]*\Z")
LETTER = re.compile(r"[^\W\d_]")


def cleaned(spans: Iterable[NameSpan], source: str) -> Iterator[NameSpan]:
    """The names among ``spans``, cut to the name itself: no article, title, possessive or punctuation around it."""
    for span in spans:
        label = OTHER_LABELS.get(span.label, span.label)
        if label not in TYPES:
            continue
        start, end = _trimmed(source, span.start, span.end)
        if label != "PERSON" and TITLED.search(source[max(0, start - LONGEST_TITLE) : start]):
            label = "PERSON"
        if label == "PERSON":
            start, end = _trimmed(source, _behind_title(source, start, end), end)
        bracket = OPEN_BRACKET.search(source[start:end])
        if bracket is not None:
            start, end = _trimmed(source, start, start + bracket.start())
        text = source[start:end]
        if LETTER.search(text) and "\n" not in text:
            yield NameSpan(start, end, label, text, span.field)


def _behind_title(source: str, start: int, end: int) -> int:
    """Where the name begins behind its titles; a title that is all there is stays."""
    while (match := TITLE.match(source, start, end)) and LETTER.search(source, match.end(), end):
        start = match.end()
    return start


def _trimmed(source: str, start: int, end: int) -> tuple[int, int]:
    while match := LEADING.match(source, start, end):
        start = match.end()
    while match := TRAILING.search(source[start:end]):
        end = start + match.start()
    return start, end
