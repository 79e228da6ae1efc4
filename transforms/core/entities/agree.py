"""Agreement in a document: a name known from one place is found and typed alike wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from transforms.core.entities.names import NameSpan
from transforms.core.entities.wordlist import words

SHORTEST = 3
"""Characters of a surname that is looked for on its own."""
NOT_GIVEN = frozenset(
    words(
        "the a an but and when while as if for in on at mr mrs ms dr sen rep gov sir dame lord lady minister premier "
        "president mayor senator governor captain professor doctor judge chief sergeant constable detective officer "
        "inspector superintendent commissioner director coach secretary chairman chairwoman spokesman spokeswoman"
    )
)
"""Words that stand before a surname without being a given name."""
PERSONAL = (
    r",\s+(?:who\b|\d\d\b|[^,.;\n]{0,50}\b(?:executive|director|minister|mayor|professor|lawyer|owner|manager|president"
    r"|leader|analyst|economist|farmer|teacher|nurse|doctor|resident|spokes\w+|chair\w*|\w+ologist)\b)"
)
"""What follows the names of people."""
PARTICLES = frozenset({"van", "von", "de", "der", "den", "la", "le", "du", "da", "di", "bin", "al", "el", "ibn", "st."})
SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


def agreed(spans: Sequence[NameSpan], source: str, field: str) -> tuple[NameSpan, ...]:
    """``spans`` with the places that the model missed: full names and surnames of people found elsewhere.

    ``source`` is the text that ``field`` names; spans of the other field only lend their names.
    """
    own = [span for span in spans if span.field == field]
    known = dict.fromkeys(form for span in spans if span.label == "PERSON" for form in _forms(span.text))
    taken = [(span.start, span.end) for span in own]
    return tuple(sorted([*own, *_missed(known, source, field, taken)], key=_place))


def with_speakers(spans: Sequence[NameSpan], speakers: Sequence[tuple[int, int]], source: str) -> tuple[NameSpan, ...]:
    """``spans`` with those who speak as people, where the model took them for something else or for nothing.

    A surname that speaks lends its type to the full name in front of which a given name stands.
    """
    people = [(start, end) for start, end in speakers if _is_full_name(source[start:end])]
    for last in dict.fromkeys(source[start:end] for start, end in speakers if _is_surname(source[start:end])):
        people += _full_names(last, source)
    missed = []
    for start, end in dict.fromkeys(people):
        over = [span for span in spans if span.start < end and start < span.end]
        stands_alone = _stands_alone(source[start:end], source)
        if not over or (stands_alone and not any(span.label == "PERSON" for span in over)):
            missed.append(NameSpan(start, end, "PERSON", source[start:end]))
    kept = [span for span in spans if not any(span.start < new.end and new.start < span.end for new in missed)]
    return tuple(sorted([*kept, *missed], key=_place))


def _is_surname(text: str) -> bool:
    return len(text) >= SHORTEST and text[0].isupper() and not text.isupper() and " " not in text


def _full_names(last: str, source: str) -> list[tuple[int, int]]:
    """Where a given name stands before the surname ``last``."""
    found = re.finditer(rf"(?<![\w-])(?P<given>[A-ZÀ-Þ][\w'’-]+) (?:[A-Z]\. )?{re.escape(last)}(?![\w-])", source)
    return [match.span() for match in found if match["given"].casefold() not in NOT_GIVEN]


def _stands_alone(name: str, source: str) -> bool:
    """Whether a name is used as only those of people are: by its last word alone, or with what a person does."""
    elsewhere = source.replace(name, "")
    alone = rf"(?<![\w-]){re.escape(surname(name))} (?:said|says|told|added|was|is|has|had)\b"
    return re.search(alone, elsewhere) is not None or re.search(re.escape(name) + PERSONAL, source) is not None


def _is_full_name(text: str) -> bool:
    parts = text.split()
    return 2 <= len(parts) <= 5 and all(part[0].isupper() for part in parts) and not text.isupper()


def surname(name: str) -> str:
    """The last part of a name that is no suffix ('Jr.')."""
    parts = [part for part in name.split() if part.casefold().rstrip(",") not in SUFFIXES]
    return parts[-1] if parts else name


def _forms(name: str) -> Iterator[str]:
    parts = name.split()
    if len(parts) < 2:
        return
    yield name
    last = surname(name)
    if len(last) >= SHORTEST and last[0].isupper() and last.casefold() not in PARTICLES:
        yield last


def _missed(known: Iterable[str], source: str, field: str, taken: list[tuple[int, int]]) -> Iterator[NameSpan]:
    forms = sorted(known, key=len, reverse=True)
    if not forms:
        return
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(form) for form in forms)})(?![\w-])")
    covered = sorted(taken)
    position = 0
    for match in pattern.finditer(source):
        while position < len(covered) and covered[position][1] <= match.start():
            position += 1
        if position < len(covered) and covered[position][0] < match.end():
            continue
        if not _goes_on(source, match):
            yield NameSpan(match.start(), match.end(), "PERSON", match.group(), field)


def _goes_on(source: str, match: re.Match[str]) -> bool:
    """Whether a capitalised word follows, so that the place may be part of another name ('Smith Street')."""
    return bool(
        re.match(
            r" [A-Z][a-z]+ ?(?:Street|Avenue|Road|University|College|School|Hospital|Inc|Foundation)",
            source[match.end() : match.end() + 40],
        )
    )


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)
