"""Those who speak are people: names that the grammar finds and the model did not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.core.entities.lookup import WHOLE_END, WHOLE_START, places_of
from transforms.core.entities.names import NameSpan, surname
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

PERSONAL = re.compile(
    r",\s+(?:who\b|\d\d\b|[^,.;\n]{0,50}\b(?:executive|director|minister|mayor|professor|lawyer|owner|manager|president"
    r"|leader|analyst|economist|farmer|teacher|nurse|doctor|resident|spokes\w+|chair\w*|\w+ologist)\b)"
)
"""What follows the names of people."""

ACTS = re.compile(r" (?:said|says|told|added|was|is|has|had)\b")
"""What people do whom their surname alone stands for."""

GIVEN_BEFORE = re.compile(r"(?<![\w-])(?P<given>[A-ZÀ-Þ][\w'’-]+) (?:[A-Z]\. )?\Z")
LONGEST_GIVEN = 100
"""Characters before a surname in which its given name is looked for."""


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
    found: list[tuple[int, int]] = []
    behind = 0
    for at in places_of(last, source):
        given = GIVEN_BEFORE.search(source, max(behind, at - LONGEST_GIVEN), at)
        if given is not None and WHOLE_END.match(source, at + len(last)):
            behind = at + len(last)
            found += [(given.start(), behind)] if given["given"].casefold() not in NOT_GIVEN else []
    return found


def _stands_alone(name: str, source: str) -> bool:
    """Whether a name is used as only those of people are: by its last word alone, or with what a person does."""
    elsewhere, last = source.replace(name, ""), surname(name)
    acts = any(
        WHOLE_START.match(elsewhere, at) and ACTS.match(elsewhere, at + len(last)) for at in places_of(last, elsewhere)
    )
    return acts or any(PERSONAL.match(source, at + len(name)) for at in places_of(name, source))


def _is_full_name(text: str) -> bool:
    parts = text.split()
    return 2 <= len(parts) <= 5 and all(part[0].isupper() for part in parts) and not text.isupper()


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)
