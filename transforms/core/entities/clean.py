"""Single spans: the model's typical faults put right before names are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from transforms.core.entities.cut import pieces
from transforms.core.entities.names import OTHER_LABELS, TYPES, NameSpan
from transforms.core.entities.wordlist import words

LEADING = re.compile(r"(?:the|a|an|mr|mrs|ms|dr|mx|by)\b\.?\s+|['’]s\s+|[\W_]+", re.IGNORECASE)
TRAILING = re.compile(r"(?:['’]s?|[^\w)]+)\Z", re.IGNORECASE)
TITLE = re.compile(
    r"(?:sen|rep|gov|lt|col|gen|maj|capt|sgt|cpl|cst|const|det|insp|supt|prof|rev|hon|coun|pte|sir|dame|lord|senator"
    r"|representative|governor|president|premier|prime minister|vice president|minister|mayor|secretary|judge|justice"
    r"|chief|general|colonel|captain|sergeant|corporal|constable|detective|inspector|superintendent|commissioner"
    r"|chairman|chairwoman|director|coach|pope|bishop|archbishop|cardinal|reverend|rabbi|imam|pastor|sheriff"
    r"|ambassador|congressman|congresswoman|councillor|speaker|attorney general|professor|doctor|monsieur|madame"
    r"|spokesman|spokeswoman|spokesperson|leader|actor|actress|singer|author|analyst|economist|lawyer|owner|officer"
    r"|ex|former|first lady|aide|candidate|nominee|manager|captain|midfielder|striker|goalkeeper|defender|winger"
    r"|lady|baroness|baron|miss|sister|brother|father|queen|king|prince|princess|sheikh|shaikh|ayatollah|chancellor"
    r"|deputy|lieutenant|major|admiral|brigadier|lance|private|foreign|finance|commander)"
    r"\b\.?[\s-]+",
    re.IGNORECASE,
)
GIVEN_TOO = re.compile(r"(?:lady|lance|major|private|sister|brother|father)\b", re.IGNORECASE)
"""Titles that are part of names too, and mean nothing before a single one ("Lady Gaga", "Lance Lund")."""

TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Dr|Sen|Rep|Gov|Prof|Sgt|Const|Cst|Det|Insp|Supt|Capt|Rev|Coun)\.? \Z")
LONGEST_TITLE = 8
OPEN_BRACKET = re.compile(r"\s*\([^)]*\Z")
SCORE_BEHIND = re.compile(r"\s+\d{1,3}[-–]\d{1,3}\Z")
NUMBERS_BEHIND = re.compile(r"(?:\s+\d[\d,.:–-]*)+\Z")
LETTER = re.compile(r"[^\W\d_]")
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]\.)+[A-Z]"
    r"|\b(?:Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ill|Ind|Kan|Ky|Mass|Md|Mich|Minn|Miss|Mo|Mont|Neb|Nev|Okla|Ore|Pa"
    r"|Tenn|Tex|Vt|Va|Wash|Wis|Wyo|Ont|Sask|Alta|Inc|Ltd|Corp|Co|Cos|Bros|Jr|Sr|Plc|S\.p\.A))\Z"
)
"""What ends in a full stop that is part of the name."""

NO_NAMES = frozenset(
    words(
        "aest edt est gmt utc pst pdt bst cet ai a.m. p.m. tv dna ceo cfo mp mps mla mpp phd mba court state order "
        "army government board department commission committee council university company club ministry office covid "
        "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
        "covid-19 coronavirus monday tuesday wednesday thursday friday saturday sunday"
    )
)
"""Spans that name nobody: time zones, degrees and bodies without the rest of their name."""


def cleaned(spans: Iterable[NameSpan], source: str) -> Iterator[NameSpan]:
    """The names among ``spans``, cut to the name itself: no article, title, possessive or punctuation around it."""
    for span in spans:
        label = OTHER_LABELS.get(span.label, span.label)
        if label not in TYPES:
            continue
        for start, end in pieces(source, span.start, span.end, label):
            yield from _cleaned(source, start, end, label, span.field)


def _cleaned(source: str, start: int, end: int, label: str, field: str) -> Iterator[NameSpan]:
    start, end = _trimmed(source, start, end)
    if label != "PERSON" and TITLED.search(source[max(0, start - LONGEST_TITLE) : start]):
        label = "PERSON"
    if label == "PERSON":
        start, end = _trimmed(source, _behind_title(source, start, end), end)
    bracket = OPEN_BRACKET.search(source[start:end])
    if bracket is not None:
        start, end = _trimmed(source, start, start + bracket.start())
    if label in ("PERSON", "GPE", "LOC"):
        end = start + len(NUMBERS_BEHIND.sub("", source[start:end]))
    end = start + len(SCORE_BEHIND.sub("", source[start:end]))
    if source[end : end + 1] == "." and ABBREVIATION.search(source[start:end]):
        end += 1
    text = source[start:end]
    if _is_name(text):
        yield NameSpan(start, end, label, text, field)


def _is_name(text: str) -> bool:
    is_one_line = len(text) > 1 and "\n" not in text and LETTER.search(text) is not None
    return is_one_line and text.casefold() not in NO_NAMES and _has_capital(text)


def _has_capital(text: str) -> bool:
    """Whether a capital stands in ``text``, or its script has none."""
    return text.lower() != text or text.upper() == text


def _behind_title(source: str, start: int, end: int) -> int:
    """Where the name begins behind its titles; a title that is all there is stays."""
    while (match := TITLE.match(source, start, end)) and LETTER.search(source, match.end(), end):
        if GIVEN_TOO.match(match.group()) and " " not in source[match.end() : end].strip():
            break
        start = match.end()
    return start


def _trimmed(source: str, start: int, end: int) -> tuple[int, int]:
    while match := LEADING.match(source, start, end):
        start = match.end()
    while match := TRAILING.search(source[start:end]):
        end = start + match.start()
    return start, end
