"""The news agency from which a story comes, as its byline, its first line or its credits say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from schemas.article import Author, Boilerplate
from transforms.core.extraction.agencies import AGENCIES, agency_of
from transforms.core.extraction.prose import closes_sentence

FIRST_CHARS = 160
"""Where a text may open with its dateline."""

MAX_LINE = 160
"""Characters of a line that credits an agency."""

_LOWER = frozenset({"dpa", "epd", "kna", "sid", "sda", "afp", "apa", "dpa-afx", "dpa-infocom"})
"""Agencies that are also written in small letters; the short names of others are words in some language."""

_DATELINE = re.compile(
    rf"^[^.!?。]{{0,70}}?[(（【\[][^()（）【】\[\]]{{0,30}}?(?<![\w-])(?P<agency>{AGENCIES})(?![\w-])[^()（）【】\[\]]{{0,40}}[)）】\]]",
    re.IGNORECASE,
)
_OPENED = re.compile(
    rf"^[^.!?。]{{0,60}}?[,/—–-]\s(?P<agency>{AGENCIES})\s?[.:—–-]\s"
    r"|^(?:【[^】]{0,20}?(?P<kyodo>共同|時事)】|(?P<xinhua>新华社|新華社)[^。]{0,30}?电|[(（][^)）]{0,20}=\s?(?P<yonhap>연합뉴스)\s?[)）])",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"^\(?(?:additional )?(?:reporting|editing|writing)(?: and \w+)? by\b.*(?:;|\.) ?(?:editing|writing)", re.IGNORECASE
)
"""How Reuters, and nobody else, signs below a story."""

_TOKENS = re.compile(
    r"[/|,;:()\[\]–—©+&.]|\s-\s|\b(?:and|und|et|y|e|en|og|och|with|mit|avec|con|via|von|by|par|por|source|quelle|fonte|fuente|kaynak)\b",
    re.IGNORECASE,
)


_SOURCE = re.compile(
    r"\W*(?:quellen?|sources?|fonte|fuente|kaynak|źródło|источник|джерело|zdroj|bron|kilde|källa|lähde|πηγή|nguồn|sumber|izvor"
    r"|المصدر|स्रोत|来源|來源|出典|additional reporting (?:by|from))\b"
    r"|\((?!\W*(?:foto|photo|bild|image|video|imagen))[^()]{2,40}\)$|(?:[a-zäöüß]{1,6}/)+[\w/-]{2,20}$",
    re.IGNORECASE,
)
"""How a credit of the text begins; those of pictures look otherwise."""


class Credited(Protocol):
    """What has a text and says whose it is: a `Story`, or an `Article`."""

    @property
    def text(self) -> str | None: ...

    @property
    def byline(self) -> str | None: ...

    @property
    def authors(self) -> tuple[Author, ...]: ...

    @property
    def boilerplate(self) -> tuple[Boilerplate, ...]: ...


def wire_origin(story: Credited) -> str | None:
    """The agency's name (AP, Reuters, dpa …), or None: from the first line, the byline, the authors, then credits.

    Credits of pictures do not count: many a picture in a reporter's own story is an agency's.
    """
    lines = (story.text or "").split("\n")
    return next(_found(story, lines), None)


def _found(story: Credited, lines: list[str]) -> Iterator[str]:
    for line in lines[:3]:
        yield from _of_opening(line[:FIRST_CHARS])
    yield from _named(story.byline or "")
    yield from (agency for author in story.authors if (agency := agency_of(author.name)))
    below = [line for line in lines[-2:] if len(line) <= MAX_LINE and not closes_sentence(line.rstrip(".)"))]
    credits = [one.text for one in story.boilerplate if one.kind == "credit" and len(one.text) <= MAX_LINE]
    for line in (*below, *(line for line in credits if _is_of_text(line))):
        if _DESK.match(line):
            yield "Reuters"
        yield from _named(line)


def _of_opening(line: str) -> Iterator[str]:
    match = _DATELINE.match(line) or _OPENED.match(line)
    if match is not None:
        name = next(value for value in match.groupdict().values() if value)
        if _is_written_so(name) and (agency := agency_of(name)):
            yield agency


def _named(line: str) -> Iterator[str]:
    for token in _TOKENS.split(line):
        name = token.strip()
        if name and _is_written_so(name) and (agency := agency_of(name)):
            yield agency


def _is_written_so(name: str) -> bool:
    """Whether a name is written as the agency writes it: short ones are words in some language."""
    return len(name) > 4 or name.isupper() or name in _LOWER or name.lower() == name.upper()


def _is_of_text(line: str) -> bool:
    """Whether a credit is the text's: a source, initials with an agency in brackets or with a stroke, the desk's."""
    return _SOURCE.match(line) is not None or _DESK.match(line) is not None
