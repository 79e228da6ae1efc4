"""From the speaker as written to the person: surnames, pronouns and roles resolved by the clusters of the document."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas.article import Quotation
from transforms.core.entities import Cluster, Gender, Person, people_of
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import Marked, is_inside

SENTENCE_END = re.compile(r"[.!?…][\"”’')]*\s+(?=[\"“‘'(]?[A-ZÀ-Þ])|\n+")
POSSESSIVE = re.compile(r"['’]s?\b")
WORDS = re.compile(r"[^\W\d_]+")
FARTHEST = 12
"""Sentences that a pronoun looks back."""
FIRST_IN_SENTENCE, SPOKE_LAST, GENDER_KNOWN, PER_SENTENCE = 1.5, 2.0, 1.0, 1.0
"""Weights of a candidate for a pronoun: subjects mostly come first, and who spoke goes on speaking."""


@dataclass(frozen=True, slots=True)
class Place:
    """A mention of a person in the reporter's own words: ``sentence`` counts from the start of the text."""

    start: int
    cluster: int
    sentence: int
    is_first: bool


class Resolver:
    """Looks speakers up among the clusters of one document."""

    def __init__(self, text: str, marked: Marked, clusters: Sequence[Cluster], lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._clusters = clusters
        self._quoted = [(segment.start, segment.end) for segment in marked.segments]
        self._ends = [
            match.end() for match in SENTENCE_END.finditer(text) if not is_inside(self._quoted, match.start())
        ]
        bounds = [0, *self._ends, len(text)]
        sentences = [(start, end) for start, end in pairwise(bounds) if start < end]
        self._people = {person.cluster: person for person in people_of(text, clusters, sentences)}
        self._mentions = sorted(
            (mention.start, mention.end, index)
            for index, cluster in enumerate(clusters)
            for mention in cluster.mentions
            if mention.field == "text"
        )
        self._places = tuple(self._placed())
        self._place_starts = [place.start for place in self._places]

    def resolved(self, quotes: Sequence[Quotation]) -> tuple[Quotation, ...]:
        """The quotations, given in order, with ``speaker_name`` and ``speaker_entity_id`` where they can be told."""
        result: list[Quotation] = []
        known: dict[int, int | None] = {}
        last: int | None = None
        for quote in quotes:
            where = quote.speaker_start_char
            if where is not None and where not in known:
                known[where] = self._cluster(quote, last)
            cluster = known[where] if where is not None else None
            if cluster is not None:
                last = cluster if cluster in self._people else last
                name, entity = self._clusters[cluster].name, f"e{cluster + 1}"
                result.append(replace(quote, speaker_name=name, speaker_entity_id=entity))
            else:
                result.append(replace(quote, speaker_name=self._as_written(quote)))
        return tuple(result)

    def _placed(self) -> Iterator[Place]:
        before = -1
        for start, end, index in self._mentions:
            if index not in self._people or is_inside(self._quoted, start):
                continue
            sentence = self._sentence(start)
            owns = POSSESSIVE.match(self._text, end) is not None
            yield Place(start, index, sentence, is_first=sentence != before and not owns)
            before = sentence if not owns else before

    def _sentence(self, position: int) -> int:
        return bisect_right(self._ends, position)

    def _as_written(self, quote: Quotation) -> str | None:
        if quote.speaker is None or quote.speaker.lower() in self._lexicon.pronouns | self._lexicon.first_person:
            return None
        return quote.speaker

    def _cluster(self, quote: Quotation, last: int | None) -> int | None:
        start, end = quote.speaker_start_char, quote.speaker_end_char
        if quote.speaker is None or start is None or end is None:
            return None
        lower = quote.speaker.lower()
        if lower in self._lexicon.male:
            return self._pronoun(start, Gender.MALE, last)
        if lower in self._lexicon.female:
            return self._pronoun(start, Gender.FEMALE, last)
        named = self._named(start, end)
        return named if named is not None else self._role(quote.speaker, start)

    def _named(self, start: int, end: int) -> int | None:
        """The person named in the speaker's phrase, owners left out ('X's lawyer'); else the body that it names."""
        first = bisect_left(self._mentions, (start, 0, 0))
        inside = [mention for mention in self._mentions[first : first + 20] if mention[0] < end]
        inside = [
            mention for mention in inside if POSSESSIVE.match(self._text, mention[1]) is None or mention[1] >= end
        ]
        people = [mention for mention in inside if mention[2] in self._people]
        if people:
            return people[0][2]
        whole = [mention for mention in inside if mention[1] >= end and self._is_bare(start, mention[0])]
        return whole[0][2] if whole else None

    def _is_bare(self, start: int, name_start: int) -> bool:
        """Whether only an article stands before the name in the phrase."""
        return self._text[start:name_start].strip().lower() in {
            "",
            "the",
            "le",
            "la",
            "les",
            "el",
            "los",
            "las",
            "l'",
            "l’",
        }

    def _role(self, speaker: str, position: int) -> int | None:
        """Who holds the role of 'the minister': the last person named before with that role."""
        words = re.findall(r"[^\W\d_]+", speaker.lower())
        if not words or words[0] not in self._lexicon.definite:
            return None
        role = next((word for word in words if word in self._lexicon.persons), None)
        if role is None:
            return None
        return next(
            (place.cluster for place in self._before(position) if role in self._people[place.cluster].roles), None
        )

    def _before(self, position: int) -> Iterator[Place]:
        """The places before ``position``, the nearest first."""
        return reversed(self._places[: bisect_left(self._place_starts, position)])

    def _pronoun(self, position: int, gender: Gender, last: int | None) -> int | None:
        here = self._sentence(position)
        best: tuple[float, int] | None = None
        for place in self._before(position):
            back = here - place.sentence
            if back > FARTHEST:
                break
            person = self._people[place.cluster]
            if person.gender not in {gender, Gender.UNKNOWN}:
                continue
            score = self._salience(place, person, back, last)
            if best is None or score > best[0]:
                best = (score, place.cluster)
        if best is not None:
            return best[1]
        return last if last is not None and self._people[last].gender in {gender, Gender.UNKNOWN} else None

    def _salience(self, place: Place, person: Person, back: int, last: int | None) -> float:
        return (
            FIRST_IN_SENTENCE * place.is_first * (2 if back == 0 else 1)
            + SPOKE_LAST * (place.cluster == last)
            + GENDER_KNOWN * (person.gender is not Gender.UNKNOWN)
            - PER_SENTENCE * back
        )
