"""Who is being talked about: the places of a text that name people, and which of them a pronoun means."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile

from transforms.core.entities import Gender, Person

POSSESSIVE = re.compile(r"['’]s?\b")
OF_WHOM = re.compile(r",?\s+(?:whom?|that|which)\s+\Z")
FIRST_WORD = re.compile(r"\W*(\w+)")
BEHIND_COMMA = re.compile(r",\s+(?:[A-Z]\w*\.?\s+)*\Z")
FARTHEST = 12
"""Sentences that a pronoun looks back."""
MOST_PLACES = 100
"""Names and pronouns that it looks back, so that a text of nothing else ends in time."""
LONGEST_OPENING = 300
"""Characters of a clause that opens a sentence."""
LONGEST_TITLES = 60
"""Characters of the titles in front of a name."""
SUBJECT, OWNER, SPOKE_LAST, JUST_BEFORE, SAME_PARAGRAPH, GENDER_KNOWN, PER_SENTENCE = 1.5, 0.75, 1.5, 1.0, 0.5, 1.0, 1.0
NAMED_INSIDE = 3.0
CARRIED = 1.0
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A pronoun: where it stands, who spoke last before it, who is named inside the words that it says."""

    position: int
    sentence: int
    paragraph: int
    last: int | None
    inside: Collection[int]


class Discourse:
    """The people of one text in the order in which the reporter names them."""

    def __init__(
        self,
        text: str,
        mentions: Sequence[tuple[int, int, int]],
        people: Mapping[int, Person],
        ends: Sequence[int],
        speaking: Collection[int],
        pronouns: Sequence[tuple[int, Gender]] = (),
        openers: Collection[str] = frozenset(),
    ) -> None:
        """``pronouns`` are the reporter's "he" and "she" in order: each carries on what the text is about."""
        self._text = text
        self._ends = ends
        self._people = people
        self._speaking = speaking
        self._pronouns = pronouns
        self._openers = openers
        self._followed = 0
        self._opened = {self._sentence(start): start for start, _ in reversed(pronouns)}
        self._places = list(self._placed(mentions))
        self._starts = [place.start for place in self._places]

    def follow(self, position: int, last: int | None) -> None:
        """Works out whom each pronoun before ``position`` means; ``last`` is who spoke last."""
        while self._followed < len(self._pronouns) and self._pronouns[self._followed][0] < position:
            start, gender = self._pronouns[self._followed]
            self._followed += 1
            if start not in self._speaking and not self._looks_ahead(start):
                self.note(start, self.meant(start, gender, last))

    def _is_early(self, position: int) -> bool:
        """Whether a pronoun stands in a clause that opens a sentence ('Asked whether he would go, Castell …')."""
        begin = self._begin(self._sentence(position))
        opening = self._text[begin:position] if position - begin <= LONGEST_OPENING else ","
        return bool(opening.strip(" \"'“‘(")) and "," not in opening

    def _looks_ahead(self, position: int) -> bool:
        """Whether a pronoun can mean somebody whom its sentence names only later on."""
        return self._is_early(position) and bool(self.named_after(position))

    def note(self, position: int, person: int | None) -> None:
        """A pronoun at ``position`` means ``person``, who is named there as it were."""
        if person is None:
            return
        is_first = self._opened.get(self._sentence(position)) == position
        weight = SUBJECT if position in self._speaking else CARRIED if is_first else 0.0
        place = Place(position, position, person, self._sentence(position), self._paragraph(position), weight)
        insort(self._places, place, key=_start)
        insort(self._starts, position)

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

    def meant(
        self, position: int, gender: Gender, last: int | None, inside: Collection[int] = frozenset()
    ) -> int | None:
        """The person that a pronoun of ``gender`` at ``position`` means; ``last`` is who spoke last.

        Hardly one of those named ``inside`` the words that the pronoun says.

        Where the text names one person only, that one, whatever the given name made of the gender.
        """
        banned = self.named_after(position)
        found = list(self._candidates(position, gender, banned))
        if found:
            asked = _Asked(position, self._sentence(position), self._paragraph(position), last, inside)
            alone = self._alone(found, asked.sentence)
            return max(found, key=lambda place: self._score(place, asked, alone)).cluster
        if last is not None and last not in banned and self._people[last].gender in {gender, Gender.UNKNOWN}:
            return last
        named = {place.cluster for place in self._places}
        return named.pop() if len(named) == 1 and not named & set(banned) else None

    def _candidates(self, position: int, gender: Gender, banned: Collection[int]) -> Iterator[Place]:
        """The places of people whom a pronoun of ``gender`` can mean, the nearest first."""
        here = self._sentence(position)
        for place in islice(self.before(position), MOST_PLACES):
            if here - place.sentence > FARTHEST:
                return
            if self._people[place.cluster].gender in {gender, Gender.UNKNOWN} and place.cluster not in banned:
                yield place

    def _alone(self, found: Sequence[Place], here: int) -> int | None:
        """The one person of known gender among those of this sentence and the one before."""
        near = {place.cluster for place in found if here - place.sentence <= 1}
        only = near.pop() if len(near) == 1 else None
        return only if only is not None and self._people[only].gender is not Gender.UNKNOWN else None

    def _score(self, place: Place, asked: _Asked, alone: int | None) -> float:
        back = asked.sentence - place.sentence
        weight = SUBJECT if place.cluster == alone and back <= 1 else place.weight
        return (
            weight * (2 if back == 0 else 1)
            + JUST_BEFORE * (back == 1 and weight == SUBJECT)
            + SPOKE_LAST * (place.cluster == asked.last)
            + SAME_PARAGRAPH * (place.paragraph == asked.paragraph)
            + GENDER_KNOWN * (self._people[place.cluster].gender is not Gender.UNKNOWN)
            - PER_SENTENCE * back
            - NAMED_INSIDE * (place.cluster in asked.inside)
        )

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

    def _near(self, position: int) -> Sequence[Place]:
        first = bisect_left(self._starts, position)
        return self._places[max(0, first - 8) : first][::-1]

    def _placed(self, mentions: Sequence[tuple[int, int, int]]) -> Iterator[Place]:
        for sentence, group in groupby(mentions, key=lambda mention: self._sentence(mention[0])):
            inside = list(group)
            main = self._main(sentence, inside)
            for at, (start, end, index) in enumerate(inside):
                owns = POSSESSIVE.match(self._text, end) is not None
                is_subject = at == main or start in self._speaking
                weight = OWNER if at < main or (is_subject and owns) else SUBJECT if is_subject else 0.0
                yield Place(start, end, index, sentence, self._paragraph(start), weight)

    def _main(self, sentence: int, mentions: Sequence[tuple[int, int, int]]) -> int:
        """Which of the names of a sentence is its subject: the first, unless it owns something or a clause opens."""
        begin = self._begin(sentence)
        opened = self._opened.get(sentence, len(self._text))
        first = FIRST_WORD.match(self._text, begin)
        if first is not None and first.group(1).lower() in self._openers:
            ahead = (at for at, (start, _, _) in enumerate(mentions) if self._is_behind_comma(begin, start))
            return next(ahead, 0 if mentions[0][0] < opened else len(mentions))
        owning = takewhile(lambda mention: POSSESSIVE.match(self._text, mention[1]) is not None, mentions)
        at = min(len(list(owning)), len(mentions) - 1)
        return at if mentions[at][0] < opened else len(mentions)

    def _is_behind_comma(self, begin: int, position: int) -> bool:
        """Whether a comma stands in front of ``position`` in the sentence from ``begin``, titles between them."""
        return BEHIND_COMMA.search(self._text[max(begin, position - LONGEST_TITLES) : position]) is not None

    def _begin(self, sentence: int) -> int:
        return self._ends[sentence - 1] if sentence else 0

    def _sentence(self, position: int) -> int:
        return bisect_right(self._ends, position)

    def _paragraph(self, position: int) -> int:
        return self._text.rfind("\n", 0, position)


def _start(place: Place) -> int:
    return place.start
