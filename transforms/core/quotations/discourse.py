"""Who is being talked about: the places of a text that name people, and which of them a pronoun means."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from transforms.core.entities import Gender, Person
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import is_inside

SENTENCE_END = re.compile(r"[.!?…][\"”’')]*\s+(?=[\"“‘'(]?[A-ZÀ-Þ])|\n+")
LAST_WORD = re.compile(r"([\w.]+)\Z")
POSSESSIVE = re.compile(r"['’]s?\b")
OF_WHOM = re.compile(r",?\s+(?:whom?|that|which)\s+\Z")
FARTHEST = 12
"""Sentences that a pronoun looks back."""
SUBJECT, OWNER, SPOKE_LAST, JUST_BEFORE, SAME_PARAGRAPH, GENDER_KNOWN, PER_SENTENCE = 1.5, 0.75, 1.5, 1.0, 0.5, 1.0, 1.0
"""Weights of a candidate for a pronoun: subjects mostly come first, and who spoke goes on speaking unless somebody
else has become the subject since.  Set by reading 120 pronouns of news stories."""


@dataclass(frozen=True, slots=True)
class Place:
    """A mention of a person in the reporter's own words: ``sentence`` counts from the start of the text."""

    start: int
    end: int
    cluster: int
    sentence: int
    paragraph: int
    weight: float


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


class Discourse:
    """The people of one text in the order in which the reporter names them."""

    def __init__(
        self,
        text: str,
        mentions: Sequence[tuple[int, int, int]],
        people: Mapping[int, Person],
        ends: Sequence[int],
        speaking: Collection[int],
    ) -> None:
        self._text = text
        self._ends = ends
        self._people = people
        self._speaking = speaking
        self._places = tuple(self._placed(mentions))
        self._starts = [place.start for place in self._places]

    def before(self, position: int) -> Iterator[Place]:
        """The places before ``position``, the nearest first."""
        return reversed(self._places[: bisect_left(self._starts, position)])

    def named_after(self, position: int) -> frozenset[int]:
        """The people named behind ``position`` in its sentence: no pronoun there means one of them.

        Nor does it mean the one of whom its relative clause speaks ('X, whom he described').
        """
        sentence = self._sentence(position)
        first = bisect_right(self._starts, position)
        later = [place for place in self._places[first : first + 20] if place.sentence == sentence]
        found = {place.cluster for place in later if place.start not in self._speaking}
        if first and OF_WHOM.match(self._text[self._places[first - 1].end : position]):
            found.add(self._places[first - 1].cluster)
        return frozenset(found)

    def meant(self, position: int, gender: Gender, last: int | None, banned: Collection[int]) -> int | None:
        """The person that a pronoun of ``gender`` at ``position`` means; ``last`` is who spoke last.

        Where the text names one person only, that one, whatever the given name made of the gender.
        """
        here, paragraph = self._sentence(position), self._paragraph(position)
        best: tuple[float, int] | None = None
        for place in self.before(position):
            back = here - place.sentence
            if back > FARTHEST:
                break
            person = self._people[place.cluster]
            if person.gender not in {gender, Gender.UNKNOWN} or place.cluster in banned:
                continue
            score = self._salience(place, person, back, last) + SAME_PARAGRAPH * (place.paragraph == paragraph)
            if best is None or score > best[0]:
                best = (score, place.cluster)
        if best is not None:
            return best[1]
        if last is not None and last not in banned and self._people[last].gender in {gender, Gender.UNKNOWN}:
            return last
        named = {place.cluster for place in self._places}
        return named.pop() if len(named) == 1 and not named & set(banned) else None

    def subject_near(self, position: int, last: int | None) -> int | None:
        """The person whom the sentence before ``position``, or its own, is about; who spoke last goes first."""
        here = self._sentence(position)
        near = [place for place in self._near(position) if here - place.sentence <= 1 and place.weight == SUBJECT]
        spoke = next((place.cluster for place in near if place.cluster == last), None)
        return spoke if spoke is not None else next((place.cluster for place in near), None)

    def holder(self, position: int, role: str) -> tuple[int, int] | None:
        """The last person named before ``position`` with that role, and how many sentences before."""
        here = self._sentence(position)
        places = (place for place in self.before(position) if role in self._people[place.cluster].roles)
        return next(((place.cluster, here - place.sentence) for place in places), None)

    def _near(self, position: int) -> tuple[Place, ...]:
        first = bisect_left(self._starts, position)
        return self._places[max(0, first - 8) : first][::-1]

    def _salience(self, place: Place, person: Person, back: int, last: int | None) -> float:
        return (
            place.weight * (2 if back == 0 else 1)
            + JUST_BEFORE * (back == 1 and place.weight == SUBJECT)
            + SPOKE_LAST * (place.cluster == last)
            + GENDER_KNOWN * (person.gender is not Gender.UNKNOWN)
            - PER_SENTENCE * back
        )

    def _placed(self, mentions: Sequence[tuple[int, int, int]]) -> Iterator[Place]:
        before = -1
        for start, end, index in mentions:
            sentence = self._sentence(start)
            owns = POSSESSIVE.match(self._text, end) is not None
            is_first = sentence != before
            weight = (OWNER if owns else SUBJECT) if is_first or start in self._speaking else 0.0
            yield Place(start, end, index, sentence, self._paragraph(start), weight)
            before = sentence if not owns else before

    def _sentence(self, position: int) -> int:
        return bisect_right(self._ends, position)

    def _paragraph(self, position: int) -> int:
        return self._text.rfind("\n", 0, position)
