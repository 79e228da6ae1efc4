"""What a document lets one know of its people: gender and role, from titles, given names, nouns and pronouns nearby."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from transforms.core.entities.clusters import Cluster
from transforms.core.entities.given_names import FEMALE, MALE
from transforms.core.entities.names import NameSpan
from transforms.core.entities.wordlist import words

BEFORE = 60
AFTER = 90
WORDS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
APPOSITION = re.compile(
    r"\s*(?:\([^)]{1,40}\))?,\s+(?P<words>(?:who (?:is|was) )?"
    r"(?:the|a|an|its|his|her|their|our|former|chief|co-)[^.,;:—\"“”\n]*)"
)
CLAUSE_BREAK = re.compile(r"[.;:!?\"“”\n,()]")
MALE_WORDS = frozenset(
    words(
        "mr sir lord king prince father brother son husband uncle nephew grandfather actor chairman spokesman "
        "congressman councilman businessman fisherman salesman widower man boy pope priest duke baron monsieur"
    )
)
FEMALE_WORDS = frozenset(
    words(
        "mrs ms miss dame lady queen princess mother sister daughter wife aunt niece grandmother actress chairwoman "
        "spokeswoman congresswoman councilwoman businesswoman widow woman girl duchess baroness waitress madame"
    )
)
ADDRESS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "dame"})
BETWEEN = frozenset(
    words("said says told to with by and from that as in on of for at met is was has had have but when while who")
)
HE = frozenset({"he", "him", "his", "himself"})
SHE = frozenset({"she", "her", "hers", "herself"})
ABBREVIATED = {
    "gov": "governor",
    "sen": "senator",
    "rep": "representative",
    "coun": "councillor",
    "const": "constable",
    "cst": "constable",
    "sgt": "sergeant",
    "det": "detective",
    "insp": "inspector",
    "supt": "superintendent",
    "prof": "professor",
    "dr": "doctor",
    "gen": "general",
    "capt": "captain",
    "rev": "reverend",
    "lt": "lieutenant",
    "col": "colonel",
}
TITLE_WEIGHT, NAME_WEIGHT, PRONOUN_WEIGHT = 6, 4, 1


class Gender(StrEnum):
    """By the words that the document uses."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """A cluster of type PERSON: its index among the clusters, gender, words of titles and appositions ("minister")."""

    cluster: int
    gender: Gender
    roles: frozenset[str]


def people_of(text: str, clusters: Sequence[Cluster], sentences: Sequence[tuple[int, int]]) -> tuple[Person, ...]:
    """The people among ``clusters``; ``sentences`` are spans of the reporter's own sentences."""
    votes = _pronoun_votes(text, clusters, sentences)
    return tuple(
        _person(text, index, cluster, votes) for index, cluster in enumerate(clusters) if cluster.type == "PERSON"
    )


def _person(text: str, index: int, cluster: Cluster, votes: Counter[tuple[int, Gender]]) -> Person:
    nearby = [word for mention in cluster.mentions if mention.field == "text" for word in _words_around(text, mention)]
    score = Counter({gender: PRONOUN_WEIGHT * votes[(index, gender)] for gender in (Gender.MALE, Gender.FEMALE)})
    for word in nearby:
        score[Gender.MALE] += TITLE_WEIGHT * (word in MALE_WORDS)
        score[Gender.FEMALE] += TITLE_WEIGHT * (word in FEMALE_WORDS)
    parts = cluster.name.casefold().split()
    if len(parts) > 1:
        score[Gender.MALE] += NAME_WEIGHT * (parts[0] in MALE)
        score[Gender.FEMALE] += NAME_WEIGHT * (parts[0] in FEMALE)
    return Person(index, _decided(score), frozenset(ABBREVIATED.get(word, word) for word in nearby))


def _decided(score: Counter[Gender]) -> Gender:
    if score[Gender.MALE] == score[Gender.FEMALE]:
        return Gender.UNKNOWN
    return max((Gender.MALE, Gender.FEMALE), key=lambda gender: score[gender])


def _words_around(text: str, mention: NameSpan) -> list[str]:
    """Title and role words right before a name, and those of an apposition behind it."""
    before = CLAUSE_BREAK.split(text[max(0, mention.start - BEFORE) : mention.start].replace(". ", " "))[-1]
    found = _after_last_verb([word.casefold() for word in WORDS.findall(before)[-6:]])
    apposition = APPOSITION.match(text, mention.end, min(len(text), mention.end + AFTER))
    if apposition is not None:
        found += [word.casefold() for word in WORDS.findall(apposition["words"])[:8]]
    return found


def _after_last_verb(before: list[str]) -> list[str]:
    """The last words that can belong to the name's own phrase: cut behind words that stand between phrases.

    A title of address ends the phrase too: what stands before it is said of somebody else.
    """
    for index in range(len(before) - 1, -1, -1):
        if before[index] in ADDRESS:
            return before[index:]
        if before[index] in BETWEEN or before[index].endswith("ed"):
            return before[index + 1 :]
    return before


def _pronoun_votes(
    text: str, clusters: Sequence[Cluster], sentences: Sequence[tuple[int, int]]
) -> Counter[tuple[int, Gender]]:
    """Sentences that name one person and then say he or she, but not both."""
    named = sorted(
        (mention.start, mention.end, index)
        for index, cluster in enumerate(clusters)
        if cluster.type == "PERSON"
        for mention in cluster.mentions
        if mention.field == "text"
    )
    votes: Counter[tuple[int, Gender]] = Counter()
    position = 0
    for start, end in sentences:
        while position < len(named) and named[position][0] < start:
            position += 1
        here = []
        while position < len(named) and named[position][0] < end:
            here.append(named[position])
            position += 1
        if len({index for _, _, index in here}) != 1:
            continue
        later = {word.casefold() for word in WORDS.findall(text[here[0][1] : end])}
        if later & HE and not later & SHE:
            votes[(here[0][2], Gender.MALE)] += 1
        elif later & SHE and not later & HE:
            votes[(here[0][2], Gender.FEMALE)] += 1
    return votes
