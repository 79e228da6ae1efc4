"""From the speaker as written to the person: surnames, pronouns and roles resolved by the clusters of the document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from schemas.article import Quotation
from transforms.core.entities import Cluster, Gender, people_of
from transforms.core.entities.wordlist import words
from transforms.core.quotations.discourse import POSSESSIVE, Discourse
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import Marked, is_inside
from transforms.core.quotations.sentence_ends import sentence_ends

WORDS = re.compile(r"[^\W\d_]+")
NOT_MEANT = frozenset(words("of for by from to with at in on including and like de du des del"))
"""Words behind which a name in the speaker's phrase is somebody else's ('a spokesman for X')."""
VAGUE = frozenset({"group", "company", "firm", "committee"})
"""Nouns that stand for any body, whatever its name ends in."""
NEAR = 5
"""Sentences within which a holder of a role is meant whoever else is talked about."""
ARTICLES = frozenset({"", "the", "le", "la", "les", "el", "los", "las", "l'", "l’"})


class Resolver:
    """Looks speakers up among the clusters of one document."""

    def __init__(
        self,
        text: str,
        marked: Marked,
        clusters: Sequence[Cluster],
        lexicon: Lexicon,
        heads: Mapping[int, int],
    ) -> None:
        """``heads`` gives, by the start of a speaker's phrase, where its head word starts."""
        self._text = text
        self._lexicon = lexicon
        self._clusters = clusters
        self._heads = heads
        quoted = [(segment.start, segment.end) for segment in marked.segments]
        ends = sentence_ends(text, quoted, lexicon)
        bounds = [0, *ends, len(text)]
        sentences = [(start, end) for start, end in pairwise(bounds) if start < end]
        self._people = {person.cluster: person for person in people_of(text, clusters, sentences)}
        self._mentions = sorted(
            (mention.start, mention.end, index)
            for index, cluster in enumerate(clusters)
            for mention in cluster.mentions
            if mention.field == "text"
        )
        outside = [
            mention for mention in self._mentions if mention[2] in self._people and not is_inside(quoted, mention[0])
        ]
        speaking = frozenset(heads.values()) | frozenset(heads)
        pronouns = [(start, gender) for start, gender in self._pronouns() if not is_inside(quoted, start)]
        self._discourse = Discourse(text, outside, self._people, ends, speaking, pronouns, lexicon.openers)

    def _pronouns(self) -> Iterator[tuple[int, Gender]]:
        for match in WORDS.finditer(self._text):
            word = match.group().lower()
            if word in self._lexicon.nominative:
                yield match.start(), Gender.MALE if word in self._lexicon.male else Gender.FEMALE

    def resolved(self, quotes: Sequence[Quotation]) -> tuple[Quotation, ...]:
        """The quotations, given in order, with ``speaker_name`` and ``speaker_entity_id`` where they can be told."""
        result: list[Quotation] = []
        known: dict[int, int | None] = {}
        said = _said(quotes)
        last: int | None = None
        group: Quotation | None = None
        for quote in quotes:
            where = quote.speaker_start_char
            if where is not None and where not in known:
                self._discourse.follow(where, last)
                known[where] = self._cluster(quote, last, said.get(where, ()))
            cluster = known[where] if where is not None else None
            if cluster is not None:
                last = cluster if cluster in self._people else last
                name, entity = self._clusters[cluster].name, f"e{cluster + 1}"
                result.append(replace(quote, speaker_name=name, speaker_entity_id=entity))
            elif group is not None and self._is_plural(quote.speaker):
                result.append(
                    replace(quote, speaker_name=group.speaker_name, speaker_entity_id=group.speaker_entity_id)
                )
            else:
                result.append(replace(quote, speaker_name=self._as_written(quote)))
            if self._is_group(result[-1], cluster):
                group = result[-1]
        return tuple(result)

    def _is_group(self, quote: Quotation, cluster: int | None) -> bool:
        """Whether a speaker is more than one person, so that "they" may mean it."""
        if cluster in self._people or quote.speaker_name is None or quote.speaker_start_char is None:
            return False
        start = self._heads.get(quote.speaker_start_char, quote.speaker_start_char)
        head = WORDS.match(self._text, start)
        noun = head.group().lower() if head is not None else ""
        return cluster is not None or noun.endswith("s") or noun in self._lexicon.collectives

    def _is_plural(self, speaker: str | None) -> bool:
        return speaker is not None and speaker.lower() in self._lexicon.plural

    def _as_written(self, quote: Quotation) -> str | None:
        if quote.speaker is None or quote.speaker.lower() in self._lexicon.nameless:
            return None
        return quote.speaker

    def _cluster(self, quote: Quotation, last: int | None, said: Sequence[tuple[int, int]]) -> int | None:
        start, end = quote.speaker_start_char, quote.speaker_end_char
        if quote.speaker is None or start is None or end is None:
            return None
        lower = quote.speaker.lower()
        if lower in self._lexicon.male:
            return self._pronoun(start, Gender.MALE, last, said)
        if lower in self._lexicon.female:
            return self._pronoun(start, Gender.FEMALE, last, said)
        named = self._named(start, end)
        return named if named is not None else self._role(quote.speaker, start, last)

    def _pronoun(self, position: int, gender: Gender, last: int | None, said: Sequence[tuple[int, int]]) -> int | None:
        """The person a pronoun means: nobody whom its sentence names later on or whom the speaker speaks of by name."""
        inside = {index for start, _, index in self._mentions if any(begin <= start < end for begin, end in said)}
        person = self._discourse.meant(position, gender, last, inside)
        self._discourse.note(position, person)
        return person

    def _named(self, start: int, end: int) -> int | None:
        """The person that the speaker's phrase names as its head or in apposition; else the body that it names."""
        first = bisect_left(self._mentions, (start, 0, 0))
        inside = [mention for mention in self._mentions[first : first + 20] if mention[0] < end]
        inside = [
            mention for mention in inside if POSSESSIVE.match(self._text, mention[1]) is None or mention[1] >= end
        ]
        head = self._heads.get(start, start)
        people = [mention for mention in inside if mention[2] in self._people and self._is_meant(head, mention)]
        if people:
            return people[0][2]
        whole = [mention for mention in inside if mention[1] >= end and self._is_bare(start, mention[0])]
        return whole[0][2] if whole else None

    def _is_meant(self, head: int, mention: tuple[int, int, int]) -> bool:
        """Whether a name holds the head word of a phrase or stands in apposition behind it."""
        if mention[0] <= head < mention[1]:
            return True
        between = [word.lower() for word in self._text[head : mention[0]].split()]
        while between and between[-1] in self._lexicon.titles:
            between.pop()
        return bool(between) and between[-1] not in NOT_MEANT

    def _is_bare(self, start: int, name_start: int) -> bool:
        """Whether only an article stands before the name in the phrase."""
        return self._text[start:name_start].strip().lower() in ARTICLES

    def _role(self, speaker: str, position: int, last: int | None) -> int | None:
        """Who 'the minister' is: the last person named with that role, unless the talk is of somebody else by now."""
        phrase = WORDS.findall(speaker.lower())
        head = WORDS.match(self._text, self._heads.get(position, position))
        if len(phrase) < 2 or head is None or phrase[0] not in self._lexicon.definite:
            return None
        noun = head.group().lower()
        if noun not in self._lexicon.persons:
            return self._body(noun, position)
        holder = self._discourse.holder(position, noun)
        near = self._discourse.subject_near(position, last)
        if holder is not None and (holder[1] <= NEAR or near is None):
            return holder[0]
        others = self._people[near].roles & self._lexicon.persons if near is not None else frozenset()
        return near if not others or noun in others else None

    def _body(self, noun: str, position: int) -> int | None:
        """The body last named before whose name ends in the noun ('the department' after 'the Lands Department')."""
        first = bisect_left(self._mentions, (position, 0, 0))
        if noun in VAGUE:
            return None
        for _, _, index in reversed(self._mentions[:first]):
            parts = self._clusters[index].name.lower().split()
            if index not in self._people and len(parts) > 1 and parts[-1] == noun:
                return index
        return None


def _said(quotes: Sequence[Quotation]) -> Mapping[int, list[tuple[int, int]]]:
    """The spans of what is said, by the start of the speaker's phrase; clauses in front of it may name the speaker."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for quote in quotes:
        is_before = quote.kind != "direct" and quote.end_char <= (quote.speaker_start_char or 0)
        if quote.speaker_start_char is not None and not is_before:
            found[quote.speaker_start_char].append((quote.start_char, quote.end_char))
    return found
