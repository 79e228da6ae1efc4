"""Spans that hold more than one name, or words that are none, cut into the names that they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transforms.core.entities.gazetteer import prior
from transforms.core.entities.names import PARTICLES

TOKEN = re.compile(r"\S+")
SUFFIXED = re.compile(r",? (?:Jr|Sr)\.?\Z")
SCORE = re.compile(r"(?P<home>[^\d\n]+) \d{1,3},? (?P<guest>[^\d\n]+) \d{1,3}")
DASH = re.compile(r"\s(?:-+|–|—)\s")
OWNER = re.compile(r"['’]s?\s+(?=[A-ZÀ-Þ\d])")


def pieces(source: str, start: int, end: int, label: str) -> Iterator[tuple[int, int]]:
    """The names inside ``source[start:end]``, in order; most spans are one name."""
    if (score := SCORE.fullmatch(source, start, end)) is not None:
        yield from (score.span("home"), score.span("guest"))
        return
    for begin, stop in _at_dashes(source, start, end):
        for first, last in _owners(source, begin, stop):
            for left, right in _listed(source, first, last, label):
                yield _without_small_ends(source, left, right)


def _at_dashes(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut at dashes between blanks, which stand between a dateline and its sentence."""
    for match in DASH.finditer(source, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _owners(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut between an owner and what is owned ("Ada Penn's Harbour Fund"), not inside a name ("Moody's Service")."""
    match = OWNER.search(source, start, end)
    owns_number = match is not None and source[match.end()].isdigit()
    if match is None or not (owns_number or _is_owner(source[start : match.start()])):
        yield start, end
        return
    yield start, match.start()
    if len(source[match.end() : end].split()) > 1:
        yield from _owners(source, match.end(), end)


def _is_owner(name: str) -> bool:
    return len(name.split()) > 1 or prior(name) is not None


def _listed(source: str, start: int, end: int, label: str) -> Iterator[tuple[int, int]]:
    """Cut at the commas of a list: "Penn, Lund, Orr"; a body may hold commas when one of its parts is longer."""
    text = source[start:end]
    parts = SUFFIXED.sub("", text).split(", ")
    is_list = label in ("PERSON", "GPE") or (len(parts) > 2 and all(len(part.split()) == 1 for part in parts))
    if len(parts) < 2 or not is_list:
        yield start, end
        return
    for part in parts:
        yield start, start + len(part)
        start += len(part) + 2


def _without_small_ends(source: str, start: int, end: int) -> tuple[int, int]:
    """Without words in small letters before and after the name: "state Department of Roads", "Harbour League so"."""
    tokens = list(TOKEN.finditer(source, start, end))
    while len(tokens) > 1 and _is_small(tokens[-1].group()):
        tokens.pop()
    while len(tokens) > 1 and _is_small(tokens[0].group()) and tokens[0].group() not in PARTICLES:
        tokens.pop(0)
    return (tokens[0].start(), tokens[-1].end()) if tokens else (start, end)


def _is_small(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return bool(letters) and all(char.islower() for char in letters)
