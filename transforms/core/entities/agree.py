"""Agreement in a document: a name known from one place is found wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from transforms.core.entities.gazetteer import finder, prior
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.hints import BODY, PLACE_LAST, PLACES
from transforms.core.entities.lookup import longest_places
from transforms.core.entities.names import NameSpan, surname_with_particles
from transforms.core.entities.votes import Sources
from transforms.core.entities.wordlist import words

SHORTEST = 3
"""Characters of a surname that is looked for on its own."""

WORDS_TOO = frozenset(
    words(
        "will mark grant rose may frank bill rob drew ray dale guy art pat sue holly april june dawn joy faith grace "
        "hope victor miles young price day may long white black brown green king bush cruz field stone wood banks "
        "south north west east best good fair strong wise small head case cook page person child speaker mayor"
    )
)
"""Names that are common words: not looked for by themselves where a sentence or a title begins with a capital."""

PLAIN = re.compile(r"(?<![\w-])[a-zà-ÿ][\w'’-]*")
BEHIND = re.compile(r"[ ](?P<word>[A-ZÀ-Þ][\w'’-]*)")
SENTENCE_START = re.compile(r"(?:\A|[.!?:…\"“”‘’'(\n•*—–-]\s*)\Z")
NAME_START, NAME_END = re.compile(r"(?<![\w@#-])"), re.compile(r"(?![\w-]|\.\w)")
WORD_BEFORE = re.compile(r"(?P<word>[A-ZÀ-Þ][\w'’-]+) \Z")


def agreed(spans: Sequence[NameSpan], sources: Sources, *, lists: bool) -> list[NameSpan]:
    """``spans`` with the places that the model missed, in every field: names found elsewhere, surnames of people.

    ``lists`` says whether the names that the news has every day are looked for too; they are English.
    """
    known = _known(spans, plain_words(sources))
    found = list(spans)
    for field, source in sources.items():
        found += _missed(known, source, field, [span for span in found if span.field == field])
        if lists:
            found += _listed(source, field, [span for span in found if span.field == field])
    return sorted(found, key=_place)


def plain_words(sources: Sources) -> frozenset[str]:
    """The words that stand in small letters somewhere."""
    return frozenset(word for source in sources.values() for word in PLAIN.findall(source))


def _known(spans: Iterable[NameSpan], plain: frozenset[str]) -> dict[str, str]:
    """What to look for, as it would stand in the text, with its type."""
    forms: dict[str, str] = {}
    for span in spans:
        for form in _forms(span):
            is_word = form.casefold() in plain or form.casefold() in WORDS_TOO
            if " " in form or not is_word or (span.label == "PERSON" and form.casefold() not in plain):
                forms.setdefault(form, span.label)
    for form in [form for form in forms if len(form) > SHORTEST and not form.isupper()]:
        forms.setdefault(form.upper(), forms[form])
    return forms


def _forms(span: NameSpan) -> Iterator[str]:
    """The strings by which a name is found again: itself; of people the surname and an unmistakable given name."""
    parts = span.text.split()
    if len(span.text) < 2 or not span.text[0].isupper():
        return
    if len(parts) > 1 or span.label != "PERSON" or len(span.text) >= SHORTEST:
        yield span.text
    if span.label != "PERSON" or len(parts) < 2 or span.text.isupper():
        return
    last = surname_with_particles(span.text)
    if len(last) >= SHORTEST - 1 and any(char.isupper() for char in last) and prior(last) is None:
        yield from dict.fromkeys((last, last[0].upper() + last[1:]))
    first = parts[0]
    if first.casefold() in GIVEN_NAMES and first.casefold() not in WORDS_TOO and prior(first) is None:
        yield first


def _missed(known: Mapping[str, str], source: str, field: str, taken: Sequence[NameSpan]) -> Iterator[NameSpan]:
    for start, end in _free(longest_places(known, source, NAME_START, NAME_END), taken):
        label = known[source[start:end]]
        if not _is_part(source, start, end, label) and not _is_word_there(source, start, end):
            yield NameSpan(start, end, label, source[start:end], field)


def _listed(source: str, field: str, taken: Sequence[NameSpan]) -> Iterator[NameSpan]:
    for start, end in _free((match.span() for match in finder().finditer(source)), taken):
        label = prior(source[start:end])
        if label is not None and not _is_part(source, start, end, label):
            yield NameSpan(start, end, label, source[start:end], field)


def _free(places: Iterable[tuple[int, int]], taken: Sequence[NameSpan]) -> Iterator[tuple[int, int]]:
    """The places that touch no span; both come in order."""
    covered = sorted((span.start, span.end) for span in taken)
    position = 0
    for start, end in places:
        while position < len(covered) and covered[position][1] <= start:
            position += 1
        if position == len(covered) or covered[position][0] >= end:
            yield start, end


def _is_part(source: str, start: int, end: int, label: str) -> bool:
    """Whether the place is part of another name: a street or school behind it, a given name before a lone word."""
    behind = BEHIND.match(source, end)
    if behind is not None and behind["word"].casefold().removesuffix("'s").removesuffix("’s") in BODY | PLACE_LAST:
        return label in ("PERSON", *PLACES)
    before = WORD_BEFORE.search(source[max(0, start - 30) : start])
    return before is not None and " " not in source[start:end] and before["word"].casefold() in GIVEN_NAMES


def _is_word_there(source: str, start: int, end: int) -> bool:
    """Whether a name that is a common word stands where any word has a capital."""
    if source[start:end].casefold() not in WORDS_TOO:
        return False
    return SENTENCE_START.search(source[max(0, start - 3) : start]) is not None


def _place(span: NameSpan) -> tuple[bool, int, int]:
    return (span.field == "text", span.start, span.end)
