"""Those who speak are people: names that the grammar finds and the model did not."""

from __future__ import annotations

import re
from collections.abc import Sequence

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

PERSONAL = (
    r",\s+(?:who\b|\d\d\b|[^,.;\n]{0,50}\b(?:executive|director|minister|mayor|professor|lawyer|owner|manager|president"
    r"|leader|analyst|economist|farmer|teacher|nurse|doctor|resident|spokes\w+|chair\w*|\w+ologist)\b)"
)
"""What follows the names of people."""


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


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)
